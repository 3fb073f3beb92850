"""What is said of one program: in health, in the log and in the figures."""

import logging
import os
import shutil
import signal
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from edge.health import Health, ProgramHealth
from edge.outputs.programs.child import ENVIRONMENT, FOLDER, End, Run
from edge.outputs.programs.spoken import log_lines

LOG = logging.getLogger("edge.programs")
LOOK_S = 10.0
"""So often one that cannot be started is looked at again."""

Signature = tuple[int, int, int] | None


def flag(number: int) -> str:
    """Return the name of the fault of a program."""
    return f"program {number}"


def in_words(run: Run, timeout_s: float | None = None) -> str:
    """Return how a run ended."""
    match run.end:
        case End.NOT_STARTED:
            return f"cannot be started: {run.problem}"
        case End.TIME_LIMIT:
            return (
                "had not ended in time and was ended" if timeout_s is None else f"had not ended after {timeout_s:g} s"
            )
        case End.STOPPED:
            return "was ended, since the device stops"
        case End.BY_ITSELF:
            return f"ended with code {run.code}" if (run.code or 0) >= 0 else f"was ended by {_signal(run)}"


class Report:
    """Says of a program what changes; what lasts is said when it begins and when it ends. Arguments are never said."""

    def __init__(self, number: int, command: Sequence[str], health: Health) -> None:
        self._number = number
        self._command = command
        self._health = health
        self._title = f"program {number} ({Path(command[0]).name})"
        self._state = ProgramHealth(command=Path(command[0]).name)
        self._last: tuple[End, int | None] = End.BY_ITSELF, 0
        self._problem = ""
        self._signature: Signature = None
        self._looked_s = 0.0
        self._behind = False
        self._passed_before = 0

    def look(self) -> None:
        """Say at the start whether the program is there at all."""
        self._passed_before = self._state.passed_over
        if _found(self._command[0]) is None:
            self._cannot_start("there is no such program, or it may not be executed by the device's user")
        self._show()

    def look_again(self) -> None:
        """Where it could not be started: see now and then whether something was done about it."""
        now_s = time.monotonic()
        if not self._problem or now_s - self._looked_s < LOOK_S:
            return
        self._looked_s = now_s
        if _signature(self._command[0]) != self._signature and _found(self._command[0]) is not None:
            LOG.info("%s: is there now", self._title)
            self._problem = ""
            self._show()

    def ran(self, event_id: int, run: Run, took_s: float) -> None:
        """Say what came of a run: a failure aloud, unless the run before it failed in the same way."""
        count = {
            End.NOT_STARTED: "not_started",
            End.TIME_LIMIT: "timed_out",
        }.get(run.end, "well" if run.well else "failed")
        self._state = replace(self._state, **{count: getattr(self._state, count) + 1})
        same, self._last = self._last == (run.end, run.code), (run.end, run.code)
        level = logging.DEBUG if same or run.well else logging.WARNING
        LOG.log(level, "%s: event %d: %s, %.1f s", self._title, event_id, in_words(run), took_s)
        for line in log_lines(run.output, self._command[1:]):
            LOG.log(level, "%s: %s", self._title, line)
        if run.well and not same:
            LOG.info("%s: works again", self._title)
        if run.end is End.NOT_STARTED:
            self._cannot_start(run.problem)
        else:
            self._problem = ""
        self._show()

    def queue(self, passed_over: int, waiting: int) -> None:
        """Say how many events wait, and how many were passed over since the worker's start."""
        total = self._passed_before + passed_over
        more = total > self._state.passed_over
        if not more and waiting == self._state.waiting:
            return
        self._state = replace(self._state, passed_over=total, waiting=waiting)
        if more and not self._behind:
            self._behind = True
            LOG.warning("%s: falls behind; events are passed over", self._title)
        self._show()

    def caught_up(self) -> None:
        """Say that nothing waits any more."""
        if self._behind:
            self._behind = False
            LOG.warning("%s: has caught up; passed over so far: %d", self._title, self._state.passed_over)
            self._show()

    def end(self) -> None:
        """Take all back: the program is not run any more."""
        self._health.clear_flag(flag(self._number))
        self._health.remove_program(self._number)

    def _cannot_start(self, problem: str) -> None:
        self._problem = problem
        self._signature = _signature(self._command[0])
        self._looked_s = time.monotonic()

    def _show(self) -> None:
        fault = self._fault()  # before the counts: whoever sees them finds it
        if fault:
            self._health.raise_flag(flag(self._number), f"{self._state.command} {fault}")
        else:
            self._health.clear_flag(flag(self._number))
        self._health.set_program(self._number, self._state)

    def _fault(self) -> str:
        if self._problem:
            return f"cannot be started: {self._problem}; install it or correct programs"
        if self._behind:
            passed_over = self._state.passed_over
            return (
                f"takes longer than events come: {passed_over} were passed over; "
                "make it faster, or name fewer events in programs"
            )
        return ""


def _signal(run: Run) -> str:
    number = -(run.code or 0)
    return signal.Signals(number).name if number in set(signal.Signals) else f"signal {number}"


def _place(name: str) -> str:
    return str(Path(FOLDER, name)) if "/" in name else name


def _found(name: str) -> str | None:
    return shutil.which(_place(name), path=ENVIRONMENT["PATH"])


def _signature(name: str) -> Signature:
    """Return what changes when a file is installed, made executable or corrected; None where there is none."""
    try:
        found = os.stat(shutil.which(_place(name), os.F_OK, ENVIRONMENT["PATH"]) or _place(name))  # noqa: PTH116
    except OSError:
        return None
    return found.st_mtime_ns, found.st_mode, found.st_ino
