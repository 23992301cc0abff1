"""The request journal of a world, read by a strict reviewer of the client that filled it.

``request``, ``run``, ``series``, ``holdings``, ``bursts``, ``waits`` and ``journal`` say what the
client did.  ``paging``, ``windows``, ``delays``, ``failures``, ``parameters``, ``refusals`` and
``economy`` hold the rules, each with its text and its check; ``budget`` says what the volume
costs.  ``review`` puts the report together; ``text``, ``junit`` and ``rulepages`` write it and
its rules down.

A report follows from its journal alone: nothing here reads a clock, a file or the network.
"""
