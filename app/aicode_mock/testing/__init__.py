"""For tests of clients, in Python: a server that is there, a world of one's own, and its handle.

Everything here speaks to a server over HTTP, so it is the same for a process of our own and for a
container.  Nothing here imports the server: the tests' process loads neither FastAPI nor a database.
"""
