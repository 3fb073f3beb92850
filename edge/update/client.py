"""The other side of the update socket: hands a bundle to the service and tells what came of it."""

import json
import select
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast, get_args

from edge.update.bundle import Stream
from edge.update.device import BY_PACKAGE
from edge.update.errors import Kind, UpdateError

SOCKET = Path("/run/edge-update.sock")
CHUNK_BYTES = 65_536
ANSWER_S = 900.0
"""What it takes to read a slot back from a slow card, with room."""


@dataclass(frozen=True, slots=True)
class Done:
    """A new system lies in the slot and is tried at the next start; `restart` tells whether that comes now."""

    text: str
    version: str
    slot: str
    restart: bool


def send_bundle(
    stream: Stream,
    source: str,
    *,
    restart: bool,
    repeat: bool = True,
    path: Path = SOCKET,
    told: Callable[[str, int], None] = lambda _phase, _percent: None,
) -> Done:
    """Hand it over and wait for the outcome; raise UpdateError. What `stream` raises while it is read ends it too."""
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(ANSWER_S)
            connection.connect(str(path))
            answers = _Answers(connection, told)
            words = {"restart": "now" if restart else "later", "repeat": repeat, "source": source}
            _send(connection, json.dumps(words).encode() + b"\n", stream, answers)
            return answers.outcome()
    except (FileNotFoundError, ConnectionRefusedError):
        raise UpdateError(BY_PACKAGE, "unsupported") from None
    except PermissionError:
        raise UpdateError(f"{path} may be used by root and the group edge only", "failed") from None
    except TimeoutError:
        raise UpdateError(f"the update service has said nothing for {ANSWER_S:.0f} s", "failed") from None


def _send(connection: socket.socket, begin: bytes, stream: Stream, answers: "_Answers") -> None:
    """Send all of it, or until the service has enough: it says why."""
    try:
        connection.sendall(begin)
        while chunk := stream.read(CHUNK_BYTES):
            connection.sendall(chunk)
            if answers.ended():
                return
        connection.shutdown(socket.SHUT_WR)
    except (BrokenPipeError, ConnectionResetError):
        return


class _Answers:
    """The lines that come back."""

    def __init__(self, connection: socket.socket, told: Callable[[str, int], None]) -> None:
        self._connection = connection
        self._told = told
        self._rest = b""
        self._last: dict[str, Any] = {}

    def ended(self) -> bool:
        """Take what has come by now; tell whether the outcome is among it."""
        while select.select([self._connection], [], [], 0)[0] and not self._outcome_is_there():
            if not self._take():
                return True
        return self._outcome_is_there()

    def outcome(self) -> Done:
        """Wait for the last line, and return or raise what it says."""
        while not self._outcome_is_there() and self._take():
            pass
        if "text" in self._last:
            last = self._last
            return Done(str(last["text"]), str(last["version"]), str(last["slot"]), last["restart"] == "now")
        if "error" in self._last:
            kind = self._last.get("kind")
            raise UpdateError(str(self._last["error"]), cast(Kind, kind) if kind in get_args(Kind) else "failed")
        raise UpdateError("the update service has ended without an answer; its log says why", "failed")

    def _outcome_is_there(self) -> bool:
        return "text" in self._last or "error" in self._last

    def _take(self) -> bool:
        try:
            received = self._connection.recv(CHUNK_BYTES)
        except ConnectionResetError:
            return False
        *lines, self._rest = (self._rest + received).split(b"\n")
        for line in lines:
            self._last = json.loads(line)
            if "phase" in self._last:
                self._told(str(self._last["phase"]), int(self._last["percent"]))
        return bool(received)
