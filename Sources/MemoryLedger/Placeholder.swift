// Replaced by the sources of MemoryLedger.
