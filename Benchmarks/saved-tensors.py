#!/usr/bin/env python3
"""Counts the bytes that PyTorch keeps for the backward pass of ResNet-50, with all of it or some of it trained.

Every tensor that autograd saves is seen by `torch.autograd.graph.saved_tensors_hooks`; each storage is counted once,
however many nodes save it. Parameters and buffers are left out, and so are images and labels: they are there anyway.
These are the bytes that tidemark calls `saved_bytes`:

    tidemark profile --model resnet50 --batch-size 64 --train-only fc --forecast-only

The network runs on the device `meta`, which computes shapes and no numbers: a batch of 64 takes seconds and no memory.
`--device cpu` computes (try `--batch-size 2`) and sees the same bytes, but for statistics that `meta` adds where frozen
normalisations lie behind what is trained (8 bytes a channel, 212 KB in all, at any batch size).

PyTorch is wanted in a virtual environment:
    python3 -m venv .venv
    .venv/bin/pip install torch
    .venv/bin/python Benchmarks/saved-tensors.py --output Reports
"""

import argparse
import os
import sys

import peer
import torch
from torch import nn

CLASSES = 1000
EXTENT = 224
COLUMNS = ["model", "batch_size", "trained", "frozen_statistics", "saved_bytes", "saved_tensors"]
# What is trained, by the beginnings of names of the module below; nothing is frozen where all are.
TRAINED = {
    "fc": ["fc."],
    "layer4,fc": ["layer4.", "fc."],
    "conv1,bn1": ["conv1.", "bn1."],
    "everything": [""],
}


class Bottleneck(nn.Module):
    """A 1x1, a 3x3 and a 1x1 convolution and a shortcut, as in torchvision's resnet50."""

    def __init__(self, inputs, channels, stride):
        super().__init__()
        outputs = 4 * channels
        self.conv1 = nn.Conv2d(inputs, channels, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, stride, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)
        self.conv3 = nn.Conv2d(channels, outputs, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(outputs)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = None
        if stride != 1 or inputs != outputs:
            self.downsample = nn.Sequential(
                nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x):
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.relu(self.bn2(self.conv2(out)))
        out = self.bn3(self.conv3(out))
        out += x if self.downsample is None else self.downsample(x)
        return self.relu(out)


class ResNet50(nn.Module):
    """The modules have torchvision's names."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(3, 2, 1)
        channels = 64
        for stage, count in enumerate([3, 4, 6, 3]):
            blocks = []
            for block in range(count):
                blocks.append(Bottleneck(channels, 64 << stage, 2 if stage and not block else 1))
                channels = 4 * (64 << stage)
            setattr(self, f"layer{stage + 1}", nn.Sequential(*blocks))
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(channels, CLASSES)

    def forward(self, x):
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(torch.flatten(self.avgpool(x), 1))


def freeze(network, prefixes, fixes_statistics):
    """Trains the parameters whose names begin with one of the prefixes, and freezes all others."""
    network.train()
    for name, parameter in network.named_parameters():
        parameter.requires_grad_(name.startswith(tuple(prefixes)))
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d) and fixes_statistics and not module.weight.requires_grad:
            module.eval()


def saved_tensors(device, batch_size, prefixes, fixes_statistics):
    """The bytes of every storage that a step keeps for its backward pass."""
    with torch.device(device):
        network = ResNet50()
        images = torch.rand(batch_size, 3, EXTENT, EXTENT)
        labels = torch.zeros(batch_size, dtype=torch.int64)
    freeze(network, prefixes, fixes_statistics)
    others = [*network.parameters(), *network.buffers(), images, labels]
    known = {tensor.untyped_storage()._cdata for tensor in others}
    # The storages themselves are held, so that none is given back and its number used again.
    saved = {}

    def pack(tensor):
        storage = tensor.untyped_storage()
        if storage._cdata not in known:
            saved[storage._cdata] = storage
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        loss = nn.functional.cross_entropy(network(images), labels)
    assert loss.requires_grad
    return [storage.nbytes() for storage in saved.values()]


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--device", choices=["meta", "cpu"], default="meta")
    parser.add_argument(
        "--output", default="Reports", help="the folder for the tables (default: %(default)s)")
    arguments = parser.parse_args()
    if arguments.batch_size < 2:
        sys.exit(f"--batch-size is {arguments.batch_size}; it must be at least 2.")
    os.makedirs(arguments.output, exist_ok=True)

    results = []
    for trained, prefixes in TRAINED.items():
        for fixes_statistics in [True, False] if trained != "everything" else [False]:
            sizes = saved_tensors(arguments.device, arguments.batch_size, prefixes, fixes_statistics)
            statistics = "-" if trained == "everything" else "running" if fixes_statistics else "of the batch"
            results.append(["resnet50", arguments.batch_size, trained, statistics, sum(sizes), len(sizes)])
    rows = [[r[2], r[3], f"{r[4]:,}", str(r[5])] for r in results]
    text = (
        f"PyTorch {torch.__version__}, resnet50, batch {arguments.batch_size}, images of {EXTENT}x{EXTENT}, "
        f"device {arguments.device}.\n\n"
        + peer.markdown(["trained", "statistics of frozen layers", "saved bytes", "saved tensors"], rows))
    print(text)
    peer.write(os.path.join(arguments.output, "peer-saved.csv"), peer.csv_text(COLUMNS, results))
    peer.write(os.path.join(arguments.output, "peer-saved.md"), text)


if __name__ == "__main__":
    main()
