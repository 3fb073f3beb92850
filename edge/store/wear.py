"""How much is written to the disk a day: the worker that measures it, and says when a card will not bear that long."""

import json
import logging
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from edge.health import DiskHealth, Health
from edge.model.clock import Clock
from edge.store.disk import Disk, disk_of, own_bytes
from edge.store.durable import write_durably

FILE_NAME = "wear.json"
NOTICE = "wear"
LOOK_S = 60.0
SAVE_S = 3600.0
"""Kept once an hour and at the end: a power cut takes an hour of the measurement, and measuring wears nothing out."""
TICK_S = 1.0
DAY_S = 86_400.0
HOURS = 24
CYCLES = 100
"""So often is a card written over before it fails: flash of cheap cards bears a few hundred, and small writes cost it
three times their size."""
TOO_SHORT_YEARS = 3.0
SURE_AFTER_S = 6 * 3600.0
_YEAR_DAYS = 365.25
_BOOT_ENOUGH_S = 600.0

LOG = logging.getLogger("edge.store")


@dataclass(frozen=True, slots=True)
class Measured:
    """What was written to one disk over all the time that was measured, and where that stood each hour of the last day.

    `boot` and `counter` are where the kernel's own count stood: it begins anew with each start of the machine.
    """

    disk: str = ""
    boot: str = ""
    counter: int = 0
    seconds: float = 0.0
    bytes: int = 0
    own: int = 0
    hours: tuple[tuple[float, int, int], ...] = field(default=((0.0, 0, 0),))

    def plus(self, disk: Disk, boot: str, seconds: float, own: int) -> "Measured":
        """Return what there is after some seconds more; what was written since the machine's start counts in full."""
        if self.disk != disk.name:
            return Measured(disk.name, boot, disk.written_bytes)
        fresh = disk.written_bytes - (self.counter if self.boot == boot else 0)
        done = replace(
            self,
            boot=boot,
            counter=disk.written_bytes,
            seconds=self.seconds + seconds,
            bytes=self.bytes + max(0, fresh),
            own=self.own + own,
        )
        if done.seconds - self.hours[-1][0] < SAVE_S:
            return done
        return replace(done, hours=(*self.hours, (done.seconds, done.bytes, done.own))[-HOURS - 1 :])

    def last_day(self) -> tuple[float, float]:
        """Return the bytes a day over the last day that was measured: to the disk, and by this program."""
        since_s, since_bytes, since_own = self.hours[0]
        seconds = max(1.0, self.seconds - since_s)
        return (self.bytes - since_bytes) / seconds * DAY_S, (self.own - since_own) / seconds * DAY_S


def lasts_years(size_bytes: int, bytes_a_day: float) -> float:
    """Return how many years a card bears so many bytes a day, by a cautious rule; 0 where nothing is known."""
    return size_bytes * CYCLES / bytes_a_day / _YEAR_DAYS if bytes_a_day > 0 else 0.0


class WearWatch:
    """Looks at the kernel's count once a minute and tells `health`."""

    name = "wear"

    def __init__(
        self,
        folder: Path,
        clock: Clock,
        health: Health,
        *,
        disk: Callable[[Path], Disk | None] = disk_of,
        own: Callable[[], int] = own_bytes,
    ) -> None:
        self._folder = folder
        self._path = folder / FILE_NAME
        self._clock = clock
        self._health = health
        self._disk = disk
        self._own = own
        self._measured = Measured()
        self._looked_s = 0.0
        self._saved_s = 0.0
        self._own_before = 0

    def run(self, stop: threading.Event, beat: Callable[[], None]) -> None:
        """Measure until told to stop."""
        self.begin()
        while not stop.is_set():
            beat()
            stop.wait(TICK_S)
            if self._clock.monotonic_s() - self._looked_s >= LOOK_S:
                self.look()
        self.look()
        self._save()

    def begin(self) -> None:
        """Go on with what is kept; what cannot be read is begun anew."""
        self._measured = _read(self._path)
        self._looked_s = self._saved_s = self._clock.monotonic_s()
        self._own_before = self._own()
        self.look()

    def look(self) -> None:
        """Take the count and tell how it stands."""
        disk = self._disk(self._folder)
        if disk is None:
            self._health.set_disk(None)
            return
        now_s, own = self._clock.monotonic_s(), self._own()
        self._measured = self._measured.plus(
            disk, self._clock.boot(), now_s - self._looked_s, max(0, own - self._own_before)
        )
        self._looked_s, self._own_before = now_s, own
        self._tell(disk)
        if now_s - self._saved_s >= SAVE_S:
            self._save()

    def _tell(self, disk: Disk) -> None:
        a_day, own = self._measured.last_day()
        up_s = (self._clock.now_us() - self._clock.started_us()) / 1e6
        since_start = disk.written_bytes / max(up_s, _BOOT_ENOUGH_S) * DAY_S
        years = lasts_years(disk.size_bytes, a_day or since_start)
        self._health.set_disk(
            DiskHealth(
                name=disk.name,
                size_bytes=disk.size_bytes,
                written_a_day=round(since_start),
                written_last_day=round(a_day),
                own_last_day=round(own),
                lasts_years=round(years, 1),
            )
        )
        short = disk.wears and self._measured.seconds >= SURE_AFTER_S and 0 < years < TOO_SHORT_YEARS
        self._health.set_notice(NOTICE, _words(disk, a_day, own, years) if short else "")

    def _save(self) -> None:
        self._saved_s = self._clock.monotonic_s()
        try:
            write_durably(self._path, json.dumps(asdict(self._measured)))
        except OSError as error:
            LOG.debug("what was measured of the disk is not kept: %s", error)


def _words(disk: Disk, a_day: float, own: float, years: float) -> str:
    gigabytes = disk.size_bytes / 1e9
    return (
        f"{a_day / 1e9:.1f} GB a day are written to the card ({disk.name}, {gigabytes:.0f} GB), {own / 1e9:.1f} GB of "
        f"it by edge: it may be worn out after {years:.1f} years. A larger card, or one for cameras ('high endurance') "
        "lasts longer; fewer events or snapshots write less"
    )


def _read(path: Path) -> Measured:
    try:
        kept = json.loads(path.read_text("utf-8"))
        hours = tuple((float(seconds), int(total), int(own)) for seconds, total, own in kept["hours"])
        if not hours:
            return Measured()
        return Measured(
            str(kept["disk"]),
            str(kept["boot"]),
            int(kept["counter"]),
            float(kept["seconds"]),
            int(kept["bytes"]),
            int(kept["own"]),
            hours,
        )
    except (OSError, ValueError, KeyError, TypeError):
        return Measured()
