"""Faults: answers that go wrong on purpose, declared for some requests of a world and counted."""
