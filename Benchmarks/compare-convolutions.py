#!/usr/bin/env python3
"""Compares the convolutions of Tidemark with those of PyTorch (oneDNN), side by side.

For every layer of `tidemark bench`, direction and number of threads the two take turns: tidemark, PyTorch,
tidemark, … PyTorch convolves float32 in channels-last layout, without a bias, as tidemark does.
A ratio above 1 means that tidemark is faster. Ratios are medians over the rounds.

PyTorch is wanted in a virtual environment:
    python3 -m venv .venv
    .venv/bin/pip install torch
    swift build -c release
    .venv/bin/python Benchmarks/compare-convolutions.py --output Reports
"""

import argparse
import os
import statistics
import sys

import peer
import torch

DIRECTIONS = ["forward", "data", "weights"]
COLUMNS = [
    "layer", "direction", "batch_size", "threads", "instruction_set", "gflops", "torch_gflops",
    "ratio", "limit_fraction", "torch_limit_fraction", "limit_gflops", "scratch_bytes",
]


def numbers(extent):
    return [int(number) for number in extent.split("x")]


class TorchLayer:
    """The passes of one layer in PyTorch."""

    def __init__(self, row):
        axes = 3 if numbers(row["input_extent"])[0] > 1 or numbers(row["kernel_extent"])[0] > 1 else 2
        if row["padding_before"] != row["padding_after"]:
            sys.exit(f"PyTorch has no convolution whose padding differs by side ({row['layer']}).")
        layout = torch.channels_last_3d if axes == 3 else torch.channels_last

        def tensor(*shape):
            return torch.randn(shape).contiguous(memory_format=layout)

        batch, groups = int(row["batch_size"]), int(row["groups"])
        inputs, outputs = int(row["input_channels"]), int(row["output_channels"])
        self.input = tensor(batch, inputs, *numbers(row["input_extent"])[-axes:])
        self.weights = tensor(outputs, inputs // groups, *numbers(row["kernel_extent"])[-axes:])
        self.settings = [numbers(row[name])[-axes:] for name in ("stride", "padding_before", "dilation")]
        self.groups = groups
        self.gradient = torch.randn_like(self.forward()).contiguous(memory_format=layout)

    def forward(self):
        return torch.ops.aten.convolution(
            self.input, self.weights, None, *self.settings, False, [0] * len(self.settings[0]), self.groups
        )

    def backward(self, mask):
        return torch.ops.aten.convolution_backward(
            self.gradient, self.input, self.weights, None, *self.settings, False,
            [0] * len(self.settings[0]), self.groups, mask,
        )

    def work(self, direction):
        return {
            "forward": self.forward,
            "data": lambda: self.backward([True, False, False]),
            "weights": lambda: self.backward([False, True, False]),
        }[direction]


def selection(arguments):
    """The options that choose what tidemark times."""
    options = []
    for layer in arguments.layer or []:
        options += ["--layer", layer]
    for model in arguments.model or []:
        options += ["--model", model]
    if arguments.batch_size:
        options += ["--batch-size", str(arguments.batch_size)]
    return options


def geometry(row):
    """How --layer spells the layer: its numbers, or its name where it has three axes."""
    if numbers(row["input_extent"])[0] > 1 or numbers(row["kernel_extent"])[0] > 1:
        return row["layer"]
    _, height, width = numbers(row["input_extent"])
    _, kernel_height, kernel_width = numbers(row["kernel_extent"])
    return ",".join(
        str(number)
        for number in [
            row["batch_size"], row["input_channels"], height, width, row["output_channels"],
            kernel_height, kernel_width, numbers(row["stride"])[-1],
            numbers(row["padding_before"])[-1], numbers(row["dilation"])[-1], row["groups"],
        ]
    )


def compare(arguments, row, threads):
    """Takes turns at all directions of one layer; a result for each direction."""
    torch.set_num_threads(threads)
    layer = TorchLayer(row)
    rounds = {direction: [] for direction in arguments.direction}
    for _ in range(arguments.rounds):
        ours = peer.run_tidemark(
            arguments,
            ["--layer", geometry(row), "--threads", str(threads), "--seconds", str(arguments.seconds),
             "--direction", *arguments.direction],
        )
        for line in ours:
            with torch.no_grad():
                theirs = peer.median_seconds(arguments, layer.work(line["direction"]))
            rounds[line["direction"]].append((line, peer.tidemark_seconds(arguments, line), theirs))
    return [result(row["layer"], threads, rounds[direction]) for direction in arguments.direction]


def result(name, threads, rounds):
    """One row: medians over the rounds."""
    line = rounds[0][0]
    work = float(line["flops"]) / 1e9
    memory_limits = [
        float(line["triad_gigabytes_per_second"]) * work / (float(line["traffic_bytes"]) / 1e9) for line, _, _ in rounds
    ]
    return {
        "layer": name, "direction": line["direction"], "batch_size": line["batch_size"],
        "threads": threads, "instruction_set": line["instruction_set"],
        "gflops": work / statistics.median(seconds for _, seconds, _ in rounds),
        "torch_gflops": work / statistics.median(seconds for _, _, seconds in rounds),
        "ratio": statistics.median(other / own for _, own, other in rounds),
        "scratch_bytes": line["scratch_bytes"], "memory_limit": max(memory_limits),
        "peak": max(float(line["peak_gflops"]) for line, _, _ in rounds),
    }


def add_limits(results):
    """The peak belongs to the machine: the highest of all turns with as many threads counts for every layer."""
    for r in results:
        peak = max(other["peak"] for other in results if other["threads"] == r["threads"])
        r["limit_gflops"] = min(peak, r["memory_limit"])
        r["limit_fraction"] = r["gflops"] / r["limit_gflops"]
        r["torch_limit_fraction"] = r["torch_gflops"] / r["limit_gflops"]


def table(results, arguments):
    """The results as Markdown: a row a layer and direction, then geometric means."""
    columns = ["layer", "direction", "threads", "tidemark GFLOP/s", "PyTorch GFLOP/s", "ratio",
               "tidemark of limit", "PyTorch of limit"]
    rows = [
        [r["layer"], r["direction"], str(r["threads"]), f"{r['gflops']:.1f}", f"{r['torch_gflops']:.1f}",
         f"{r['ratio']:.2f}", f"{100 * r['limit_fraction']:.0f} %", f"{100 * r['torch_limit_fraction']:.0f} %"]
        for r in results
    ]
    for threads in arguments.threads:
        for direction in arguments.direction:
            ratios = [r["ratio"] for r in results if (r["threads"], r["direction"]) == (threads, direction)]
            rows.append(["**geometric mean**", direction, str(threads), "", "",
                         f"**{peer.geometric_mean(ratios):.2f}**", "", ""])
    return peer.markdown(columns, rows)


def scaling(results):
    """A sentence on what the second thread brings."""
    single = {(r["layer"], r["direction"]): r["gflops"] for r in results if r["threads"] == 1}
    gains = [r["gflops"] / single[r["layer"], r["direction"]] for r in results
             if r["threads"] == 2 and (r["layer"], r["direction"]) in single]
    if not gains:
        return ""
    return (f"\nTwo threads are {peer.geometric_mean(gains):.2f} times as fast as one (geometric mean), "
            f"from {min(gains):.2f} to {max(gains):.2f}.\n")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    peer.add_common_arguments(parser)
    parser.add_argument("--layer", action="append", help="as for 'tidemark bench'; repeatable")
    parser.add_argument("--model", action="append", help="as for 'tidemark bench'; repeatable")
    parser.add_argument("--batch-size", type=int, help="for --model")
    parser.add_argument("--direction", nargs="+", choices=DIRECTIONS, default=DIRECTIONS)
    parser.add_argument("--threads", nargs="+", type=int, default=[1, 2])
    parser.add_argument(
        "--seconds", type=float, default=0.2, help="for each turn (default: %(default)s)")
    arguments = parser.parse_args()
    peer.begin(arguments)

    heading = peer.heading(arguments)
    print(heading, file=sys.stderr)
    # A run too short to measure anything tells which layers there are.
    layers = peer.run_tidemark(
        arguments, [*selection(arguments), "--direction", "forward", "--seconds", "0.00001"])
    results = []
    for threads in arguments.threads:
        for row in layers:
            for found in compare(arguments, row, threads):
                results.append(found)
                print(
                    f"{found['layer']:30} {found['direction']:8} {threads} threads "
                    f"{found['gflops']:7.1f} {found['torch_gflops']:7.1f} GFLOP/s, "
                    f"ratio {found['ratio']:5.2f}", file=sys.stderr, flush=True)
    add_limits(results)

    text = f"{heading}\n\n{table(results, arguments)}{scaling(results)}"
    print(text)
    peer.write(
        os.path.join(arguments.output, "peer-convolutions.csv"),
        peer.csv_text(COLUMNS, [[r[column] for column in COLUMNS] for r in results]))
    peer.write(os.path.join(arguments.output, "peer-convolutions.md"), text)


if __name__ == "__main__":
    main()
