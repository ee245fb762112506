// Replaced by the sources of Tidemark.
