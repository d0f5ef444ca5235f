"""PyTorch's `nn.LSTM`, `nn.GRU` and `nn.RNN`, as they are or through `torch.compile`."""

import argparse

import torch

from peers.server import Layers, serve

KINDS = {"lstm": torch.nn.LSTM, "gru": torch.nn.GRU, "simple_rnn": torch.nn.RNN}


class PyTorch(Layers):
    def __init__(self, case, arrays, compiled=False):
        layer = KINDS[case.cell](case.input, case.hidden, case.layers, batch_first=True, bidirectional=case.directions == 2)
        tensors = {name: torch.from_numpy(array) for name, array in arrays.items()}
        layer.load_state_dict({name: tensors[name] for name in layer.state_dict()})
        self.layer = torch.compile(layer) if compiled else layer
        self.x = tensors["x"].requires_grad_()
        self.states = [tensors[name].requires_grad_() for name in case.states]
        self.d_output = tensors["d_output"]
        self.leaves = {"x": self.x, **dict(zip(case.states, self.states)), **dict(layer.named_parameters())}
        self.steps = [self.x.detach()[:, t : t + 1].clone() for t in range(case.time)]
        self.zero = self.packed([torch.zeros(case.layers, case.batch, case.hidden) for _ in case.states])

    def packed(self, states):
        return tuple(states) if len(states) == 2 else states[0]

    def forward(self):
        with torch.inference_mode():
            return self.layer(self.x, self.packed(self.states))[0]

    def train(self):
        output, _ = self.layer(self.x, self.packed(self.states))
        return torch.autograd.grad(output, list(self.leaves.values()), self.d_output)

    def begin(self):
        self.state = self.zero

    def step(self, t):
        with torch.inference_mode():
            output, self.state = self.layer(self.steps[t], self.state)
        return output

    def array(self, output):
        return output.numpy()

    def gradients(self, gradients):
        return {name: gradient.numpy() for name, gradient in zip(self.leaves, gradients)}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--compile", action="store_true")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.set_num_interop_threads(1)
    if arguments.compile:
        torch._dynamo.config.allow_rnn = True  # otherwise it leaves recurrent layers alone
    serve(lambda case, arrays: PyTorch(case, arrays, arguments.compile))


if __name__ == "__main__":
    main()
