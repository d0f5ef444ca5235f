"""Writes pytorch.safetensors: outputs, states and every gradient of PyTorch's recurrent layers in float64.

    pip install torch numpy safetensors && python generate.py

The loss is sum(output * d_output) + sum(state * d_state), so d_output and d_state are the gradients that enter.
Weights are stored as Elman keeps them, [input_size, gates * hidden_size].
The cells that torch.nn lacks (identity activation, GRU that resets before the product, recurrent dropout mask)
are written out below, one step at a time, and differentiated by autograd.
"""

import itertools
import json
import torch
from safetensors.torch import save_file

B, T, I, H = 3, 5, 4, 3
LENGTHS = torch.tensor([3, 5, 2])
GATES = {"simple_rnn": 1, "simple_rnn_relu": 1, "simple_rnn_identity": 1, "lstm": 4, "gru": 3, "gru_before": 3}


def draw(generator, *shape):
    # Rounded to float32 as the file stores it, so that float64 results can be compared beyond float32.
    return (torch.randn(*shape, generator=generator) * 0.6).double()


def step(cell, x, h, c, w, mask):
    """One step from the equations; w = (ih, hh, b_ih, b_hh) in Elman's orientation."""
    operand = h * mask
    xs, hs = x @ w[0] + w[2], operand @ w[1] + w[3]
    if cell.startswith("simple_rnn"):
        pre = xs + hs
        h = {"simple_rnn": torch.tanh, "simple_rnn_relu": torch.relu}.get(cell, lambda v: v)(pre)
    elif cell == "lstm":
        i, f, g, o = (xs + hs).chunk(4, 1)
        c = f.sigmoid() * c + i.sigmoid() * g.tanh()
        h = o.sigmoid() * c.tanh()
    else:
        xr, xz, xn = xs.chunk(3, 1)
        hr, hz, hn = hs.chunk(3, 1)
        r, z = (xr + hr).sigmoid(), (xz + hz).sigmoid()
        if cell == "gru_before":
            hn = (r * operand) @ w[1][:, 2 * H:] + w[3][2 * H:]
            n = (xn + hn).tanh()
        else:
            n = (xn + r * hn).tanh()
        h = (1 - z) * n + z * h
    return h, c


def by_hand(cell, x, weights, lengths, h0, c0, reverse, mask):
    h, c, outputs = h0, c0, [None] * T
    for t in reversed(range(T)) if reverse else range(T):
        new_h, new_c = step(cell, x[:, t], h, c, weights, mask)
        active = (t < lengths).unsqueeze(1)
        h, c = torch.where(active, new_h, h), torch.where(active, new_c, c)
        outputs[t] = torch.where(active, new_h, torch.zeros_like(new_h))
    return torch.stack(outputs, 1), h, c


def with_torch(cell, layers, directions, x, weights, lengths, h0, c0):
    kind = {"simple_rnn": torch.nn.RNN, "simple_rnn_relu": torch.nn.RNN, "lstm": torch.nn.LSTM, "gru": torch.nn.GRU}[cell]
    extra = {"nonlinearity": "relu"} if cell == "simple_rnn_relu" else {}
    layer = kind(I, H, layers, batch_first=True, bidirectional=directions == 2, **extra).double()
    params = {}
    for k, (ih, hh, b_ih, b_hh) in enumerate(weights):
        suffix = f"l{k // directions}" + ("_reverse" if k % directions else "")
        params |= {f"weight_ih_{suffix}": ih.T, f"weight_hh_{suffix}": hh.T, f"bias_ih_{suffix}": b_ih, f"bias_hh_{suffix}": b_hh}
    state = (h0, c0) if cell == "lstm" else h0
    if lengths is not None:
        packed = torch.nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        output, state = torch.func.functional_call(layer, params, (packed, state))
        output = torch.nn.utils.rnn.pad_packed_sequence(output, batch_first=True, total_length=T)[0]
    else:
        output, state = torch.func.functional_call(layer, params, (x, state))
    return (output, *state) if cell == "lstm" else (output, state, c0)


def case(tensors, meta, name, cell, layers, directions, ragged, given, reverse=False, masked=False):
    g = torch.Generator().manual_seed(len(meta) + 1)
    lengths = LENGTHS if ragged else None
    x = draw(g, B, T, I).requires_grad_()
    weights = []
    for k in range(layers * directions):
        width, inputs = GATES[cell] * H, I if k < directions else H * directions
        weights.append([draw(g, inputs, width), draw(g, H, width), draw(g, width), draw(g, width)])
    h0, c0 = draw(g, layers * directions, B, H), draw(g, layers * directions, B, H)
    if not given:
        h0, c0 = torch.zeros_like(h0), torch.zeros_like(c0)
    d_output, d_h, d_c = draw(g, B, T, H * directions), draw(g, *h0.shape), draw(g, *c0.shape)
    mask = ((torch.rand(B, H, generator=g) < 0.6) / 0.6).double() if masked else torch.ones(B, H).double()
    leaves = [x, h0, c0] + [p for w in weights for p in w]
    for leaf in leaves:
        leaf.requires_grad_()
    plain = cell in ("simple_rnn", "simple_rnn_relu", "lstm", "gru") and not reverse and not masked
    if plain:
        output, h, c = with_torch(cell, layers, directions, x, weights, lengths, h0, c0)
    else:
        valid = lengths if ragged else torch.full((B,), T)
        output, h, c = by_hand(cell, x, weights[0], valid, h0[0], c0[0], reverse, mask)
        h, c = h.unsqueeze(0), c.unsqueeze(0)
    loss = (output * d_output).sum() + (h * d_h).sum() + ((c * d_c).sum() if cell == "lstm" else 0)
    loss.backward()
    save = {"input": x, "h0": h0, "d_output": d_output, "d_h": d_h, "output": output, "h": h, "grad.input": x.grad, "grad.h0": h0.grad}
    if cell == "lstm":
        save |= {"c0": c0, "d_c": d_c, "c": c, "grad.c0": c0.grad}
    if masked:
        save["mask"] = mask
    for k, w in enumerate(weights):
        for key, p in zip(("weight_ih", "weight_hh", "bias_ih", "bias_hh"), w):
            save |= {f"{k}.{key}": p, f"grad.{k}.{key}": p.grad}
    for key, value in save.items():
        tensors[f"{name}/{key}"] = value.detach().float().contiguous()
    meta.append(dict(name=name, cell=cell, layers=layers, directions=directions, reverse=reverse,
                     lengths=LENGTHS.tolist() if ragged else None, given=given))


def main():
    tensors, meta = {}, []
    for cell, layers, directions, ragged, given in itertools.product(
        ("simple_rnn", "lstm", "gru"), (1, 2), (1, 2), (False, True), (False, True)
    ):
        name = f"{cell}_{layers}layer" + "_bidirectional" * (directions == 2) + "_lengths" * ragged + "_state" * given
        case(tensors, meta, name, cell, layers, directions, ragged, given)
    case(tensors, meta, "simple_rnn_relu", "simple_rnn_relu", 1, 2, True, True)
    for cell in GATES:
        case(tensors, meta, f"{cell}_reverse_mask", cell, 1, 1, True, True, reverse=True, masked=True)
        case(tensors, meta, f"{cell}_by_hand", cell, 1, 1, False, True, reverse=cell == "gru")
        case(tensors, meta, f"{cell}_mask", cell, 1, 1, False, True, masked=True)
    save_file(tensors, "pytorch.safetensors", {"cases": json.dumps(meta), "torch": torch.__version__})
    print(len(meta), "cases with PyTorch", torch.__version__)


main()
