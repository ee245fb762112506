#!/usr/bin/env python3
"""Writes siamese.safetensors: gradients of networks that use one convolutional body on two images, from PyTorch.

Each sample holds two images, one a channel. The body (a convolution, batch normalisation, ReLU, a convolution with
stride 2, ReLU) runs on the first and then on the second, with the same parameters; its running statistics take in both
batches, one after the other. The two results are joined, averaged over their pixels and classified. All arithmetic is
in float64, from inputs and parameters that float32 represents exactly.

    python3 -m venv .venv
    .venv/bin/pip install torch==2.13.0 safetensors
    .venv/bin/python Tests/Oracles/siamese.py
"""

import json
import os

import torch
from safetensors.torch import save_file
from torch import nn

CASES = [
    {"name": "siamese_concatenate", "network": "siamese", "batch": 6, "size": [9, 9], "channels": [6, 4],
     "classes": 10, "join": "concatenate", "bn_eps": 1e-05, "bn_momentum": 0.1},
    {"name": "siamese_subtract", "network": "siamese", "batch": 5, "size": [12, 7], "channels": [5, 8],
     "classes": 3, "join": "subtract", "bn_eps": 0.001, "bn_momentum": 0.3},
]
# As of the networks of networks.safetensors.
TOLERANCES = {"loss": 5e-06, "grad_l2": 3e-4, "running": 1e-4}
# No argument of a ReLU may be nearer to 0: float32 could fall to the other side.
LEAST_MAGNITUDE = 2e-5
# Ours by PyTorch's.
PARAMETERS = {
    "body.conv1.w": "conv1.weight",
    "body.bn1.gamma": "bn1.weight", "body.bn1.beta": "bn1.bias",
    "body.conv2.w": "conv2.weight", "body.conv2.b": "conv2.bias",
    "fc.w": "fc.weight", "fc.b": "fc.bias",
}
STATISTICS = {"body.bn1.running_mean": "bn1.running_mean", "body.bn1.running_var": "bn1.running_var"}


class Siamese(nn.Module):
    def __init__(self, case):
        super().__init__()
        first, second = case["channels"]
        self.join = case["join"]
        self.conv1 = nn.Conv2d(1, first, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(first, eps=case["bn_eps"], momentum=case["bn_momentum"])
        self.conv2 = nn.Conv2d(first, second, 3, stride=2)
        self.fc = nn.Linear(2 * second if self.join == "concatenate" else second, case["classes"])
        self.nearest = float("inf")

    def rectify(self, x):
        self.nearest = min(self.nearest, x.abs().min().item())
        return torch.relu(x)

    def body(self, x):
        return self.rectify(self.conv2(self.rectify(self.bn1(self.conv1(x)))))

    def forward(self, pairs):
        first, second = self.body(pairs[:, :1]), self.body(pairs[:, 1:])
        joined = torch.cat([first, second], 1) if self.join == "concatenate" else first - second
        return self.fc(joined.mean((2, 3)))


def tensors(case):
    """The tensors of a case; the first seed with which no argument of a ReLU is too near 0."""
    for seed in range(1000):
        torch.manual_seed(seed)
        network = Siamese(case)
        nn.init.uniform_(network.bn1.weight, 0.5, 1.5)
        nn.init.uniform_(network.bn1.bias, -0.5, 0.5)
        images = torch.randn(case["batch"], 2, *case["size"])
        labels = torch.randint(0, case["classes"], (case["batch"],))
        network.double()
        initial = {ours: network.get_parameter(theirs).detach().clone() for ours, theirs in PARAMETERS.items()}
        loss = nn.functional.cross_entropy(network(images.double()), labels)
        loss.backward()
        if network.nearest > LEAST_MAGNITUDE:
            break
    found = {"x": images, "labels": labels, "loss": loss.detach().reshape(1)}
    found |= {f"init/{ours}": value for ours, value in initial.items()}
    found |= {f"grad/{ours}": network.get_parameter(theirs).grad for ours, theirs in PARAMETERS.items()}
    found |= {f"final/{ours}": network.get_buffer(theirs) for ours, theirs in STATISTICS.items()}
    print(f"{case['name']}: seed {seed}, loss {loss.item():.6f}, nearest to a kink {network.nearest:.1e}")
    return {
        f"{case['name']}/{name}": (value if value.dtype == torch.int64 else value.float()).contiguous()
        for name, value in found.items()}


def main():
    assert torch.__version__.startswith("2.13.0"), torch.__version__
    contents = {}
    for case in CASES:
        contents |= tensors(case)
    cases = [
        case | {"parameters": list(PARAMETERS), "running_statistics": list(STATISTICS), "tol": TOLERANCES}
        for case in CASES]
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "siamese.safetensors")
    save_file(contents, path, metadata={"cases": json.dumps(cases)})


if __name__ == "__main__":
    main()
