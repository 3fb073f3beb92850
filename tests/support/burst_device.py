"""A whole device that is given a burst of events, as if its rules had made them, while it looks at its cameras.

Started as `python -m tests.support.burst_device CONFIG RATE SECONDS SPAN`: once every camera gives pictures it watches
them for SPAN seconds, appends RATE events a second for SECONDS, waits until every output has them all, and watches for
SPAN seconds more. It prints one JSON object, of type `Told`, and ends.
"""

import json
import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import TypedDict

from edge.app.appliance import Appliance
from edge.app.compose import Parts, build_parts, readers
from edge.app.system import SystemClock, Systemd, SystemSignals, local_zone
from edge.config.loader import load
from edge.supervisor.supervisor import Supervisor
from tests.support.events import crossing

LONGEST_S = 240.0
SETTLED_FRAMES = 30


class Phase(TypedDict):
    """What cameras did for some time: frames that were analysed, and let go, on all channels together."""

    seconds: float
    analysed: int
    dropped: int
    cpu_s: float


class Told(TypedDict):
    """What came of it; `stored_s` and `delivered_s` are counted from the end of the burst."""

    before: Phase
    burst: Phase
    delivering: Phase
    after: Phase
    stored_s: float
    delivered_s: float


class Meter:
    """Counts frames from one reading to the next."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._last = self._now()

    def _now(self) -> tuple[float, int, int, float]:
        channels = self._parts.health.snapshot().channels.values()
        return (
            time.monotonic(),
            sum(each.analysed for each in channels),
            sum(each.dropped for each in channels),
            time.process_time(),
        )

    def read(self) -> Phase:
        """Return what has come since the last reading; health is told once a second, so up to that is missed."""
        now, last = self._now(), self._last
        self._last = now
        return {
            "seconds": now[0] - last[0],
            "analysed": now[1] - last[1],
            "dropped": now[2] - last[2],
            "cpu_s": now[3] - last[3],
        }


def burst(parts: Parts, rate: int, seconds: float, span_s: float, names: list[str]) -> Told:
    """Go through the whole of it."""
    deadline_s = time.monotonic() + LONGEST_S
    while not _all_run(parts, names):
        _wait(deadline_s)
    meter = Meter(parts)
    time.sleep(span_s)
    before = meter.read()
    began_s = time.monotonic()
    for number in range(round(rate * seconds)):
        now_us = parts.clock.now_us()
        parts.log.append([crossing(number, time_us=now_us)], now_us)
        time.sleep(max(0.0, began_s + number / rate - time.monotonic()))
    ended_s = time.monotonic()
    during = meter.read()
    parts.log.flush(60)
    stored_s, last_id = time.monotonic() - ended_s, parts.log.last_event_id()
    while any(parts.outbox.state(name).event_id < last_id for name in names):
        _wait(deadline_s)
    delivered_s = time.monotonic() - ended_s
    delivering = meter.read()
    time.sleep(span_s)
    return {
        "before": before,
        "burst": during,
        "delivering": delivering,
        "after": meter.read(),
        "stored_s": stored_s,
        "delivered_s": delivered_s,
    }


def _all_run(parts: Parts, names: list[str]) -> bool:
    channels = parts.health.snapshot().channels.values()
    return all(each.analysed >= SETTLED_FRAMES for each in channels) and all(
        parts.outbox.cursor(name) is not None for name in names
    )


def _wait(deadline_s: float) -> None:
    if time.monotonic() > deadline_s:
        raise RuntimeError("it does not come to an end")
    time.sleep(0.05)


def main() -> None:
    settings = load(Path(sys.argv[1]))
    rate, seconds, span_s = int(sys.argv[2]), float(sys.argv[3]), float(sys.argv[4])
    clock = SystemClock()
    folder = Path(settings.state_dir)
    folder.mkdir(parents=True, exist_ok=True)
    parts = build_parts(settings, lambda: settings, clock, local_zone(settings.device.timezone))
    parts.outbox.open()
    parts.log.open()
    supervisor = Supervisor(parts.health, clock, SystemSignals((signal.SIGTERM,)), Systemd())
    appliance = Appliance(parts, supervisor, folder)

    def work() -> None:
        try:
            told = burst(parts, rate, seconds, span_s, readers(settings, parts))
            sys.stdout.write(json.dumps(told) + "\n")
            sys.stdout.flush()
        finally:
            os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=work, daemon=True).start()
    supervisor.run(appliance.stages(settings), reload=lambda: None, tick=appliance.alive, status=appliance.status)
    parts.outbox.close()
    parts.log.close()


if __name__ == "__main__":
    main()
