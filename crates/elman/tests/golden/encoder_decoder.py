"""Writes encoder_decoder.safetensors: encoder-decoders in PyTorch, float64: logits, loss, attention and every gradient.

    pip install torch numpy safetensors && python encoder_decoder.py

Parameters have the names of Elman's modules and are stored as Elman keeps them, [inputs, outputs]. The encoder is torch's own layer over packed
sequences; the decoder is written out, step by step. The loss is the mean cross-entropy over the valid steps of the target, with label smoothing 0.1.
"""

import json
import math
import torch
from safetensors.torch import save_file
from torch.nn.functional import cross_entropy

B, S, T, E, H, SOURCE, TARGET = 3, 5, 4, 4, 3, 9, 8
SOURCE_LENGTHS, TARGET_LENGTHS = [4, 5, 2], [4, 2, 3]
GATES = {"simple_rnn": 1, "lstm": 4, "gru": 3}
TORCH = {"simple_rnn": torch.nn.RNN, "lstm": torch.nn.LSTM, "gru": torch.nn.GRU}


class Parameters(dict):
    def __init__(self, seed):
        super().__init__()
        self.generator = torch.Generator().manual_seed(seed)

    def draw(self, name, *shape):
        # Rounded to float32 as the file stores it, so that float64 results can be compared beyond float32.
        self[name] = (torch.randn(*shape, generator=self.generator) * 0.5).double().requires_grad_()

    def linear(self, name, inputs, outputs, bias=True):
        self.draw(f"{name}.weight", inputs, outputs)
        if bias:
            self.draw(f"{name}.bias", outputs)

    def recurrent(self, name, cell, inputs, layers, directions):
        width = GATES[cell] * H
        for k in range(layers * directions):
            self.draw(f"{name}.directions.{k}.weight_ih", inputs if k < directions else H * directions, width)
            self.draw(f"{name}.directions.{k}.weight_hh", H, width)
            self.draw(f"{name}.directions.{k}.bias_ih", width)
            if cell == "gru":
                self.draw(f"{name}.directions.{k}.bias_hh", width)

    def apply(self, name, x):
        y = x @ self[f"{name}.weight"]
        return y + self[f"{name}.bias"] if f"{name}.bias" in self else y


def torch_layer(p, name, cell, inputs, layers, directions):
    """torch's layer and its parameters, from ours."""
    layer = TORCH[cell](inputs, H, layers, batch_first=True, bidirectional=directions == 2).double()
    own = {}
    for k in range(layers * directions):
        suffix = f"l{k // directions}" + ("_reverse" if k % directions else "")
        part = f"{name}.directions.{k}"
        own |= {f"weight_ih_{suffix}": p[f"{part}.weight_ih"].T, f"weight_hh_{suffix}": p[f"{part}.weight_hh"].T,
                f"bias_ih_{suffix}": p[f"{part}.bias_ih"], f"bias_hh_{suffix}": p.get(f"{part}.bias_hh", torch.zeros(GATES[cell] * H).double())}
    return lambda x, state=None: torch.func.functional_call(layer, own, (x,) if state is None else (x, state))


def look(p, kind, query, memory, padding):
    """Context and weights of one step; query [B, H], memory [B, S, M]."""
    if kind == "bahdanau":
        keys = p.apply("decoder.attention.key", memory)
        scores = torch.tanh(p.apply("decoder.attention.query", query).unsqueeze(1) + keys) @ p["decoder.attention.vector"]
    else:
        keys = p.apply("decoder.attention.key", memory) if kind == "luong" else memory
        scores = (keys @ query.unsqueeze(2)).squeeze(2) / math.sqrt(query.shape[1])
    weights = scores.masked_fill(padding, float("-inf")).softmax(1)
    return (weights.unsqueeze(1) @ memory).squeeze(1), weights


