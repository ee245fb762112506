// Replaced by the sources of Execution.
