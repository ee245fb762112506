// Tests of the benchmarks follow.
