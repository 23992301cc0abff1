"""The benchmark: every bar of speed, as a ratio to a reference that runs beside it."""
