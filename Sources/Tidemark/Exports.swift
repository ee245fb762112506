// One import gives users all that they need: networks, schedules, training, the ledger.
@_exported import Benchmarking
@_exported import Calibration
@_exported import Comparisons
@_exported import Execution
@_exported import Files
@_exported import Kernels
@_exported import MemoryLedger
@_exported import NativeEngine
@_exported import Networks
@_exported import Planning
@_exported import Schedules
@_exported import Studies
@_exported import Training
