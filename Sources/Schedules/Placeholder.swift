// Replaced by the sources of Schedules.
