"""What the real API gave, brought into a database of the twin: ``aicode-mock import``."""
