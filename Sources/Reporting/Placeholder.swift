// Replaced by the sources of Reporting.
