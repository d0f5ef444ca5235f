"""Writes vision.json and vision.safetensors: what torchvision's networks see and say, and small files of PyTorch to read back.

    pip install torch torchvision numpy safetensors && python vision.py

No weights are kept: number k of a tensor is made of the tensor's name and k, as tests/vision.rs makes it. Networks run in float64 on
one made-up picture of 64 x 64. vision.json has every network's tensors with their shapes; vision.safetensors its logits, its features
(every 7th number), and what its last two blocks read (every 97th).
"""

import json
import zipfile
from pathlib import Path

import numpy as np
import torch
import torchvision
from safetensors.numpy import save_file

NETWORKS = ["squeezenet1_0", "squeezenet1_1", "resnet18", "resnet34", "resnet50", "resnet101", "resnet152", "mobilenet_v2"]
SIDE = 64


def drawn(name, count):
    """Numbers from 0 to 1, exact in float32: splitmix64 of FNV-1a of the name and the place."""
    start = 0xCBF29CE484222325
    for byte in name.encode():
        start = (start ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    with np.errstate(over="ignore"):
        z = np.uint64(start) + np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
    return (z >> np.uint64(40)).astype(np.float64) / 2**24


def made(name, shape, normalised):
    values = drawn(name, int(np.prod(shape)))
    if len(shape) > 1:  # He et al. (2015)
        least, most = -np.sqrt(6 / np.prod(shape[1:])), np.sqrt(6 / np.prod(shape[1:]))
    elif name.endswith("running_var"):
        least, most = 0.5, 1.5
    elif name.endswith("weight") and normalised:
        least, most = 0.3, 0.9
    else:
        least, most = -0.3, 0.3
    return (least + (most - least) * values).astype(np.float32).reshape(shape)


def picture():
    return (made("picture", [1, 3, SIDE * SIDE], False) * np.sqrt(2 * SIDE * SIDE)).reshape(1, 3, SIDE, SIDE).astype(np.float32)


def run(name):
    network = getattr(torchvision.models, name)(weights=None)
    shapes = {key: list(value.shape) for key, value in network.state_dict().items() if value.is_floating_point()}
    state = {key: torch.from_numpy(made(key, shape, True)) for key, shape in shapes.items()}
    network.load_state_dict(state, strict=False)
    network = network.double().eval()
    pixels = torch.from_numpy(picture()).double()
    with torch.no_grad():
        if name.startswith("resnet"):
            stem = torch.nn.Sequential(network.conv1, network.bn1, network.relu, network.maxpool)
            layers = [network.layer1, network.layer2, network.layer3, network.layer4]
            blocks = [stem] + [block for layer in layers for block in layer]
        else:
            # What has no weights belongs to the block before it.
            blocks = []
            for block in network.features:
                if list(block.parameters()):
                    blocks.append(torch.nn.Sequential(block))
                else:
                    blocks[-1].append(block)
        seen = [pixels]
        for block in blocks:
            seen.append(block(seen[-1]))
        logits = network(pixels)
    print(name, len(blocks), list(seen[-1].shape), float(seen[-1].abs().max()), float(logits.abs().max()))
    numbers = {
        f"{name}.logits": logits.flatten(),
        f"{name}.features": seen[-1].flatten()[::7],
        f"{name}.before": seen[-3].flatten()[::97],
    }
    numbers = {key: value.float().numpy().copy() for key, value in numbers.items()}
    about = {
        "blocks": len(blocks),
        "features": list(seen[-1].shape),
        "before": list(seen[-3].shape),
        "tensors": shapes,
    }
    return about, numbers


def small_files():
    """A state dict of everything that may stand in one, as a zip file and as the format before 1.6; one of another byte order."""
    values = torch.arange(6).reshape(2, 3)
    state = {
        "single": values / 4 - 0.5,
        "half": (values / 8).half(),
        "brain": (values * 3 + 1).bfloat16(),
        "double": values.double() / 3,
        "batches": torch.tensor(7),
        "turned": (values * 2.0).T,
        "part": (values * 10.0)[1, 1:],
    }
    nested = {"epoch": 3, "state_dict": state, "optimizer": {"momentum": {0: torch.ones(4)}}}
    torch.save(nested, "small.pth")
    torch.save({f"module.{name}": value for name, value in state.items()}, "legacy.pth", _use_new_zipfile_serialization=False)
    with zipfile.ZipFile("small.pth") as whole, zipfile.ZipFile("big_endian.pth", "w") as other:
        for entry in whole.infolist():
            content = b"big" if entry.filename.endswith("byteorder") else whole.read(entry)
            other.writestr(entry.filename, content)


def main():
    about, numbers = {}, {}
    for name in NETWORKS:
        about[name], found = run(name)
        numbers |= found
    lines = []
    for name, network in about.items():
        tensors = ",\n  ".join(f"{json.dumps(key)}: {json.dumps(shape, separators=(',', ':'))}" for key, shape in network.pop("tensors").items())
        head = json.dumps(network)[1:-1]
        lines.append(f'{json.dumps(name)}: {{{head}, "tensors": {{\n  {tensors}}}}}')
    Path("vision.json").write_text("{" + ",\n".join(lines) + "}\n")
    save_file(numbers, "vision.safetensors")
    small_files()


if __name__ == "__main__":
    main()
