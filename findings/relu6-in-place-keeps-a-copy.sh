#!/bin/sh
# nn.ReLU6(inplace=True) keeps as much for the backward pass as nn.ReLU6(): a private copy of its input.
#
# PyTorch 2.13.0, on the processor. Convolution, batch normalisation, activation, convolution: what stands for the
# backward pass, in maps of the activation's size. ReLU and LeakyReLU in place keep their output alone, which the
# convolution behind them reads anyway: two maps (the normalisation's input is the other). One would expect the same of
# ReLU6, whose gradient too follows from its output. But it keeps its input, and written in place it first copies it, as
# SiLU and Hardswish do: three maps, and the memory of the copy on top. MobileNetV2 is usually written that way.
#
# Output seen:
#   ReLU 2, in place 2
#   LeakyReLU 3, in place 2
#   ReLU6 3, in place 3
#   SiLU 3, in place 3
#   Hardswish 3, in place 3
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check torch==2.13.0

cat > "$folder/kept.py" <<'PYTHON'
import warnings
warnings.filterwarnings("ignore")
import torch
from torch import nn


def kept(activation):
    """The bytes that autograd saves, over those of a map; parameters, statistics and the input left out."""
    network = nn.Sequential(
        nn.Conv2d(8, 8, 3, padding=1, bias=False), nn.BatchNorm2d(8), activation, nn.Conv2d(8, 8, 1))
    x = torch.randn(4, 8, 16, 16)
    known = {t.untyped_storage()._cdata for t in [x, *network.parameters(), *network.buffers()]}
    storages = {}

    def pack(tensor):
        storage = tensor.untyped_storage()
        if storage._cdata not in known:
            storages[storage._cdata] = storage
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        result = network(x)
    return round(sum(s.nbytes() for s in storages.values()) / x.untyped_storage().nbytes())


for kind in [nn.ReLU, nn.LeakyReLU, nn.ReLU6, nn.SiLU, nn.Hardswish]:
    print(f"{kind.__name__} {kept(kind())}, in place {kept(kind(inplace=True))}")
PYTHON
"$folder/venv/bin/python" "$folder/kept.py" | tee "$folder/seen"

cat > "$folder/expected" <<'TEXT'
ReLU 2, in place 2
LeakyReLU 3, in place 2
ReLU6 3, in place 3
SiLU 3, in place 3
Hardswish 3, in place 3
TEXT
diff "$folder/expected" "$folder/seen"
