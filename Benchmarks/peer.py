"""What the two peer comparisons share: running tidemark, timing PyTorch, writing tables."""

import csv
import ctypes
import io
import math
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time

try:
    import torch
except ImportError:
    sys.exit(
        "This comparison needs PyTorch: python3 -m venv .venv && .venv/bin/pip install torch, "
        "then run it with .venv/bin/python."
    )

REPOSITORY = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def add_common_arguments(parser):
    parser.add_argument(
        "--tidemark",
        default=os.path.join(REPOSITORY, ".build", "release", "tidemark"),
        help="the program to compare; by default what 'swift build -c release' builds",
    )
    parser.add_argument(
        "--output", default="Reports", help="the folder for the tables (default: %(default)s)"
    )
    parser.add_argument(
        "--rounds",
        type=int,
        default=5,
        help="how often the two take turns at each measurement (default: %(default)s)",
    )
    parser.add_argument(
        "--processor-time",
        action="store_true",
        help="compare the processor time of each program's calling thread instead of wall time: for machines "
        "that other programs keep busy; it leaves out what that thread waits asleep",
    )
    parser.add_argument(
        "--keep-memory",
        action="store_true",
        help="let PyTorch's process keep the memory that it frees; without it, the C library gives large "
        "tensors back to the system, and PyTorch pays for fresh pages in every pass",
    )


def begin(arguments):
    """Sets up this process, or ends it with one sentence if it cannot begin."""
    if not os.access(arguments.tidemark, os.X_OK):
        sys.exit(f"There is no program {arguments.tidemark}: build it with 'swift build -c release'.")
    if arguments.rounds < 1:
        sys.exit(f"--rounds is {arguments.rounds}; it must be at least 1.")
    if arguments.keep_memory:
        keep_memory()
    os.makedirs(arguments.output, exist_ok=True)


def keep_memory():
    """Tells the C library neither to map large blocks one by one nor to return the end of the heap."""
    trim_threshold, mmap_max = -1, -4  # from malloc.h of the GNU C library
    library = ctypes.CDLL(None)
    if not library.mallopt(mmap_max, 0) or not library.mallopt(trim_threshold, 2**31 - 1):
        sys.exit("--keep-memory needs the GNU C library.")


def run_tidemark(arguments, options, report="bench.csv"):
    """Runs `tidemark bench` with the options and returns the rows of its report."""
    with tempfile.TemporaryDirectory() as folder:
        command = [arguments.tidemark, "bench", *options, "--output", folder]
        result = subprocess.run(command, capture_output=True, text=True)
        if result.returncode != 0:
            sys.exit(f"'{' '.join(command)}' failed: {result.stderr.strip()}")
        with open(os.path.join(folder, report), newline="") as file:
            return list(csv.DictReader(file))


def median_seconds(arguments, work, least=1):
    """The median seconds of one call of `work`, after one that is not counted."""
    # The clock of the whole process counts other threads in ticks of some milliseconds.
    clock = time.thread_time if arguments.processor_time else time.perf_counter
    work()
    samples = []
    start = time.perf_counter()
    while len(samples) < least or time.perf_counter() - start < arguments.seconds:
        before = clock()
        work()
        samples.append(clock() - before)
    return statistics.median(samples)


def tidemark_seconds(arguments, row):
    """The same of a row of tidemark's report."""
    return float(row["processor_seconds_median" if arguments.processor_time else "seconds_median"])


def heading(arguments):
    """One line that names the machine, the versions and what the times are."""
    clock = "processor time a thread" if arguments.processor_time else "wall time"
    memory = " PyTorch keeps freed memory." if arguments.keep_memory else ""
    return f"{machine()}; medians of {clock}.{memory}"


def geometric_mean(values):
    return math.exp(statistics.fmean(math.log(value) for value in values))


def machine():
    """One line that names the machine and the versions."""
    processor = platform.processor() or platform.machine()
    try:
        with open("/proc/cpuinfo") as file:
            names = [line.split(":", 1)[1].strip() for line in file if line.startswith("model name")]
        processor = names[0] if names else processor
    except OSError:
        pass
    return (
        f"{processor}, {len(os.sched_getaffinity(0))} processors; "
        f"PyTorch {torch.__version__}; load average before the run {os.getloadavg()[0]:.1f}"
    )


def markdown(columns, rows):
    """A table in Markdown; the first two columns are words, the others numbers."""
    lines = [
        "| " + " | ".join(columns) + " |",
        "| " + " | ".join("---" if i < 2 else "---:" for i in range(len(columns))) + " |",
    ]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def write(path, text):
    """Writes a file whole or not at all."""
    partial = f"{path}.partial"
    with open(partial, "w", newline="") as file:
        file.write(text)
    os.replace(partial, path)
    print(f"Wrote {path}.", file=sys.stderr)


def csv_text(columns, rows):
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows(rows)
    return text.getvalue()
