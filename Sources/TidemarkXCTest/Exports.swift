// A test that sets a budget names sizes and categories without further imports.
@_exported import MemoryBudgets
@_exported import MemoryLedger
