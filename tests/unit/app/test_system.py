import os
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from edge.app.system import SystemClock, local_zone
from tests.support.appliance import listening, until

TAKE_ONE = """
import os, signal
signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as nohup leaves it
from edge.app.system import SystemSignals
signals = SystemSignals((signal.SIGTERM, signal.SIGHUP))
assert signals.wait(0.01) is None
for sent in (signal.SIGHUP, signal.SIGTERM):
    os.kill(os.getpid(), sent)
    assert signals.wait(5) is sent
print("both")
"""


def test_signals_are_taken_one_at_a_time() -> None:
    done = subprocess.run([sys.executable, "-c", TAKE_ONE], capture_output=True, text=True, check=True)
    assert done.stdout == "both\n"


BEAR = """
from edge.app.system import Systemd
systemd = Systemd()
systemd.bear(303.0)
systemd.bear(0.0)
"""


@pytest.mark.parametrize(
    ("watchdog", "expected"),
    [
        ("30000000", ["EXTEND_TIMEOUT_USEC=303000000", "WATCHDOG_USEC=303000000", "WATCHDOG_USEC=30000000"]),
        ("", ["EXTEND_TIMEOUT_USEC=303000000"]),
    ],
)
def test_systemd_is_asked_to_bear_with_a_long_standstill(tmp_path: Path, watchdog: str, expected: list[str]) -> None:
    heard: list[str] = []
    with listening(tmp_path / "notify", heard) as path:
        environment = {**os.environ, "NOTIFY_SOCKET": str(path), "WATCHDOG_USEC": watchdog}
        subprocess.run([sys.executable, "-c", BEAR], check=True, env=environment)
        until("all is heard", lambda: len(heard) >= len(expected))
    assert heard == expected


def test_the_clock_is_the_machines() -> None:
    clock = SystemClock()
    assert abs(clock.now_us() / 1e6 - time.time()) < 5
    assert clock.monotonic_s() <= clock.monotonic_s()
    assert clock.synced() in (True, False)
    up_s = float(Path("/proc/uptime").read_text(encoding="ascii").split()[0])
    assert abs(clock.now_us() / 1e6 - clock.started_us() / 1e6 - up_s) < 5
    assert clock.boot() == Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()


def test_a_named_zone_knows_its_summer_time() -> None:
    zone = local_zone("Europe/Berlin")
    assert datetime(2026, 7, 1, tzinfo=UTC).astimezone(zone).hour == 2
    assert datetime(2026, 1, 1, tzinfo=UTC).astimezone(zone).hour == 1


def test_an_unknown_zone_falls_back_and_says_so(caplog: pytest.LogCaptureFixture) -> None:
    local_zone("Mars/Olympus")
    assert "Mars/Olympus" in caplog.text


@pytest.mark.parametrize("name", ["Asia/Tokyo", ":Asia/Tokyo"], ids=["plain", "colon"])
def test_tz_of_the_environment_counts(name: str) -> None:
    code = "from edge.app.system import local_zone; from datetime import *; print(datetime(2026,1,1,tzinfo=UTC)"
    code += ".astimezone(local_zone('')).hour)"
    environment = {**os.environ, "TZ": name, "PYTHONPATH": str(Path.cwd())}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == "9\n"
