"""The truth about the rows of a team, computed by another way than the endpoints.

``computing`` makes the ``sheet`` that is told; ``tallies`` and ``keydigest`` ask the database.
"""