def case(tensors, meta, name, cell, layers, directions, kind, tied):
    p = Parameters(len(meta) + 1)
    memory_size = H * directions
    p.draw("source_embedding.weight", SOURCE, E)
    p.recurrent("encoder", cell, E, layers, directions)
    states = 2 if cell == "lstm" else 1
    if directions == 2:
        for k in range(states * layers):
            p.linear(f"bridge.{k}", 2 * H, H)
    p.draw("decoder.embedding.weight", TARGET, E)
    inputs = E + (memory_size if kind == "bahdanau" else 0)
    p.recurrent("decoder.rnn", cell, inputs, layers, 1)
    if kind in ("luong", "bahdanau"):
        p.linear("decoder.attention.key", memory_size, H, bias=kind == "bahdanau")
    if kind == "bahdanau":
        p.linear("decoder.attention.query", H, H, bias=False)
        p.draw("decoder.attention.vector", H)
    reads = {"none": H, "luong": memory_size + H, "luong_dot": memory_size + H, "bahdanau": memory_size + H + E}[kind]
    gives = E if tied else H
    if kind != "none" or reads != gives:
        p.linear("decoder.readout", reads, gives)
    if tied:
        p.draw("decoder.output.bias", TARGET)
    else:
        p.linear("decoder.output.linear", gives, TARGET)

    source = torch.randint(1, SOURCE, (B, S), generator=p.generator)
    target = torch.randint(1, TARGET, (B, T), generator=p.generator)
    wanted = torch.randint(1, TARGET, (B, T), generator=p.generator)
    lengths = torch.tensor(SOURCE_LENGTHS)
    padding = torch.arange(S).unsqueeze(0) >= lengths.unsqueeze(1)
    packed = torch.nn.utils.rnn.pack_padded_sequence(p["source_embedding.weight"][source], lengths, batch_first=True, enforce_sorted=False)
    memory, last = torch_layer(p, "encoder", cell, E, layers, directions)(packed)
    memory = torch.nn.utils.rnn.pad_packed_sequence(memory, batch_first=True, total_length=S)[0]
    parts = list(last) if cell == "lstm" else [last]  # each [layers * directions, B, H]
    if directions == 2:
        parts = [torch.stack([torch.tanh(p.apply(f"bridge.{s * layers + l}", torch.cat([part[2 * l], part[2 * l + 1]], 1))) for l in range(layers)])
                 for s, part in enumerate(parts)]
    decoder = torch_layer(p, "decoder.rnn", cell, inputs, layers, 1)
    logits, attention = [], []
    for t in range(T):
        embedded = p["decoder.embedding.weight"][target[:, t]]
        state = tuple(parts) if cell == "lstm" else parts[0]
        if kind == "bahdanau":
            context, weights = look(p, kind, parts[0][-1], memory, padding)
            hidden, state = decoder(torch.cat([embedded, context], 1).unsqueeze(1), state)
        else:
            hidden, state = decoder(embedded.unsqueeze(1), state)
        hidden, parts = hidden.squeeze(1), list(state) if cell == "lstm" else [state]
        if kind.startswith("luong"):
            context, weights = look(p, kind, hidden, memory, padding)
        read = torch.cat(([] if kind == "none" else [context]) + [hidden] + [embedded] * (kind == "bahdanau"), 1)
        read = torch.tanh(p.apply("decoder.readout", read)) if "decoder.readout.weight" in p else read
        logits.append(read @ p["decoder.embedding.weight"].T + p["decoder.output.bias"] if tied else p.apply("decoder.output.linear", read))
        if kind != "none":
            attention.append(weights)
    logits = torch.stack(logits, 1)
    valid = torch.arange(T).unsqueeze(0) < torch.tensor(TARGET_LENGTHS).unsqueeze(1)
    loss = cross_entropy(logits[valid], wanted[valid], label_smoothing=0.1)
    loss.backward()
    save = {"source": source, "target": target, "wanted": wanted[valid], "logits": logits[valid], "loss": loss.reshape(1)}
    if attention:
        save["weights"] = torch.stack(attention, 1)
    for key, value in p.items():
        save |= {f"parameter.{key}": value, f"gradient.{key}": value.grad}
    for key, value in save.items():
        tensors[f"{name}/{key}"] = value.detach().float().contiguous()
    meta.append(dict(name=name, cell=cell, layers=layers, bidirectional=directions == 2, attention=kind, tied=tied))


def main():
    tensors, meta = {}, []
    for kind in ("none", "luong", "luong_dot", "bahdanau"):
        for cell, layers, directions, tied in (("lstm", 2, 2, False), ("gru", 1, 2, True), ("simple_rnn", 2, 1, True), ("lstm", 1, 1, False)):
            directions = 1 if kind == "luong_dot" else directions
            name = f"{kind}_{cell}_{layers}layer" + "_bidirectional" * (directions == 2) + "_tied" * tied
            case(tensors, meta, name, cell, layers, directions, kind, tied)
    sizes = dict(embedding_size=E, hidden_size=H, vocabularies=[SOURCE, TARGET], source_lengths=SOURCE_LENGTHS, target_lengths=TARGET_LENGTHS)
    save_file(tensors, "encoder_decoder.safetensors", {"cases": json.dumps(meta), "sizes": json.dumps(sizes), "torch": torch.__version__})
    print(len(meta), "cases with PyTorch", torch.__version__)


main()
