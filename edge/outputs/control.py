"""The control socket: how commands on this machine speak to the running device. One JSON line each way."""

import contextlib
import json
import logging
import os
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

LOG = logging.getLogger("edge.control")
SOCKET_NAME = "control.sock"
LINE_LIMIT = 65536
TALK_TIMEOUT_S = 2.0
ACCEPT_TIMEOUT_S = 0.5
MOST_AT_ONCE = 8
OWNER_ONLY = 0o600

Request = Mapping[str, object]
Reply = Mapping[str, object]


class ControlServer:
    """Answers each request on a thread of its own; only the device's own user (and root) may connect.

    `answer` may take some seconds, and may be called by several threads.
    """

    name = "control"

    def __init__(self, path: Path, answer: Callable[[Request], Reply]) -> None:
        self._path = path
        self._answer = answer
        self._room = threading.Semaphore(MOST_AT_ONCE)

    def run(self, stop: threading.Event, beat: Callable[[], None]) -> None:
        """Serve until `stop` is set."""
        with _listen(self._path) as listener:
            while not stop.is_set():
                beat()
                if self._room.acquire(timeout=ACCEPT_TIMEOUT_S):
                    self._accept(listener)
        self._path.unlink(missing_ok=True)

    def _accept(self, listener: socket.socket) -> None:
        try:
            connection, _ = listener.accept()
        except TimeoutError:
            self._room.release()
            return
        try:
            threading.Thread(target=self._talk, args=(connection,), name="control-talk", daemon=True).start()
        except RuntimeError as error:  # the system allows no more threads now
            LOG.warning("a question cannot be answered: %s", error)
            connection.close()
            self._room.release()

    def _talk(self, connection: socket.socket) -> None:
        try:
            with connection, contextlib.suppress(OSError):
                connection.settimeout(TALK_TIMEOUT_S)
                connection.sendall(json.dumps(self._reply(connection)).encode() + b"\n")
        finally:
            self._room.release()

    def _reply(self, connection: socket.socket) -> Reply:
        try:
            request = json.loads(_read_line(connection))
        except (ValueError, RecursionError):
            return {"error": "not JSON"}
        return self._answer(request) if isinstance(request, dict) else {"error": "not an object"}


def ask(path: Path, request: Request, timeout_s: float = TALK_TIMEOUT_S) -> dict[str, object]:
    """Send one request to the running device and return its reply; OSError where none runs or answers in time."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(timeout_s)
        with _short(path) as address:
            connection.connect(address)
        connection.sendall(json.dumps(request).encode() + b"\n")
        reply = json.loads(_read_line(connection))
    if not isinstance(reply, dict):
        raise OSError("the device answered something else than an object")
    return reply


def _listen(path: Path) -> socket.socket:
    """Bind the socket anew: one that a killed process left behind is taken away first."""
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX)
    os.fchmod(listener.fileno(), OWNER_ONLY)  # what bind makes has its rights; a umask would be that of all threads
    with _short(path) as address:
        listener.bind(address)
    listener.listen(8)
    listener.settimeout(ACCEPT_TIMEOUT_S)
    return listener


@contextlib.contextmanager
def _short(path: Path) -> Iterator[str]:
    """Lend a name for a path of any length: a socket's address has 107 bytes at most."""
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)


def _read_line(connection: socket.socket) -> bytes:
    line = b""
    while not line.endswith(b"\n") and len(line) < LINE_LIMIT:
        part = connection.recv(4096)
        if not part:
            break
        line += part
    return line
