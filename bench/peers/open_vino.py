"""OpenVINO on the CPU, in f32."""

import argparse

import openvino

from peers.graph import Runtime
from peers.server import serve


class OpenVino(Runtime):
    def __init__(self, case, arrays, threads):
        self.core = openvino.Core()
        self.settings = {"INFERENCE_NUM_THREADS": threads, "PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": "f32"}
        super().__init__(case, arrays)

    def open(self, model):
        compiled = self.core.compile_model(self.core.read_model(model), "CPU", self.settings)
        request, outputs = compiled.create_infer_request(), range(len(compiled.outputs))

        def run(inputs):
            request.infer(inputs, share_inputs=True)
            # The buffers are the request's own; the states (all but the first) are handed back to it with the next step.
            output, *states = (request.get_output_tensor(index).data for index in outputs)
            return [output, *(state.copy() for state in states)]

        return run


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, required=True)
    threads = parser.parse_args().threads
    serve(lambda case, arrays: OpenVino(case, arrays, threads))


if __name__ == "__main__":
    main()
