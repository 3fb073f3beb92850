from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.capture.timeline import FileTimeline, LiveTimeline, Thinner, step_s

stamps = st.lists(st.one_of(st.none(), st.floats(-1e6, 1e6)), min_size=2, max_size=60)


@pytest.mark.parametrize(
    ("pts_step_s", "expected_s", "slack_s", "result_s"),
    [
        pytest.param(0.04, 0.1, 2.0, 0.04, id="the video's own step"),
        pytest.param(1.5, 0.1, 2.0, 1.5, id="a gap within the slack"),
        pytest.param(None, 0.1, 2.0, 0.1, id="no time stamp"),
        pytest.param(0.0, 0.1, 2.0, 0.1, id="the same time stamp again"),
        pytest.param(-5.0, 0.1, 2.0, 0.1, id="a jump back"),
        pytest.param(3600.0, 0.1, 2.0, 0.1, id="a leap"),
        pytest.param(-5.0, 0.0, 2.0, 0.001, id="never no step at all"),
    ],
)
def test_step(pts_step_s: float | None, expected_s: float, slack_s: float, result_s: float) -> None:
    assert step_s(pts_step_s, expected_s, slack_s) == result_s


@given(stamps)
def test_a_clip_starts_at_zero_and_only_rises(pts: list[float | None]) -> None:
    timeline = FileTimeline()
    places = [timeline.place(stamp) for stamp in pts]
    assert places[0] == 0.0
    assert all(before < after for before, after in pairwise(places))


@given(stamps, st.data())
def test_a_live_stream_only_rises_whatever_comes_when(pts: list[float | None], data: st.DataObject) -> None:
    timeline = LiveTimeline()
    gaps = data.draw(st.lists(st.floats(0.0, 100.0), min_size=len(pts), max_size=len(pts)))
    arrival_s, places = 50.0, []
    for stamp, gap in zip(pts, gaps, strict=True):
        arrival_s += gap
        places.append(timeline.place(stamp, arrival_s))
    assert places[0] == 0.0
    assert all(before < after for before, after in pairwise(places))


def test_a_clip_that_starts_late_and_has_a_gap_keeps_its_own_clock() -> None:
    timeline = FileTimeline()
    assert [timeline.place(pts) for pts in (7.0, 7.5, 20.0, None, 20.2)] == pytest.approx([0, 0.5, 13.0, 13.1, 13.2])


def test_a_loop_goes_on_by_one_frame() -> None:
    timeline = FileTimeline()
    timeline.frame_s = 0.25
    first = [timeline.place(pts) for pts in (0.0, 0.25)]
    timeline.restart()
    assert first + [timeline.place(pts) for pts in (0.0, 0.25)] == pytest.approx([0, 0.25, 0.5, 0.75])


def test_steps_of_a_live_stream_are_the_cameras_not_the_networks() -> None:
    timeline = LiveTimeline()
    places = [timeline.place(i * 0.1, 100 + i * 0.1 + (0.08 if i % 3 else 0.0)) for i in range(100)]
    steps = [after - before for before, after in pairwise(places)]
    assert max(steps) < 0.1011
    assert min(steps) > 0.0989


def test_a_camera_clock_that_runs_half_a_percent_slow_does_not_run_away() -> None:
    timeline = LiveTimeline()
    for i in range(20_000):
        place = timeline.place(i * 0.1 * 0.995, i * 0.1)
    assert place == pytest.approx(2000, abs=1.0)


def test_an_outage_counts_with_the_time_that_passed() -> None:
    timeline = LiveTimeline()
    timeline.place(500.0, 10.0)
    timeline.restart()
    assert timeline.place(0.0, 40.0) == pytest.approx(30.0)


@pytest.mark.parametrize(
    ("source_fps", "wanted_fps", "chosen"),
    [
        pytest.param(10, 5, range(0, 200, 2), id="10 to 5: every second one"),
        pytest.param(10, 10, range(200), id="10 to 10: all"),
        pytest.param(5, 10, range(200), id="5 to 10: all"),
        pytest.param(30, 10, range(0, 200, 3), id="30 to 10: every third one"),
    ],
)
def test_thinning(source_fps: float, wanted_fps: float, chosen: range) -> None:
    thinner = Thinner(wanted_fps)
    assert [i for i in range(200) if thinner.wants(i / source_fps)] == list(chosen)


def test_every_second_frame_in_spite_of_jitter() -> None:
    thinner = Thinner(5)
    jitter = (0.0, 0.03, -0.03, 0.01, -0.02, 0.02, -0.01)
    assert [i for i in range(300) if thinner.wants(i / 10 + jitter[i % 7])] == list(range(0, 300, 2))


@given(st.floats(5.0, 60.0), st.floats(1.0, 30.0))
def test_thinning_is_even_in_the_mean(source_fps: float, wanted_fps: float) -> None:
    thinner = Thinner(wanted_fps)
    seconds = 60
    chosen = [i / source_fps for i in range(int(seconds * source_fps)) if thinner.wants(i / source_fps)]
    expected = seconds * min(source_fps, wanted_fps)
    assert len(chosen) == pytest.approx(expected, rel=0.02, abs=2)
    gaps = [after - before for before, after in pairwise(chosen)]
    assert max(gaps) < 1 / wanted_fps + 1.5 / source_fps


def test_after_a_gap_there_is_no_rush() -> None:
    thinner = Thinner(5)
    times = [i / 10 for i in range(10)] + [30 + i / 10 for i in range(10)]
    assert sum(thinner.wants(time) for time in times) == 10
