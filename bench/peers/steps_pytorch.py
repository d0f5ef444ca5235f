"""Whole training steps as a user of PyTorch writes them: modules, optimizer and clipping of its own, eager."""

import argparse

import torch
from torch import nn

from peers.steps import Batch, serve


class Network(nn.Module):
    """An optional embedding, recurrent layers, a linear map of the last step or of every step."""

    def __init__(self, batch, dropout, last):
        super().__init__()
        table, weight = batch.only("Embedding.weight"), batch.only("linear.weight")
        layers = batch.recurrent()
        inputs, hidden = layers[0][0].shape[0], layers[0][1].shape[0]
        gates = layers[0][1].shape[1] // hidden
        self.last = last
        self.embedding = nn.Embedding(*table.shape) if table is not None else nn.Identity()
        self.dropout = nn.Dropout(dropout)
        kind = {1: nn.RNN, 4: nn.LSTM}[gates]
        between = dropout if len(layers) > 1 else 0.0
        self.recurrent = kind(inputs, hidden, len(layers), batch_first=True, dropout=between)
        self.head = nn.Linear(*weight.shape)
        with torch.no_grad():
            if table is not None:
                self.embedding.weight.copy_(torch.from_numpy(table))
            for index, arrays in enumerate(layers):
                for name, array in zip(["weight_ih", "weight_hh", "bias_ih", "bias_hh"], arrays):
                    getattr(self.recurrent, f"{name}_l{index}").copy_(torch.from_numpy(array).T)
            self.head.weight.copy_(torch.from_numpy(weight).T)
            self.head.bias.copy_(torch.from_numpy(batch.only("linear.bias")))

    def forward(self, x, state):
        x, state = self.recurrent(self.dropout(self.embedding(x)), state)
        x = x[:, -1] if self.last else self.dropout(x)
        return self.head(x), state


def detached(state):
    return tuple(part.detach() for part in state) if isinstance(state, tuple) else state.detach()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("file")
    parser.add_argument("--optimizer", choices=["adam", "rmsprop", "sgd"], required=True)
    parser.add_argument("--rate", type=float, required=True)
    parser.add_argument("--clip", type=float)
    parser.add_argument("--dropout", type=float, default=0.0)
    parser.add_argument("--stateful", action="store_true")
    parser.add_argument("--threads", type=int, required=True)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    batch = Batch(arguments.file)
    x, y = torch.from_numpy(batch.input), torch.from_numpy(batch.target)
    classifies = not y.is_floating_point()
    model = Network(batch, arguments.dropout, last=not classifies)
    optimizer = {
        "adam": lambda parameters: torch.optim.Adam(parameters, lr=arguments.rate, eps=1e-7),
        "rmsprop": lambda parameters: torch.optim.RMSprop(parameters, lr=arguments.rate, alpha=0.9, eps=1e-7),
        "sgd": lambda parameters: torch.optim.SGD(parameters, lr=arguments.rate),
    }[arguments.optimizer](model.parameters())
    criterion = nn.CrossEntropyLoss() if classifies else nn.MSELoss()
    state = None

    def begin():
        nonlocal state
        state = None

    def step():
        nonlocal state
        optimizer.zero_grad()
        answer, after = model(x, state)
        loss = criterion(answer.flatten(0, 1), y.flatten()) if classifies else criterion(answer, y)
        loss.backward()
        if arguments.clip:
            nn.utils.clip_grad_norm_(model.parameters(), arguments.clip)
        optimizer.step()
        if arguments.stateful:
            state = detached(after)
        return loss.item()

    serve(begin, step)


main()
