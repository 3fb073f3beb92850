"""The analysis worker with real mailboxes, board and event log."""

import threading
from collections.abc import Iterator
from datetime import UTC
from pathlib import Path

import pytest

from edge.analysis.worker import AnalysisWorker
from edge.capture.source import CameraStatus, CaptureError
from edge.model.calibration import RulerSource
from edge.model.event import EventType
from edge.model.scene import Frame
from edge.settings import ChannelSettings
from edge.store.query import EventQuery
from tests.support.desk import Desk, open_desk, running
from tests.support.pictures import decoded
from tests.support.streets import block_channel, block_frame, build_blocks, middle_line

WALK = [0.2, 0.3, 0.4, 0.45, 0.55, 0.65, 0.7, 0.8]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with open_desk(tmp_path) as opened:
        yield opened


def walk(channel_id: str, start: int = 0, grey: int = 3) -> list[Frame]:
    return [block_frame(start + n, {grey: place}, channel_id=channel_id) for n, place in enumerate(WALK)]


def crossing_channel(channel_id: str) -> ChannelSettings:
    return block_channel(channel_id, [middle_line()])


def test_events_reach_the_log_and_what_is_open_is_closed_at_the_stop(desk: Desk) -> None:
    desk.worker.add(crossing_channel("c"))
    with running(desk.worker):
        desk.feed(walk("c"))
    assert desk.told() == [("c", "ObjectAppear", 1), ("c", "TripwireCrossed", 1), ("c", "ObjectDisappear", 1)]
    view = desk.board.latest("c")
    assert view is not None
    assert view.frame.sequence == len(WALK) - 1
    assert [track.object_id for track in view.scene.tracks] == [1]


def test_appear_and_crossing_have_a_picture_and_disappear_has_none(desk: Desk) -> None:
    desk.worker.add(block_channel("c", [middle_line(), middle_line("Plain", snapshot=False)]))
    with running(desk.worker):
        desk.feed(walk("c"))
    desk.told()
    pictures = {
        (stored.event.type, stored.event.rule_name): desk.log.snapshot(stored.event_id)
        for stored in desk.log.select(EventQuery())
    }
    assert pictures[EventType.TRIPWIRE_CROSSED, "Plain"] is None
    assert pictures[EventType.OBJECT_DISAPPEAR, ""] is None
    for kind, rule in ((EventType.TRIPWIRE_CROSSED, "Middle"), (EventType.OBJECT_APPEAR, "")):
        picture = pictures[kind, rule]
        assert picture is not None
        assert decoded(picture).shape == (120, 160, 3)


def test_a_removed_channel_is_closed_at_once_and_the_other_goes_on(desk: Desk) -> None:
    desk.worker.add(crossing_channel("a"))
    desk.worker.add(crossing_channel("b"))
    with running(desk.worker):
        desk.feed(walk("a")[:3])
        desk.feed(walk("b")[:4])
        desk.feed(walk("a")[3:4])
        desk.worker.remove("a")
        assert desk.told() == [("a", "ObjectAppear", 1), ("b", "ObjectAppear", 1), ("a", "ObjectDisappear", 1)]
        assert desk.board.latest("a") is None
        desk.feed(walk("a")[4:])  # a frame that was still under way
        desk.feed(walk("b")[4:])
    assert desk.told()[3:] == [("b", "TripwireCrossed", 1), ("b", "ObjectDisappear", 1)]


@pytest.mark.parametrize("how", ["lost", "ended"])
def test_a_lost_or_ended_camera_closes_what_is_open_and_starts_anew_with_new_ids(desk: Desk, how: str) -> None:
    desk.worker.add(crossing_channel("c"))
    with running(desk.worker):
        desk.feed(walk("c")[:3])
        if how == "lost":
            desk.worker.lost("c", CaptureError(CameraStatus.STALLED, "stalled"))
        else:
            desk.worker.ended("c")
        assert desk.committed(2)  # an ended file is closed after the frame in hand
        desk.feed(walk("c", start=10)[4:])
    assert desk.told() == [
        ("c", "ObjectAppear", 1),
        ("c", "ObjectDisappear", 1),
        ("c", "ObjectAppear", 2),
        ("c", "ObjectDisappear", 2),
    ]
    closed = desk.log.select(EventQuery())[1].event
    assert closed.stream_s == pytest.approx(0.2)


def test_another_picture_size_starts_the_channel_anew(desk: Desk) -> None:
    desk.worker.add(block_channel("c"))
    with running(desk.worker):
        desk.feed([block_frame(0, {3: 0.5}), block_frame(1, {3: 0.5}, size=(200, 160))])
    assert [kind for _, kind, _ in desk.told()] == ["ObjectAppear", "ObjectDisappear"] * 2


