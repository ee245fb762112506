// Replaced by the tests of Reporting.
