// Replaced by the tests of Schedules.
