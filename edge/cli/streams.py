"""Standard output and error as they may be: closed, on a full disk, read by somebody who has enough."""

import os
import sys

LAST_STANDARD = 2


def fill_closed() -> None:
    """Give closed standard streams a place to go.

    Else the next file that is opened gets their number, and what a library prints lands in the event log.
    """
    while (file := os.open(os.devnull, os.O_RDWR)) <= LAST_STANDARD:
        pass
    os.close(file)
    sys.stdout = sys.stdout or os.fdopen(1, "w", encoding="utf-8", closefd=False)
    sys.stderr = sys.stderr or os.fdopen(LAST_STANDARD, "w", encoding="utf-8", closefd=False)


def drop_output() -> None:
    """Let go of what could not be written: Python would try it once more at the end, and complain."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def reason(error: OSError) -> str:
    """Return which file it was and why, in one line that says what to do; without a name it was the output."""
    place = error.filename if isinstance(error.filename, str) else "standard output"
    return f"{place}: {error.strerror}; look at its permissions and at the room on its disk"
