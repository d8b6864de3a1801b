"""A real Redis server for the tests, on loopback, without persistence."""

from __future__ import annotations

import socket
from pathlib import Path

from tests.fakes.process import TERMINATE, ServerFailed, ServerProcess, binary, free_port


class RedisServer:
    """Start with `start()`, `flush()` before each test, end with `stop()`."""

    def __init__(self, program: Path) -> None:
        self._program = program
        self._process = ServerProcess("redis")
        self.port = 0

    @classmethod
    def installed(cls) -> Path | None:
        """The program redis-server; None when it is not installed."""
        return binary("redis-server", "/usr/local/bin")

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start the server; takes about a tenth of a second."""
        for attempt in range(3):  # the port may be taken between our look and its bind
            self.port = free_port()
            try:
                self._process.launch(self._command(), self._answers, TERMINATE)
            except ServerFailed:
                if attempt == 2:
                    raise
            else:
                return

    def flush(self) -> None:
        """Forget every key of every database."""
        answer = self._ask(b"FLUSHALL\r\n")
        if answer != b"+OK\r\n":
            raise ServerFailed(f"redis-server answered FLUSHALL with {answer!r}")

    def stop(self) -> None:
        """Stop the server and remove its files; may be called twice."""
        self._process.stop()

    def _command(self) -> list[str]:
        return [
            str(self._program),
            *("--port", str(self.port), "--bind", "127.0.0.1"),
            *("--save", "", "--appendonly", "no"),
            *("--dir", str(self._process.folder), "--daemonize", "no"),
        ]

    def _answers(self) -> bool:
        try:
            return self._ask(b"PING\r\n") == b"+PONG\r\n"
        except OSError:
            return False

    def _ask(self, command: bytes) -> bytes:
        with socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
            connection.sendall(command)
            return connection.recv(64)
