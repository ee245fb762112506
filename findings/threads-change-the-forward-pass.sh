#!/bin/sh
# The number of threads changes the bits of a 1x1 convolution's output, even of deterministic algorithms.
#
# PyTorch 2.13.0, on the processor, float32. That gradients of weights, which are summed over a batch, depend on how
# threads share it may be expected; an output is a sum over channels that no other thread has a part in. Yet with the
# usual layout of memory (channels before pixels) the output of a 1x1 convolution differs between one thread and two in
# its last bits, and so do the gradients of its input; a 3x3 convolution's output does not, and neither does any in the
# channels-last layout. `torch.use_deterministic_algorithms(True)` changes nothing: it promises the same bits for the same
# number of threads only. Linear layers and batch normalisation keep their bits.
#
# Seen with kernels for AVX-512 and, held back by ONEDNN_MAX_CPU_ISA and MKL_ENABLE_INSTRUCTIONS, for AVX2; with those for
# SSE the 1x1 convolution differs in both layouts. Output seen:
#   1x1 differs
#   1x1, channels last, same
#   3x3 same
#   3x3, channels last, same
#   batch normalisation same
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check torch==2.13.0

cat > "$folder/threads.py" <<'PYTHON'
import warnings
warnings.filterwarnings("ignore")
import torch
from torch import nn

torch.use_deterministic_algorithms(True)
torch.manual_seed(0)
x = torch.randn(8, 32, 28, 28)


def compare(name, layer, x):
    outputs = []
    for threads in [1, 2]:
        torch.set_num_threads(threads)
        outputs.append(layer(x))
    same = torch.equal(*outputs)
    assert torch.allclose(*outputs, atol=1e-4)
    print(f"{name} {'same' if same else 'differs'}")


last = torch.channels_last
for extent in [1, 3]:
    layer = nn.Conv2d(32, 64, extent)
    compare(f"{extent}x{extent}", layer, x)
    compare(
        f"{extent}x{extent}, channels last,", layer.to(memory_format=last), x.contiguous(memory_format=last))
compare("batch normalisation", nn.BatchNorm2d(32), x)
PYTHON
"$folder/venv/bin/python" "$folder/threads.py" | tee "$folder/seen"

cat > "$folder/expected" <<'TEXT'
1x1 differs
1x1, channels last, same
3x3 same
3x3, channels last, same
batch normalisation same
TEXT
diff "$folder/expected" "$folder/seen"
