"""`edge-update@.service`: one connection, one update. Runs as root, since it writes a partition; knows no network.

The peer sends one line of JSON, {"restart": "now" or "later", "source": "upload", "repeat": true}, then the bundle,
then shuts its side down. It gets lines of JSON: {"phase", "percent", "version"} as it goes, and at the end {"text",
"version", "slot", "restart"} or {"error", "kind"}.
"""

import fcntl
import json
import logging
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from edge.update.attempt import STATE, Attempt, Attempts
from edge.update.device import OS_RELEASE, read_device
from edge.update.errors import UpdateError
from edge.update.install import Installer
from edge.update.progress import LOCK_FILE, PROGRESS_FILE, RUN, Phase, Progress, write_progress
from edge.update.signature import KEY_FILE, PublicKey
from edge.update.slots import PROGRAM, Slots

LOG = logging.getLogger("edge.update")
SILENCE_S = 60.0
MOST_REQUEST_BYTES = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Where things are. `run` is in memory, `state` on the data partition. `slots` starts edge-slot.

    edge-slot is started outside of this service's confinement: on some boards it copies a kernel.
    """

    run: Path = RUN
    state: Path = STATE
    key: Path = KEY_FILE
    os_release: Path = OS_RELEASE
    program: Path = PROGRAM
    slots: Sequence[str] = ("systemd-run", "--quiet", "--wait", "--collect", "--pipe", "--", str(PROGRAM))
    restart: Sequence[str] = ("systemctl", "--no-block", "reboot")
    silence_s: float = SILENCE_S


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for beside the bundle."""

    restart: bool
    repeat: bool
    source: str


def serve(connection: socket.socket, places: Places) -> bool:
    """Serve one connection to its end; return whether a new system is to be tried."""
    connection.settimeout(places.silence_s)
    telling = _Telling(connection, places.run / PROGRESS_FILE)
    try:
        with _alone(places.run / LOCK_FILE):
            return _update(_Incoming(connection), places, telling)
    except UpdateError as error:
        return telling.failed(error)
    except TimeoutError:
        return telling.failed(UpdateError(f"nothing has come for {places.silence_s:.0f} s: send it again"))
    except OSError as error:
        return telling.failed(UpdateError(f"the update service could not go on: {error.strerror or error}", "failed"))


class _Incoming:
    """What the peer sends. One that has gone is the end of it, whichever way it went; raises TimeoutError."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._rest = b""

    def line(self) -> bytes:
        while b"\n" not in self._rest and len(self._rest) < MOST_REQUEST_BYTES and (part := self._received()):
            self._rest += part
        line, _, self._rest = self._rest.partition(b"\n")
        return line

    def read(self, size: int) -> bytes:
        parts, self._rest = bytearray(self._rest[:size]), self._rest[size:]
        while len(parts) < size and (part := self._received(size - len(parts))):
            parts += part
        return bytes(parts)

    def _received(self, most: int = MOST_REQUEST_BYTES) -> bytes:
        try:
            return self._connection.recv(min(most, 65_536))
        except ConnectionResetError:
            return b""


def _update(stream: _Incoming, places: Places, telling: "_Telling") -> bool:
    telling.alone = True
    request = _request(stream)
    telling.source = request.source
    LOG.info("an update by %s begins", request.source)
    installer = Installer(
        device=read_device(places.os_release, places.program),
        slots=Slots(places.slots),
        attempts=Attempts(places.state),
        verify=PublicKey(places.key).verify,
        tell=telling.tell,
    )
    attempt = installer.install(stream, repeat=request.repeat)
    telling.done(attempt, restart=request.restart)
    if request.restart and subprocess.run(places.restart, check=False).returncode:  # noqa: S603 - a fixed command
        LOG.error("the device does not restart; the new system is tried whenever it does")
        telling.waits(attempt)
    return True


def _request(stream: _Incoming) -> Request:
    try:
        read = json.loads(stream.line())
        request = Request(read["restart"] == "now", bool(read["repeat"]), str(read["source"])[:200])
    except (ValueError, KeyError, TypeError, RecursionError):
        raise UpdateError("this socket takes a line of JSON, then a bundle: see edge update") from None
    return request


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Hold the lock; raise UpdateError where another update has it. It is let go however the process ends."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as lock:
        if not any(_locked(lock, last=last) for last in (False, False, True)):
            raise UpdateError("another update is under way", "busy")
        yield


def _locked(lock: TextIO, *, last: bool) -> bool:
    """Try to take the lock; `under_way` holds it for a moment too, to see whether it can."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        if not last:
            time.sleep(0.05)
        return False
    return True


@dataclass(slots=True)
class _Telling:
    """Tells the peer and whoever looks at the file, once a percent; a peer that has gone is not missed."""

    connection: socket.socket
    path: Path
    alone: bool = False
    source: str = ""
    said: Progress = field(default_factory=Progress)

    def tell(self, phase: Phase, percent: int, version: str) -> None:
        progress = Progress(phase, percent, version, self.source)
        if progress == self.said:
            return
        self.said = progress
        write_progress(self.path, progress)
        self._send({"phase": phase, "percent": percent, "version": version})

    def done(self, attempt: Attempt, *, restart: bool) -> None:
        LOG.info("%s is written to slot %s and will be tried", attempt.version, attempt.slot)
        phase: Phase = "restarting" if restart else "waiting for a restart"
        write_progress(self.path, Progress(phase, 100, attempt.version, self.source))
        when = "now" if restart else "later"
        text = f"{attempt.version} is in slot {attempt.slot}; it is tried at the next start"
        self._send({"text": text, "version": attempt.version, "slot": attempt.slot, "restart": when})

    def waits(self, attempt: Attempt) -> None:
        write_progress(self.path, Progress("waiting for a restart", 100, attempt.version, self.source))

    def failed(self, error: UpdateError) -> bool:
        done = error.kind == "done"
        LOG.log(logging.INFO if done else logging.WARNING, "update not done: %s", error)
        if self.alone:
            write_progress(self.path, Progress("idle", 0, self.said.version, self.source, "" if done else str(error)))
        self._send({"error": str(error), "kind": error.kind})
        return False

    def _send(self, line: Mapping[str, object]) -> None:
        with suppress(OSError):
            self.connection.sendall(json.dumps(line).encode() + b"\n")
