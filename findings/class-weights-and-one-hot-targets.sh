#!/bin/sh
# With class weights, cross-entropy of labels and of the same labels as one-hot probabilities are two different losses.
#
# PyTorch 2.13.0. Without weights the two spellings agree. With `weight=` the mean over labels is divided by the sum of
# the labels' weights, and the mean over probabilities by the number of samples: here by 7.5 and by 5. Whoever turns to
# probabilities (mixing of samples, a teacher, smoothing by hand) changes the scale of loss and gradient, by a factor that
# differs from batch to batch. `label_smoothing=` keeps the first rule, so that smoothing by hand is not the same either.
#
# Output seen:
#   no weights: labels 1.42465, one-hot 1.42465
#   weights: labels 1.41613, one-hot 2.1242, ratio 1.5
#   weights, smoothed: label_smoothing 1.39991, by hand 2.09986
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check torch==2.13.0

cat > "$folder/losses.py" <<'PYTHON'
import warnings
warnings.filterwarnings("ignore")
import torch
from torch.nn.functional import cross_entropy, one_hot

scores = torch.tensor(
    [[-1.0, -2.0, 0.0], [-3.0, -1.0, 0.0], [-2.0, -1.0, 0.0], [-1.0, -1.0, 0.0], [0.0, -2.0, -1.0]],
    dtype=torch.float64)
labels = torch.tensor([0, 1, 0, 1, 0])
weights = torch.tensor([2.0, 0.75, 1.0], dtype=torch.float64)
probabilities = one_hot(labels, 3).double()


def text(value):
    return f"{value.item():.6g}"


plain = cross_entropy(scores, labels), cross_entropy(scores, probabilities)
print(f"no weights: labels {text(plain[0])}, one-hot {text(plain[1])}")
weighted = cross_entropy(scores, labels, weights), cross_entropy(scores, probabilities, weights)
ratio = weighted[1] / weighted[0]
print(f"weights: labels {text(weighted[0])}, one-hot {text(weighted[1])}, ratio {text(ratio)}")
smooth = 0.1
smoothed = (1 - smooth) * probabilities + smooth / 3
option = cross_entropy(scores, labels, weights, label_smoothing=smooth)
print(f"weights, smoothed: label_smoothing {text(option)}, by hand {text(cross_entropy(scores, smoothed, weights))}")
assert torch.allclose(ratio, weights[labels].sum() / len(labels))
PYTHON
"$folder/venv/bin/python" "$folder/losses.py" | tee "$folder/seen"

cat > "$folder/expected" <<'TEXT'
no weights: labels 1.42465, one-hot 1.42465
weights: labels 1.41613, one-hot 2.1242, ratio 1.5
weights, smoothed: label_smoothing 1.39991, by hand 2.09986
TEXT
diff "$folder/expected" "$folder/seen"
