"""ONNX Runtime on the CPU."""

import argparse

import onnxruntime

from peers.graph import Runtime
from peers.server import serve


class OnnxRuntime(Runtime):
    def __init__(self, case, arrays, threads):
        self.threads = threads
        super().__init__(case, arrays)

    def open(self, model):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = self.threads
        options.inter_op_num_threads = 1
        session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        names = [input.name for input in session.get_inputs()]
        return lambda inputs: session.run(None, dict(zip(names, inputs)))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, required=True)
    threads = parser.parse_args().threads
    serve(lambda case, arrays: OnnxRuntime(case, arrays, threads))


if __name__ == "__main__":
    main()
