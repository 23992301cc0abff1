"""What the real API gave, brought into a database of the twin: ``aicode-mock import``.

``files`` opens and tells apart what ``jsonfiles``, of ``jsonvalues``, and ``csvfiles``, of
``csvcolumns``, read as ``entries``; ``otheranswers`` refuses what is no export, and
``unknownfields`` leaves out what no revision has.
``shapes`` holds each row against the contract, ``complaints`` says what is wrong with it,
``completeness`` which pages are missing, and ``anonymity`` makes rows somebody else's.
``staging`` keeps and orders rows and finds the new ones, by their ``identity`` and the ``exports``
that they stand in; ``settling`` gives them their places in a team, and ``writing`` makes that one
transaction.  ``reading`` is all files, ``job`` all of it.
"""
