"""CameraDisconnected: at most once an outage, on both ways in which a camera can be lost."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from edge.rules.disconnect import BACK_S, Outage

SECONDS = 15.0
STEP_S = 0.5


def played(steps: str, seconds: float | None = SECONDS) -> list[float]:
    """Play half seconds: p a picture, f the same picture, - nothing, x the connection is lost, e the file's end.

    Return when the outages were told: at once where the picture stood still for long enough, else by the clock.
    """
    outage, told, same_s = Outage(seconds, 0.0), [], 0.0
    for number, step in enumerate(steps):
        now_s = number * STEP_S
        if step in "pf":
            same_s = same_s + STEP_S if step == "f" else 0.0
            outage.picture(now_s, same_s)
            if seconds is not None and same_s >= seconds and outage.tell():
                told.append(now_s)
        elif step == "x":
            outage.lost()
            same_s = 0.0
        elif step == "e":
            outage.ended()
        reached_s = outage.reached_s(now_s)
        if reached_s is not None and outage.tell():
            told.append(reached_s)
    return told


def test_a_camera_that_never_gives_a_picture_is_told_once() -> None:
    assert played("-" * 200) == [SECONDS]


def test_pictures_that_stop_are_told_after_the_time_since_the_last() -> None:
    assert played("p" * 41 + "x" + "-" * 100) == [20.0 + SECONDS]


def test_a_camera_back_before_the_time_is_no_outage() -> None:
    assert not played(("p" * 20 + "x" + "-" * 25) * 4)


def test_one_picture_does_not_end_an_outage_and_some_seconds_of_them_do() -> None:
    away = "x" + "-" * 40
    assert len(played("p" * 20 + away + "p" + away + "pp" + away)) == 1
    assert len(played("p" * 20 + away + "p" * 10 + away)) == 2


def test_a_frozen_picture_that_comes_back_frozen_is_one_outage() -> None:
    assert played("p" * 20 + "f" * 60 + ("x" + "-" * 40 + "p" + "f" * 60) * 2) == [10.0 - STEP_S + SECONDS]
    assert len(played("p" * 20 + "f" * 60 + "p" * 10 + "f" * 60)) == 2


def test_a_file_that_has_ended_and_a_channel_that_is_not_watched_tell_nothing() -> None:
    assert not played("p" * 20 + "xe" + "-" * 100)
    assert not played("-" * 200, None)


@given(st.text("pf-xe", max_size=300))
def test_at_most_once_an_outage(steps: str) -> None:
    told = played(steps)
    for before, after in pairwise(told):
        low, high = round(before / STEP_S), round(after / STEP_S) + 1
        assert after - before >= BACK_S
        assert "p" in steps[low:high]
