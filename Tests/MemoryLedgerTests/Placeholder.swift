// Replaced by the tests of MemoryLedger.