def test_ids_go_on_where_the_log_is(desk: Desk) -> None:
    desk.worker.add(block_channel("c"))
    with running(desk.worker):
        desk.feed(walk("c"))
    assert desk.log.flush(20)
    second = AnalysisWorker(desk.mailboxes, desk.log, desk.board, desk.health, desk.clock, zone=UTC, build=build_blocks)
    second.add(block_channel("c"))
    with running(second):
        desk.feed(walk("c"))
    assert [object_id for _, _, object_id in desk.told()] == [1, 1, 2, 2]


def test_changed_rules_keep_tracks_and_close_what_goes(desk: Desk) -> None:
    desk.worker.add(block_channel("c"))
    with running(desk.worker):
        desk.feed(walk("c")[:2])
        desk.worker.change_rules(block_channel("c", [middle_line()], objects=False))
        desk.feed(walk("c")[2:])
    assert desk.told() == [("c", "ObjectAppear", 1), ("c", "ObjectDisappear", 1), ("c", "TripwireCrossed", 1)]


def test_a_fault_in_one_channel_closes_it_and_leaves_the_others_their_state(desk: Desk) -> None:
    desk.worker.add(crossing_channel("a"))
    desk.worker.add(crossing_channel("b"))
    with running(desk.worker):
        desk.feed(walk("a")[:4] + walk("b")[:4])
    stop = threading.Event()
    assert desk.told()[-2:] == [("a", "ObjectDisappear", 1), ("b", "ObjectDisappear", 1)]
    desk.mailboxes.put(block_frame(50, {3: 0.4}, channel_id="a"))
    desk.mailboxes.put(block_frame(51, {3: 0.4}, channel_id="a", fault=True))
    with pytest.raises(RuntimeError, match="asks for a fault"):
        desk.worker.run(stop, lambda: None)
    assert desk.health.snapshot().flags
    with running(desk.worker):  # as the supervisor does
        desk.feed(walk("a", start=60) + walk("b", start=60))
        desk.clock.move(1.5)
        desk.feed([block_frame(70, {}, channel_id="a")])
    assert [kind for channel, kind, _ in desk.told()[4:] if channel == "a"] == [
        "ObjectAppear",
        "TripwireCrossed",
        "ObjectDisappear",
    ]
    assert not desk.health.snapshot().flags


def test_a_channel_that_fails_again_rests_and_does_not_starve_the_other(desk: Desk) -> None:
    desk.worker.add(block_channel("a"))
    desk.worker.add(block_channel("b"))
    stop = threading.Event()
    for number in (1, 2):
        desk.mailboxes.put(block_frame(number, {}, channel_id="a", fault=True))
        with pytest.raises(RuntimeError):
            desk.worker.run(stop, lambda: None)
        desk.clock.move(1.0)
    with running(desk.worker):
        desk.feed([block_frame(3, {}, channel_id="a", fault=True), *walk("b")])
        assert [kind for _, kind, _ in desk.told()] == ["ObjectAppear"]
        desk.clock.move(60.0)
        desk.feed([block_frame(4, {3: 0.5}, channel_id="a"), block_frame(5, {3: 0.5}, channel_id="a")])
    assert ("a", "ObjectAppear", 1) in desk.told()


def test_a_channel_that_is_only_shown_gives_pictures_and_no_events(desk: Desk) -> None:
    desk.worker.add(crossing_channel("c"))
    with running(desk.worker):
        desk.feed(walk("c")[:4])
        desk.worker.show("c")
        assert desk.board.latest("c") is None
        desk.feed(walk("c", 100))
        view = desk.board.latest("c")
        assert view is not None
        assert (view.frame.sequence, view.scene.tracks) == (107, ())
        assert [kind for _, kind, _ in desk.told()] == ["ObjectAppear", "ObjectDisappear"]
        desk.worker.add(crossing_channel("c"))
        desk.feed(walk("c", 200))
    assert [kind for _, kind, _ in desk.told()].count("TripwireCrossed") == 1


def test_rates_are_shown(desk: Desk) -> None:
    desk.worker.add(block_channel("c"))
    with running(desk.worker):
        for number in range(40):
            desk.feed([block_frame(number, {})])
            desk.clock.move(0.1)
    health = desk.health.snapshot().channels["c"]
    assert health.analysed >= 30
    assert health.analysed_fps == pytest.approx(10.0, abs=0.5)


def test_what_is_learnt_of_the_scale_is_shown(desk: Desk) -> None:
    desk.worker.add(block_channel("c"))
    with running(desk.worker):
        for number in range(80):
            desk.feed([block_frame(number, {3 + number // 40: 0.1 + number % 40 * 0.02})])
            desk.clock.move(0.1)
    known = desk.health.snapshot().channels["c"].calibration
    assert known is not None
    assert (known.source, known.people) == (RulerSource.LEARNED, 2)
    assert known.rulers[0].height == pytest.approx(40 / 120)
