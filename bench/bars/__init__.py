"""The bars, one module for each kind of work."""
