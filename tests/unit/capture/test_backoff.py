import random

import pytest

from edge.capture.backoff import Backoff, KnockWatch
from edge.capture.rate import Rate
from edge.capture.source import CameraStatus


def test_waits_double_up_to_a_minute() -> None:
    backoff = Backoff(random.Random(1))
    waits = [backoff.next_s(CameraStatus.REFUSED, 0.0) for _ in range(9)]
    for wait, most in zip(waits, (1, 2, 4, 8, 16, 32, 60, 60, 60), strict=True):
        assert 0.8 * most <= wait <= most


@pytest.mark.parametrize(
    ("status", "least_s"),
    [(CameraStatus.WRONG_PASSWORD, 60), (CameraStatus.CLOCK_OFF, 60), (CameraStatus.LOCKED, 300)],
)
def test_a_refused_login_waits_long_each_time(status: CameraStatus, least_s: int) -> None:
    backoff = Backoff(random.Random(1))
    assert all(least_s <= backoff.next_s(status, 0.0) <= 1.2 * least_s for _ in range(50))
    assert not any(KnockWatch(status).due(now_s) for now_s in (0.0, 10.0, 1000.0))


@pytest.mark.parametrize(("worked_for_s", "most"), [(9.0, 8.0), (11.0, 1.0)], ids=["flapping", "recovered"])
def test_the_row_begins_anew_only_after_the_camera_has_worked_for_a_while(worked_for_s: float, most: float) -> None:
    backoff = Backoff(random.Random(1))
    for _ in range(3):
        backoff.next_s(CameraStatus.STALLED, 0.0)
    backoff.worked(100.0)
    assert 0.8 * most <= backoff.next_s(CameraStatus.STALLED, 100.0 + worked_for_s) <= most


def knocks(watch: KnockWatch, answers: str) -> list[bool]:
    return [watch.woke(answers=answer == "y") for answer in answers]


def test_a_silent_camera_that_answers_ends_the_wait() -> None:
    assert knocks(KnockWatch(CameraStatus.REFUSED), "nny") == [False, False, True]
    assert knocks(KnockWatch(CameraStatus.UNREACHABLE), "y") == [True]


def test_a_camera_that_answers_all_along_does_not() -> None:
    assert knocks(KnockWatch(CameraStatus.NO_SUCH_STREAM), "yyy") == [False, False, False]
    assert knocks(KnockWatch(CameraStatus.STALLED), "yny") == [False, False, True]


def test_knocks_are_spaced_and_never_made_with_a_wrong_password() -> None:
    watch = KnockWatch(CameraStatus.REFUSED)
    assert [now for now in range(10) if watch.due(now)] == [2, 4, 6, 8]
    locked = KnockWatch(CameraStatus.WRONG_PASSWORD)
    assert not any(locked.due(now) for now in range(10))


def test_a_rate_is_over_the_last_ten_seconds() -> None:
    rate = Rate()
    assert rate.per_s() == 0.0
    for second in range(60):
        rate.add(float(second), second * 10 if second < 30 else 300 + (second - 30) * 4)
    assert rate.per_s() == pytest.approx(4.0)
