#!/bin/sh
# Group normalisation of single values yields magnified rounding errors instead of 0, and is refused for one sample only.
#
# PyTorch 2.13.0, on the processor, float32. A group of one value has the mean of that value and no variance, so its
# normalised value is 0. GroupNorm says so for a batch of one sample by an error ("Expected more than 1 value per
# channel"), although it normalises every sample by itself; for two samples it computes x·s + (-mean·s) with s = 1/√eps,
# about 316, where both terms are rounded: values around 100,000 come out as up to 4, values around 1,000 as 0.02. They
# look like features and are noise, which the layers behind are trained on. LayerNorm of the same gives 0 exactly.
# This happens where maps have shrunk to one pixel and there are as many groups as channels.
#
# Output seen (the third line's figure depends on the processor):
#   one sample: ValueError
#   layer normalisation: 0
#   group normalisation: up to 3.99, more than 0.5
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check torch==2.13.0

cat > "$folder/single.py" <<'PYTHON'
import sys
import warnings
warnings.filterwarnings("ignore")
import torch
from torch import nn

torch.manual_seed(0)
x = 1e5 * torch.randn(2, 64, 1, 1)
layer = nn.GroupNorm(64, 64)
try:
    layer(x[:1])
    print("one sample: accepted")
except ValueError:
    print("one sample: ValueError")
print(f"layer normalisation: {nn.functional.layer_norm(x, [1]).abs().max().item():g}")
largest = layer(x).abs().max().item()
print(f"group normalisation: up to {largest:.3g}", file=sys.stderr)
print(f"group normalisation: {'more' if largest > 0.5 else 'not more'} than 0.5")
PYTHON
"$folder/venv/bin/python" "$folder/single.py" | tee "$folder/seen"

cat > "$folder/expected" <<'TEXT'
one sample: ValueError
layer normalisation: 0
group normalisation: more than 0.5
TEXT
diff "$folder/expected" "$folder/seen"
