from itertools import count, pairwise, takewhile

import pytest

from edge.capture.lateness import Lateness


def played(lateness: Lateness, pictures: list[tuple[float | None, float]]) -> list[bool]:
    """Take pictures as (stamp, arrival), each looked at as it arrives; return which are late."""
    return [lateness.is_late(pts_s, arrival_s, arrival_s) for pts_s, arrival_s in pictures]


def steady(begin: int, end: int, late_s: float = 0.0) -> list[tuple[float | None, float]]:
    return [(i / 10, 100 + i / 10 + late_s) for i in range(begin, end)]


def test_what_stood_in_a_queue_is_late_until_the_queue_is_empty() -> None:
    burst: list[tuple[float | None, float]] = [(i / 10, 105.0 + i / 1000) for i in range(10, 50)]
    late = played(Lateness(), steady(0, 10) + burst + steady(51, 60))
    assert late == [False] * 10 + [True] * 27 + [False] * 22


def test_a_picture_whose_end_came_only_after_a_stall_is_late() -> None:
    lateness = Lateness()
    assert not any(played(lateness, steady(0, 10)))
    assert lateness.is_late(1.0, 101.0, 105.0)


@pytest.mark.parametrize("step_s", [1.0, 5.0, 30.0])
def test_a_camera_with_few_pictures_is_not_late(step_s: float) -> None:
    lateness = Lateness()
    late = [lateness.is_late(i * step_s, i * step_s, (i + 1) * step_s) for i in range(1, 10)]
    assert not any(late[1:])


@pytest.mark.parametrize(
    "pictures",
    [
        pytest.param([(None, i / 10) for i in range(100)], id="no stamps"),
        pytest.param([(0.0, i / 10) for i in range(100)], id="stamps that stand still"),
        pytest.param([(-i / 10, i / 10) for i in range(100)], id="stamps that fall"),
        pytest.param([(i / 10 + (5000 if i > 20 else 0), i / 10) for i in range(100)], id="stamps that leap"),
        pytest.param([(i / 10 - (3 if i > 20 else 0), i / 10) for i in range(100)], id="stamps that jump back"),
        pytest.param([(i / 10 * 0.985, i / 10) for i in range(9000)], id="a clock that is 1.5 % slow"),
        pytest.param([(i / 10 * 1.015, i / 10) for i in range(9000)], id="a clock that is 1.5 % fast"),
        pytest.param([(i / 10, i / 10 + i % 10 / 10) for i in range(100)], id="a second of jitter"),
    ],
)
def test_stamps_that_tell_nothing_make_nothing_late(pictures: list[tuple[float | None, float]]) -> None:
    assert not any(played(Lateness(), pictures))


def connected(lateness: Lateness, begin_s: float, until_s: float) -> float:
    """Play pictures that come at half their speed until the connection is given up; return when, or `until_s`."""
    lateness.restart()
    moments = takewhile(lambda now_s: now_s < until_s, (begin_s + i / 5 for i in count()))
    for number, now_s in enumerate(moments):
        if lateness.is_late(number / 10, now_s, now_s) and lateness.gives_up(now_s):
            return now_s
    return until_s


def test_a_slow_network_ends_the_connection_at_once_and_then_ever_more_seldom() -> None:
    lateness, ends = Lateness(), [0.0]
    while ends[-1] < 20_000:
        ends.append(connected(lateness, ends[-1] + 1, 20_000))
    assert ends[1] == pytest.approx(5, abs=2)
    waits = [after - before for before, after in pairwise(ends[1:-1])]
    assert waits[0] == pytest.approx(65, abs=10)
    assert all(after == pytest.approx(min(3600, 2 * before), rel=0.15) for before, after in pairwise(waits))


def test_after_a_long_time_without_trouble_it_counts_anew() -> None:
    lateness = Lateness()
    connected(lateness, 0, 100)
    assert connected(lateness, 10_000, 10_100) == pytest.approx(10_005, abs=2)
    assert connected(lateness, 10_010, 10_400) == pytest.approx(10_067, abs=10)
