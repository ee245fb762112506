#!/usr/bin/env python3
"""Compares whole training steps of Tidemark with those of PyTorch, side by side.

A step is forward pass, backward pass and an update by gradient descent with momentum, on images of 28x28x1 in ten
classes. The two take turns: tidemark, PyTorch, tidemark, … PyTorch trains the same network in float32 and
channels-last layout. A ratio above 1 means that tidemark is faster; it is the median over the rounds.

PyTorch is wanted in a virtual environment:
    python3 -m venv .venv
    .venv/bin/pip install torch
    swift build -c release
    .venv/bin/python Benchmarks/compare-steps.py --output Reports
"""

import argparse
import os
import statistics
import sys

import peer
import torch
from torch import nn

# Model and batch size.
DEFAULT_STEPS = [("resnet18", 64), ("vgg8", 128)]
CLASSES = 10
COLUMNS = ["model", "batch_size", "threads", "instruction_set", "step_seconds", "torch_step_seconds", "ratio"]


class BasicBlock(nn.Module):
    """Two 3x3 convolutions and a shortcut, as in tidemark's residual networks."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(inplace=True),
            nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False), nn.BatchNorm2d(outputs),
        )
        self.shortcut = nn.Identity()
        if stride != 1 or inputs != outputs:
            self.shortcut = nn.Sequential(
                nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x):
        return torch.relu_(self.body(x) + self.shortcut(x))


def residual(width, blocks_per_stage):
    layers = [nn.Conv2d(1, width, 3, 1, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU(inplace=True)]
    channels = width
    for stage, count in enumerate(blocks_per_stage):
        for block in range(count):
            layers.append(BasicBlock(channels, width << stage, 2 if stage and not block else 1))
            channels = width << stage
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, CLASSES))


def vgg8():
    layers, channels = [], 1
    for width in (32, 64):
        for _ in range(2):
            layers += [nn.Conv2d(channels, width, 3, padding=1), nn.ReLU(inplace=True)]
            channels = width
        layers.append(nn.MaxPool2d(2))
    layers += [nn.Conv2d(channels, 128, 3, padding=1), nn.ReLU(inplace=True)]
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(128, CLASSES))


MODELS = {
    "vgg8": vgg8,
    "resnet8": lambda: residual(16, [1, 1, 1]),
    "resnet18": lambda: residual(64, [2, 2, 2, 2]),
}


def torch_step(model, batch_size):
    """A function that trains one step."""
    network = MODELS[model]().to(memory_format=torch.channels_last).train()
    optimizer = torch.optim.SGD(network.parameters(), lr=0.05, momentum=0.9)
    images = torch.randn(batch_size, 1, 28, 28).contiguous(memory_format=torch.channels_last)
    labels = torch.randint(0, CLASSES, (batch_size,))

    def step():
        optimizer.zero_grad(set_to_none=True)
        nn.functional.cross_entropy(network(images), labels).backward()
        optimizer.step()

    return step


def compare(arguments, model, batch_size, threads):
    """Takes turns at the steps of one model and returns a row."""
    torch.set_num_threads(threads)
    step = torch_step(model, batch_size)
    rounds = []
    for _ in range(arguments.rounds):
        ours = peer.run_tidemark(
            arguments,
            ["--step", model, "--batch-size", str(batch_size), "--threads", str(threads),
             "--seconds", str(arguments.seconds), "--placement", arguments.placement],
            report="steps.csv",
        )[0]
        theirs = peer.median_seconds(arguments, step, least=5)
        rounds.append((peer.tidemark_seconds(arguments, ours), theirs))
    return {
        "model": model, "batch_size": batch_size, "threads": threads,
        "instruction_set": ours["instruction_set"],
        "step_seconds": statistics.median(seconds for seconds, _ in rounds),
        "torch_step_seconds": statistics.median(seconds for _, seconds in rounds),
        "ratio": statistics.median(other / own for own, other in rounds),
    }


def model_and_batch(text):
    model, _, batch = text.partition(":")
    if model not in MODELS or not batch.isdigit() or int(batch) < 1:
        raise argparse.ArgumentTypeError(
            f"'{text}' is not a model of {', '.join(MODELS)} with a batch size, such as resnet18:64")
    return model, int(batch)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    peer.add_common_arguments(parser)
    parser.add_argument(
        "--step", nargs="+", type=model_and_batch, default=DEFAULT_STEPS, metavar="MODEL:BATCH",
        help="models and batch sizes (default: resnet18:64 vgg8:128)")
    parser.add_argument(
        "--placement", choices=["blocks", "slab"], default="slab",
        help="how tidemark lays out a step's memory; a slab is kept from step to step, as PyTorch keeps memory "
        "with --keep-memory (default: %(default)s)")
    parser.add_argument("--threads", nargs="+", type=int, default=[2])
    parser.add_argument(
        "--seconds", type=float, default=3, help="for each turn, at least five steps (default: %(default)s)")
    arguments = parser.parse_args()
    peer.begin(arguments)

    heading = f"{peer.heading(arguments)} tidemark's steps in {arguments.placement}."
    print(heading, file=sys.stderr)
    results = []
    for threads in arguments.threads:
        for model, batch_size in arguments.step:
            results.append(compare(arguments, model, batch_size, threads))
    rows = [
        [r["model"], str(r["batch_size"]), str(r["threads"]), f"{1000 * r['step_seconds']:.0f}",
         f"{1000 * r['torch_step_seconds']:.0f}", f"{r['ratio']:.2f}"]
        for r in results
    ]
    text = heading + "\n\n" + peer.markdown(
        ["model", "batch size", "threads", "tidemark ms", "PyTorch ms", "ratio"], rows)
    print(text)
    peer.write(
        os.path.join(arguments.output, "peer-steps.csv"),
        peer.csv_text(COLUMNS, [[r[column] for column in COLUMNS] for r in results]))
    peer.write(os.path.join(arguments.output, "peer-steps.md"), text)


if __name__ == "__main__":
    main()
