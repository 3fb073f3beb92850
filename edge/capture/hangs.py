"""Cameras that hung and took the program with them: how long each is left alone, kept over the restarts they cause."""

import json
import logging
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from edge.model.clock import Clock

_log = logging.getLogger("edge.capture")
FILE_NAME = "hangs.json"
_FIRST_S = 10.0
_FACTOR = 3.0
LONGEST_S = 900.0
_WORKS_S = 60.0
_BACK_S = 3.0
_TURN_S = 1.0
_MINUTES_S = 90.0
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, slots=True)
class Hung:
    """One camera's row of hangs: how many, until when it is left alone (monotonic), in which start of the machine.

    While it is `away` it has given no pictures since.
    """

    hangs: int
    until_s: float
    boot: str
    away: bool = True


class Hangs:
    """Rows of hangs by channel, in a small file; without a path in memory only. Safe from every thread.

    The row ends when the camera has worked for as long as it was left alone, a minute at least, and with a new start of
    the machine, which gives every camera its power anew. The file is written when a camera hangs or is well again.
    """

    def __init__(self, clock: Clock, path: Path | None = None, boot: str = "") -> None:
        self._clock = clock
        self._path = path
        self._boot = boot
        self._lock = threading.Lock()
        self._rows: dict[str, Hung] | None = None

    def note(self, channel_id: str) -> None:
        """Take note that a camera hung, and that the process ends for it."""
        with self._lock:
            before = self._read().get(channel_id)
            hangs = 1 if before is None else before.hangs + 1
            self._read()[channel_id] = Hung(hangs, self._clock.monotonic_s() + _left_alone_s(hangs), self._boot)
            self._write()

    def is_away(self, channel_id: str) -> bool:
        """Tell whether an earlier process lost the camera so, and no picture has come since."""
        with self._lock:
            row = self._read().get(channel_id)
            return row is not None and row.away

    def left_s(self, channel_id: str) -> float:
        """Return for how many seconds a camera is still left alone."""
        with self._lock:
            row = self._read().get(channel_id)
            if row is None:
                return 0.0
            return min(max(0.0, row.until_s - self._clock.monotonic_s()), _left_alone_s(row.hangs))

    def works(self, channel_id: str, seconds: float) -> None:
        """Take note that a camera has given pictures for some seconds."""
        with self._lock:
            row = self._read().get(channel_id)
            if row is None:
                return
            if seconds >= max(_WORKS_S, _left_alone_s(row.hangs)):
                del self._read()[channel_id]
            elif row.away and seconds >= _BACK_S:
                self._read()[channel_id] = replace(row, away=False)
            else:
                return
            self._write()

    def forget(self, *channel_ids: str) -> None:
        """Begin anew with some channels, with all where none is named: somebody has seen to it."""
        with self._lock:
            rows = self._read()
            gone = [each for each in channel_ids or tuple(rows) if each in rows]
            for each in gone:
                del rows[each]
            if gone:
                self._write()

    def leave_alone(self, channel_id: str, stop: threading.Event, turn: Callable[[str], None]) -> None:
        """Wait until a camera may be opened; `turn` is called every second, with what to tell people."""
        while not stop.is_set() and (left_s := self.left_s(channel_id)) > 0.0:
            turn(self._words(channel_id, left_s))
            stop.wait(min(left_s, _TURN_S))

    def _words(self, channel_id: str, left_s: float) -> str:
        with self._lock:
            row = self._read().get(channel_id)
        hangs = 1 if row is None else row.hangs
        often = (
            "it hung, and the program was"
            if hangs == 1
            else f"it hung {hangs} times in a row, the program was each time"
        )
        when = f"in {left_s / 60.0:.0f} minutes" if left_s >= _MINUTES_S else "within a minute or two"
        text = "so that the other cameras run meanwhile; look at its cable and power supply"
        return f"{often} started anew to get it back; it is tried again {when}, {text}"

    def _read(self) -> dict[str, Hung]:
        if self._rows is None:
            kept = {} if self._path is None else _kept(self._path)
            self._rows = {channel_id: row for channel_id, row in kept.items() if row.boot == self._boot}
        return self._rows

    def _write(self) -> None:
        if self._path is None:
            return
        beside = self._path.with_name(self._path.name + ".new")
        rows = {channel_id: asdict(row) for channel_id, row in self._read().items()}
        try:
            beside.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
            beside.replace(self._path)
        except OSError as error:
            _log.warning("cannot write %s (%s): a camera that hangs is tried again at once", beside, error.strerror)


def boot_id() -> str:
    """Return what tells this start of the machine from others, empty where the kernel does not say."""
    try:
        return _BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        return ""


def _left_alone_s(hangs: int) -> float:
    """Return for how long a camera is left alone after so many hangs in a row: 10, 30, 90 ... 900 s."""
    return min(LONGEST_S, _FIRST_S * _FACTOR ** min(hangs - 1, 10))


def _kept(path: Path) -> dict[str, Hung]:
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        rows = {channel_id: Hung(**row) for channel_id, row in kept.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}
    return {channel_id: row for channel_id, row in rows.items() if _is_sound(row)}


def _is_sound(row: Hung) -> bool:
    return isinstance(row.hangs, int) and isinstance(row.until_s, int | float) and row.hangs > 0
