"""The control plane under ``/_mock``: worlds, their clock, rows, faults and journal, in JSON."""
