from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from edge.model.event import EventType
from edge.model.geometry import Box
from edge.model.scene import Observation, Scene, ViewFault
from edge.model.scene import View as Look
from edge.outputs.mqtt.kept import Problems
from edge.outputs.mqtt.watch import PICTURE_EVERY_S, TAKEN_FOR_NORMAL_S, Watch
from edge.picture.board import View
from edge.settings import ApiSettings
from tests.support.pictures import plain_frame, scene_of
from tests.support.rest import BERLIN, CHANNEL, Device, demo_channel, device, event

JPEG = b"\xff\xd8\xff\xd9"


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Device]:
    with device(tmp_path, api=ApiSettings(), channels=[demo_channel()], zone=BERLIN) as made:
        yield made


def shown(stream_s: float, *boxes: Box, fault: ViewFault | None = None, settled: bool = True) -> dict[str, View]:
    frame = plain_frame(CHANNEL, 1, size=(64, 48), grey=9)
    scene: Scene = replace(
        scene_of(frame, *boxes), stream_s=stream_s, observed=Observation(view=Look(fault=fault, settled=settled))
    )
    return {CHANNEL: View(frame, scene)}


def test_a_spoilt_view_heals_after_ten_seconds_of_health_in_one_go(made: Device) -> None:
    watch = Watch(made.context.log)
    channels = [demo_channel()]
    watch.begin(channels, Problems())
    made.commit(event(EventType.SABOTAGE, reason="dark"))
    steps = [
        (0.0, shown(0, fault=ViewFault.DARK)),
        (9.0, shown(9)),
        (18.0, shown(18)),
        (18.5, shown(18.5, fault=ViewFault.DARK)),
        (19.0, shown(19)),
        (28.5, shown(28.5)),
        (28.8, shown(28.8, settled=False)),
        (29.0, shown(29)),
        (38.5, shown(38.5)),
    ]
    for _, views in steps:
        watch.look(channels, views)
        assert watch.spoilt == {CHANNEL}
    watch.look(channels, shown(39.1))
    assert watch.spoilt == frozenset()


def test_a_camera_that_came_back_counts_its_seconds_anew(made: Device) -> None:
    watch = Watch(made.context.log)
    channels = [demo_channel()]
    watch.begin(channels, Problems())
    made.commit(event(EventType.SABOTAGE, reason="dark"))
    for stream_s in (100.0, 3.0, 12.0):
        watch.look(channels, shown(stream_s))
        assert watch.spoilt == {CHANNEL}
    watch.look(channels, shown(13.0))
    assert watch.spoilt == frozenset()


SOMEBODY = Box(0.1, 0.1, 0.2, 0.6)


def test_after_a_restart_a_spoilt_view_is_healthy_only_once_something_moves_in_it(made: Device) -> None:
    channels = [demo_channel()]
    before = Watch(made.context.log)
    before.begin(channels, Problems())
    made.commit(event(EventType.SABOTAGE, reason="covered"))
    before.look(channels, {})
    watch = Watch(made.context.log)
    watch.begin(channels, before.problems)
    assert watch.spoilt == {CHANNEL}
    for stream_s in (15.0, 25.0, 15.0 + TAKEN_FOR_NORMAL_S - 1):  # the cover itself, learnt as normal
        watch.look(channels, shown(stream_s))
        assert watch.spoilt == {CHANNEL}
    watch.look(channels, shown(15.0 + TAKEN_FOR_NORMAL_S - 0.5, SOMEBODY))
    assert watch.spoilt == frozenset()
    assert watch.problems == Problems(1, {})


def test_after_a_restart_a_view_that_stays_as_it_is_is_taken_for_normal_in_the_end(made: Device) -> None:
    watch = Watch(made.context.log)
    watch.begin([demo_channel()], Problems(0, {CHANNEL: 1}))
    for stream_s, spoilt in ((15.0, {CHANNEL}), (614.0, {CHANNEL}), (615.0, set())):
        watch.look([demo_channel()], shown(stream_s))
        assert watch.spoilt == spoilt


def test_what_came_while_nobody_looked_is_read_after_a_restart(made: Device) -> None:
    made.commit(event(EventType.SABOTAGE, reason="dark"))
    forgotten, told = Watch(made.context.log), Watch(made.context.log)
    forgotten.begin([demo_channel()], Problems())
    told.begin([demo_channel()], Problems(0, {}))
    for watch in (forgotten, told):
        watch.look([demo_channel()], {})
    assert forgotten.spoilt == frozenset()
    assert told.spoilt == {CHANNEL}
    for stream_s in (1.0, 12.0):
        told.look([demo_channel()], shown(stream_s))
    assert told.spoilt == {CHANNEL}, "it is from before the start: the cover may be still there"


def test_a_sabotage_after_the_start_heals_as_ever(made: Device) -> None:
    watch = Watch(made.context.log)
    watch.begin([demo_channel()], Problems(0, {CHANNEL: 1}))
    made.commit(event(EventType.SABOTAGE, reason="dark"))
    for stream_s in (1.0, 12.0):
        watch.look([demo_channel()], shown(stream_s))
    assert watch.spoilt == frozenset()


def test_the_newest_picture_is_due_and_then_rests(made: Device) -> None:
    channels = [demo_channel()]
    made.context.log.append([event()], made.clock.now_us(), JPEG)
    made.commit(event())
    watch = Watch(made.context.log)
    watch.begin(channels, Problems())
    assert watch.pictures_due(channels, 100.0) == [(CHANNEL, 1)]
    watch.shown(CHANNEL, 1, 100.0)
    for _ in range(3):
        made.context.log.append([event()], made.clock.now_us(), JPEG)
    made.commit()
    assert made.context.log.flush(10)
    watch.look(channels, {})
    assert watch.pictures_due(channels, 100.0 + PICTURE_EVERY_S - 0.1) == []
    assert watch.pictures_due(channels, 100.0 + PICTURE_EVERY_S) == [(CHANNEL, 5)]
    watch.shown(CHANNEL, 5, 105.0)
    assert watch.pictures_due(channels, 200.0) == []
    watch.show_again()
    assert watch.pictures_due(channels, 200.0) == [(CHANNEL, 5)]


def test_a_channel_without_pictures_shows_none(made: Device) -> None:
    watch = Watch(made.context.log)
    watch.begin([demo_channel()], Problems())
    made.commit(event())
    watch.look([demo_channel()], {})
    assert watch.pictures_due([demo_channel(), demo_channel("New", "new")], 1.0) == []
