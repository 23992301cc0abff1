"""Several processes that serve one store behind one listening socket.

uvicorn's supervisor starts them, starts again the one that dies, and passes signals on.
They share nothing but the store: data, worlds, clock, limits, faults and journal are one.
"""

import logging
import multiprocessing
import os
import signal
import socket
import sys
from asyncio import CancelledError
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from threading import Thread

from starlette.types import ASGIApp
from uvicorn.supervisors.multiprocess import Multiprocess, Process

from aicode_mock.accesslog import LogFormat
from aicode_mock.control.guard import Watch
from aicode_mock.server import create_app, server_config, spread
from aicode_mock.store import Store
from aicode_mock.tls.front import Front
from aicode_mock.twin import Twin

_START_S = 60.0


class WorkerError(RuntimeError):
    """A worker process has not come up."""


@dataclass(frozen=True, slots=True)
class Worker:
    """What a process needs to serve; calling it opens the store there and makes the application."""

    location: str
    journal_size: int
    watch: Watch
    log_format: LogFormat
    front: Front | None = None  # all of them listen to its one socket

    def __call__(self) -> ASGIApp:
        """The application of this process."""
        logging.getLogger("uvicorn.error").addFilter(_is_no_farewell)
        Thread(target=_end_with, args=(multiprocessing.parent_process(),), daemon=True).start()
        twin = Twin.of(Store.open(self.location, create=False), journal_size=self.journal_size)
        return create_app(
            twin, watch=self.watch, log_format=self.log_format, log_to=sys.stderr, front=self.front
        )


class Workers(Multiprocess):
    """Processes of one server; ``run()`` serves until SIGINT or SIGTERM."""

    def __init__(
        self, worker: Worker, count: int, *, listeners: list[socket.socket], on_ready: Callable[[], None]
    ) -> None:
        """``on_ready`` runs when all of them serve."""
        super().__init__(server_config(worker, workers=count), listeners)
        self._on_ready = on_ready

    def init_processes(self) -> None:
        """Start all processes, and say so.

        Raises:
            WorkerError: one does not come up.
        """
        for number in range(self.processes_num):  # one that dies is replaced by one that listens to all
            process = Process(self.config, [self.sockets[number % len(self.sockets)]])
            process.start()
            self.processes.append(process)
        try:
            if not all(process.wait_until_ready(_START_S, self.should_exit) for process in self.processes):
                raise WorkerError("a worker process has not started")
            self._on_ready()
        except BaseException:
            self.terminate_all()
            self.join_all()
            raise


def serve_by_workers(
    listener: socket.socket, worker: Worker, count: int, *, on_ready: Callable[[], None]
) -> None:
    """Serve by several processes until SIGINT or SIGTERM.

    Raises:
        WorkerError: one of them does not come up.
    """
    listeners = spread(listener, count)
    try:
        Workers(worker, count, listeners=listeners, on_ready=on_ready).run()
    finally:
        for one in listeners:
            one.close()


def _end_with(supervisor: BaseProcess) -> None:
    """Stop when the supervisor is gone: one that is killed can tell nobody, and its port would stay taken."""
    supervisor.join()
    os.kill(os.getpid(), signal.SIGTERM)


def _is_no_farewell(record: logging.LogRecord) -> bool:
    """Whether a line tells of anything but an answer that is cut because the server stops."""
    error = record.exc_info[1] if record.exc_info else None
    return not isinstance(error, CancelledError) and "graceful shutdown exceeded" not in str(record.msg)
