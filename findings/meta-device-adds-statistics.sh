#!/bin/sh
# The device `meta` counts statistics for a batch normalisation in evaluation that the processor does not keep.
#
# PyTorch 2.13.0. `meta` computes shapes without numbers, and so serves to foretell memory. Of a normalisation in
# evaluation the processor saves its input and two empty tensors; `meta` says that these two have a value a channel. So
# figures from `meta` are too high for networks whose normalisations are frozen, by 8 bytes a channel each (212 KB for the
# 53 of ResNet-50), and a comparison of shapes, node by node, fails. In training the two agree.
#
# Output seen:
#   training: cpu (8,) (8,), meta (8,) (8,)
#   evaluation: cpu (0,) (0,), meta (8,) (8,)
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check torch==2.13.0

cat > "$folder/shapes.py" <<'PYTHON'
import warnings
warnings.filterwarnings("ignore")
import torch
from torch import nn


def saved(device, training):
    """The shapes of the statistics that a batch normalisation saves besides its input."""
    layer = nn.BatchNorm2d(8, device=device).train(training)
    x = torch.zeros(4, 8, 6, 6, device=device, requires_grad=True)
    node = layer(x).grad_fn
    return f"{tuple(node._saved_result1.shape)} {tuple(node._saved_result2.shape)}"


for training in [True, False]:
    name = "training" if training else "evaluation"
    print(f"{name}: cpu {saved('cpu', training)}, meta {saved('meta', training)}")
PYTHON
"$folder/venv/bin/python" "$folder/shapes.py" | tee "$folder/seen"

cat > "$folder/expected" <<'TEXT'
training: cpu (8,) (8,), meta (8,) (8,)
evaluation: cpu (0,) (0,), meta (8,) (8,)
TEXT
diff "$folder/expected" "$folder/seen"
