// Replaced by the sources of Training.
