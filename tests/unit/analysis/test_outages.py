"""CameraDisconnected by the analysis worker: one event an outage, whatever happens in it."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, tzinfo
from pathlib import Path

import pytest

from edge.capture.source import CameraStatus, CaptureError
from edge.model.event import Event, EventType
from edge.model.scene import Detections, Expected, Frame, Observation
from edge.pipeline import ChannelPipeline
from edge.rules.table import make_rules
from edge.settings import ChannelSettings
from tests.support.desk import Desk, open_desk, running
from tests.support.streets import BlockDetector, BlockTracker, block_channel, block_frame, middle_line

STALLED = CaptureError(CameraStatus.STALLED, "stalled")
SECONDS = 15.0


class Sameness:
    """Tells for how long the picture has been the same: since its pixels last changed."""

    def __init__(self) -> None:
        self._last = b""
        self._since_s = 0.0

    def observe(self, frame: Frame, detections: Detections, known: Sequence[Expected]) -> Observation:  # noqa: ARG002
        now = frame.picture.y.tobytes()
        if now != self._last:
            self._last, self._since_s = now, frame.stream_s
        return Observation(same_s=frame.stream_s - self._since_s)

    def change_rules(self, channel: ChannelSettings) -> None:
        """Go on as before."""


def build(channel: ChannelSettings, first_object_id: int, zone: tzinfo = UTC) -> ChannelPipeline:
    return ChannelPipeline(BlockDetector(), BlockTracker(first_object_id), Sameness(), make_rules(channel, zone))


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with open_desk(tmp_path, build) as opened:
        yield opened


def outages(desk: Desk) -> list[Event]:
    return [event for event in desk.events() if event.type is EventType.DISCONNECTED]


def play(desk: Desk, start: int, seconds: float, *, frozen: bool = False) -> None:
    """Give ten pictures a second; those of a frozen camera are all the same."""
    for number in range(start, start + round(seconds * 10)):
        desk.feed([block_frame(number, {3: 0.5 if frozen else (number % 50) / 50})])
        desk.clock.move(0.1)


def wait(desk: Desk, seconds: float) -> None:
    """Let time pass without pictures, in steps of a second each of which the worker sees."""
    for _ in range(round(seconds)):
        desk.clock.move(1.0)
        desk.feed([])  # a frame of nobody's wakes the worker


def eventually(desk: Desk, count: int) -> bool:
    deadline = time.monotonic() + 20
    while len(outages(desk)) < count and time.monotonic() < deadline:
        time.sleep(0.02)
    return len(outages(desk)) == count


def test_a_lost_camera_closes_what_is_open_and_is_told_once_with_its_reason(desk: Desk) -> None:
    desk.worker.add(block_channel())
    with running(desk.worker):
        play(desk, 0, 5)
        last_us = desk.clock.now_us() - 100_000
        desk.worker.lost("c", STALLED)
        desk.health.set_channel("c", status="unreachable")  # what the camera's worker found since
        wait(desk, 40)
        desk.health.set_channel("c", status="connection refused")
        wait(desk, 20)
        assert eventually(desk, 1)
    [event] = outages(desk)
    assert (event.reason, event.object_id, event.rule_id) == ("unreachable", -1, "-1")
    assert event.time_us == last_us + round(SECONDS * 1e6)
    kinds = [event.type for event in desk.events()]
    assert kinds.index(EventType.OBJECT_DISAPPEAR) < kinds.index(EventType.DISCONNECTED)


def test_a_camera_that_never_came_is_told_once(desk: Desk) -> None:
    desk.worker.add(block_channel())
    desk.health.set_channel("c", status="wrong password")
    with running(desk.worker):
        wait(desk, 40)
        assert eventually(desk, 1)
    assert [event.reason for event in outages(desk)] == ["wrong password"]


def test_pictures_that_just_stop_are_stalled_and_what_is_open_is_closed_before(desk: Desk) -> None:
    desk.worker.add(block_channel())
    desk.health.set_channel("c", status="ok")
    with running(desk.worker):
        play(desk, 0, 2)
        wait(desk, 20)
        assert eventually(desk, 1)
    assert [event.type.value for event in desk.events()][-2:] == ["ObjectDisappear", "CameraDisconnected"]
    assert outages(desk)[0].reason == "stalled"


@pytest.mark.parametrize(("back_s", "count"), [(0.1, 1), (1.0, 1), (6.0, 2)])
def test_back_for_a_moment_is_the_same_outage(desk: Desk, back_s: float, count: int) -> None:
    desk.worker.add(block_channel())
    with running(desk.worker):
        play(desk, 0, 5)
        desk.worker.lost("c", STALLED)
        wait(desk, 20)
        assert eventually(desk, 1)
        play(desk, 500, back_s)
        desk.worker.lost("c", STALLED)
        wait(desk, 20)
        assert eventually(desk, count)


def test_no_event_for_a_short_loss_an_ended_file_or_where_nobody_asked(desk: Desk) -> None:
    desk.worker.add(block_channel())
    unwatched = block_channel("d")
    desk.worker.add(ChannelSettings(name="d", id="d", source=unwatched.source, disconnect=None))
    with running(desk.worker):
        play(desk, 0, 5)
        desk.worker.lost("c", STALLED)
        wait(desk, 12)
        play(desk, 200, 5)
        desk.worker.ended("c")
        wait(desk, 60)
    assert not outages(desk)


def test_other_rules_during_an_outage_tell_it_no_second_time(desk: Desk) -> None:
    desk.worker.add(block_channel())
    with running(desk.worker):
        play(desk, 0, 5)
        desk.worker.lost("c", STALLED)
        wait(desk, 20)
        assert eventually(desk, 1)
        desk.worker.change_rules(block_channel("c", [middle_line()]))
        wait(desk, 40)
        play(desk, 600, 1)
    assert len(outages(desk)) == 1


def test_a_frozen_camera_is_shown_and_one_outage_with_its_loss_and_its_frozen_return(desk: Desk) -> None:
    desk.worker.add(block_channel())
    desk.health.set_channel("c", status="ok")
    with running(desk.worker):
        play(desk, 0, 5)
        play(desk, 50, 20, frozen=True)
        assert desk.health.snapshot().channels["c"].status == "frozen"
        desk.worker.lost("c", STALLED)
        wait(desk, 20)
        desk.health.set_channel("c", status="ok")
        play(desk, 500, 20, frozen=True)
        assert desk.health.snapshot().channels["c"].status == "frozen"
        play(desk, 700, 5)
        assert desk.health.snapshot().channels["c"].status == "ok"
    [event] = outages(desk)
    assert event.reason == "frozen"
    assert event.stream_s == pytest.approx(5.0 + SECONDS, abs=0.11)


def test_a_camera_that_hangs_is_told_at_once_and_once(desk: Desk) -> None:
    desk.worker.add(block_channel())
    with running(desk.worker):
        play(desk, 0, 5)
        desk.worker.lost("c", STALLED)
        desk.clock.move(2.0)
        desk.worker.hung("c", "did not stop")
        desk.worker.hung("c", "did not stop")
        wait(desk, 40)
    assert [(event.reason, event.time_us) for event in outages(desk)] == [("hung", desk.clock.now_us() - 40_000_000)]
    kinds = [event.type for event in desk.events()]
    assert kinds.index(EventType.OBJECT_DISAPPEAR) < kinds.index(EventType.DISCONNECTED)


def test_a_camera_that_hangs_in_an_outage_that_was_told_is_told_no_second_time(desk: Desk) -> None:
    desk.worker.add(block_channel())
    with running(desk.worker):
        wait(desk, 20)
        assert eventually(desk, 1)
        desk.worker.hung("c", "did not open")
    assert [event.reason for event in outages(desk)] == ["stalled"]


def test_nobody_asks_for_the_loss_of_a_camera_that_hangs(desk: Desk) -> None:
    desk.worker.add(replace(block_channel(), disconnect=None))
    with running(desk.worker):
        desk.worker.hung("c", "did not stop")
        desk.worker.hung("another", "did not stop")
    assert outages(desk) == []


def test_a_camera_that_is_being_prepared_is_not_lost(desk: Desk) -> None:
    desk.worker.add(block_channel())
    desk.health.set_channel("c", status=CameraStatus.PREPARING.value)
    with running(desk.worker):
        wait(desk, 60)
        desk.health.set_channel("c", status=CameraStatus.STARTING.value)
        wait(desk, 10)
        assert outages(desk) == []
        wait(desk, 10)
        assert eventually(desk, 1)
