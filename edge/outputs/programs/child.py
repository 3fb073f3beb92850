"""Runs one program once: its input given, the end of its output kept, its whole process group ended in time."""

import contextlib
import errno
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import IO, Self

ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "LANG": "C.UTF-8",
    "HOME": "/",
}
"""All that a program finds in its environment: nothing of ours, no secret."""
FOLDER = "/"
GRACE_S = 2.0
"""From SIGTERM to SIGKILL."""
LEFT_S = 2.0
"""So long after SIGKILL one that even the kernel cannot end is waited for, where the device stops."""
OUTPUT_KEPT = 4096
READ_BYTES = 65536
READS = 16
"""So many reads at a time: one that never stops writing does not keep its time limit from being looked at."""
SLICE_S = 0.2


class End(Enum):
    """How a run ended."""

    BY_ITSELF = auto()
    TIME_LIMIT = auto()
    STOPPED = auto()
    NOT_STARTED = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run: `code` is the exit code, minus the number of a signal that ended it, None where there is none.

    `output` is the end of what it wrote, at most OUTPUT_KEPT bytes; `problem` says why it did not start.
    """

    end: End
    code: int | None = None
    output: bytes = b""
    problem: str = ""

    @property
    def well(self) -> bool:
        """Tell whether it ended by itself with code 0."""
        return self.end is End.BY_ITSELF and self.code == 0


def run_child(
    command: Sequence[str], given: bytes, *, timeout_s: float, go_on: Callable[[], bool], grace_s: float = GRACE_S
) -> Run:
    """Run a program without a shell, `given` on its standard input, and return how it ended.

    It leads a process group of its own. After `timeout_s` seconds, or when `go_on` says False, the group gets SIGTERM,
    and SIGKILL `grace_s` later; who of the group is left when the program has ended gets SIGKILL at once. `go_on` is
    called at least every 0.2 s.
    """
    try:
        child = subprocess.Popen(  # noqa: S603 - the command is the installer's, from the configuration file
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=ENVIRONMENT,
            cwd=FOLDER,
            start_new_session=True,
            bufsize=0,
        )
    except (OSError, ValueError) as error:
        return Run(end=End.NOT_STARTED, problem=_reason(error))
    with _Talk(child, given) as talk:
        try:
            end = _until_ended(child.pid, talk, timeout_s, go_on, grace_s)
        finally:
            _kill(child.pid, signal.SIGKILL)
    return Run(end=end, code=child.poll(), output=talk.output())


def _until_ended(pid: int, talk: "_Talk", timeout_s: float, go_on: Callable[[], bool], grace_s: float) -> End:
    """Wait until the program has ended, and end it where its time is up; it is not reaped yet then."""
    end, end_s = End.BY_ITSELF, time.monotonic() + timeout_s
    while not _ended(pid):
        wanted, now_s = go_on(), time.monotonic()
        if end is End.BY_ITSELF and (not wanted or now_s >= end_s):
            end, end_s = End.TIME_LIMIT if wanted else End.STOPPED, now_s + grace_s
            _kill(pid, signal.SIGTERM)
        elif now_s >= end_s:
            _kill(pid, signal.SIGKILL)
            if not wanted and now_s >= end_s + LEFT_S:
                return End.STOPPED
        talk.wait(max(0.01, min(SLICE_S, end_s - now_s)))
    return end


def _ended(pid: int) -> bool:
    """Tell whether the program has ended; it stays a zombie, so that its number is no other's."""
    return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _kill(pid: int, number: signal.Signals) -> None:
    """Send a signal to the whole group; one that is gone has nobody to hear it, another user's is not ours to end."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)


def _reason(error: OSError | ValueError) -> str:
    if isinstance(error, FileNotFoundError):
        return "there is no such file, or not the interpreter that its first line names"
    if isinstance(error, PermissionError):
        return "it may not be executed by the device's user"
    if isinstance(error, OSError) and error.errno == errno.ENOEXEC:
        return "it is no program; a script needs #! and its interpreter in the first line"
    return str(error.strerror) if isinstance(error, OSError) else "its arguments hold a character that cannot be"


class _Talk:
    """Both pipes of a program; none of them is ever waited for longer than a slice."""

    def __init__(self, child: subprocess.Popen[bytes], given: bytes) -> None:
        self._child = child
        self._given = memoryview(given)
        self._heard = b""
        self._selector = selectors.DefaultSelector()

    def __enter__(self) -> Self:
        self._watch = os.pidfd_open(self._child.pid)
        self._selector.register(self._watch, selectors.EVENT_READ)
        for pipe, events, step in (
            (self._child.stdin, selectors.EVENT_WRITE, self._write_on),
            (self._child.stdout, selectors.EVENT_READ, self._read_on),
        ):
            if pipe is not None:
                os.set_blocking(pipe.fileno(), False)
                self._selector.register(pipe, events, step)
        return self

    def __exit__(self, *_: object) -> None:
        """Take what was written last, reap the program, close all."""
        if self._child.stdout is not None and not self._child.stdout.closed:
            self._read_on(self._child.stdout)
        self._selector.close()
        os.close(self._watch)
        for pipe in self._child.stdin, self._child.stdout:
            if pipe is not None:
                pipe.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._child.wait(LEFT_S)

    def wait(self, timeout_s: float) -> None:
        """Give and take what can be, until the program ends or the time is over."""
        for key, _ in self._selector.select(timeout_s):
            if key.data is not None:
                key.data(key.fileobj)

    def output(self) -> bytes:
        """Return the end of what the program wrote."""
        return self._heard

    def _write_on(self, pipe: IO[bytes]) -> None:
        try:
            self._given = self._given[os.write(pipe.fileno(), self._given) :]
        except BlockingIOError:
            return
        except OSError:  # it does not read: that is its own affair
            self._given = self._given[:0]
        if not self._given:
            self._close(pipe)

    def _read_on(self, pipe: IO[bytes]) -> None:
        for _ in range(READS):
            try:
                part = os.read(pipe.fileno(), READ_BYTES)
            except BlockingIOError:
                return
            if not part:
                self._close(pipe)
                return
            self._heard = (self._heard + part)[-OUTPUT_KEPT:]

    def _close(self, pipe: IO[bytes]) -> None:
        self._selector.unregister(pipe)
        pipe.close()
