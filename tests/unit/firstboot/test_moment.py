"""The time as edge-status.txt tells it."""

from edge.firstboot.moment import moment
from tests.support.clock import TestClock


def test_a_clock_that_is_right_is_told_and_one_that_nobody_set_is_told_as_such() -> None:
    clock = TestClock(wall_us=1_795_694_971_999_999)
    assert moment(clock) == "2026-11-26 12:09:31 UTC"
    clock.is_synced = False
    up_s = (clock.now_us() - clock.started_us()) // 1_000_000
    assert moment(clock) == f"2026-11-26 12:09:31 UTC by a clock that was not set yet, {up_s} s after the start"
