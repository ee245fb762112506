// Replaced by the sources of Networks.
