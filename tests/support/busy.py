"""A board made small: one core, shared with programs that never rest."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import psutil

_SPINS = "while True: pass"


@contextmanager
def small_board(pid: int) -> Iterator[Callable[[], None]]:
    """Hold a process, all its threads, to one core; yield what puts another program there that wants all of it."""
    core = min(os.sched_getaffinity(0))
    with ExitStack() as stack:

        def add_hog() -> None:
            hog = stack.enter_context(subprocess.Popen([sys.executable, "-c", _SPINS]))
            stack.callback(hog.kill)
            os.sched_setaffinity(hog.pid, {core})

        for thread in psutil.Process(pid).threads():
            os.sched_setaffinity(thread.id, {core})
        yield add_hog
