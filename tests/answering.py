"""Programs that answer, and are no aicode-mock."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def answering(text: bytes) -> Iterator[int]:
    """The port of a program that answers whoever comes with this text."""
    with socket.create_server(("127.0.0.1", 0)) as other:

        def answer() -> None:
            connection, _ = other.accept()
            with connection:
                connection.recv(10_000)
                connection.sendall(text)

        thread = threading.Thread(target=answer)
        thread.start()
        yield other.getsockname()[1]
        thread.join(timeout=10)


def http(status: str, body: str) -> bytes:
    """An answer with this body."""
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()
