"""Slow proofs that the server survives: ``python -m bench.reliability NAME``."""
