from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from edge.model.event import EventType
from edge.model.scene import Observation, Scene, ViewFault
from edge.model.scene import View as Look
from edge.outputs.mqtt.watch import PICTURE_EVERY_S, Watch
from edge.picture.board import View
from edge.settings import ApiSettings
from tests.support.pictures import plain_frame, scene_of
from tests.support.rest import BERLIN, CHANNEL, Device, demo_channel, device, event

JPEG = b"\xff\xd8\xff\xd9"


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Device]:
    with device(tmp_path, api=ApiSettings(), channels=[demo_channel()], zone=BERLIN) as made:
        yield made


def shown(stream_s: float, *, fault: ViewFault | None = None, settled: bool = True) -> dict[str, View]:
    frame = plain_frame(CHANNEL, 1, size=(64, 48), grey=9)
    scene: Scene = replace(
        scene_of(frame), stream_s=stream_s, observed=Observation(view=Look(fault=fault, settled=settled))
    )
    return {CHANNEL: View(frame, scene)}


def test_a_spoilt_view_heals_after_ten_seconds_of_health_in_one_go(made: Device) -> None:
    watch = Watch(made.context.log)
    channels = [demo_channel()]
    watch.begin(channels)
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
    watch.begin(channels)
    made.commit(event(EventType.SABOTAGE, reason="dark"))
    for stream_s in (100.0, 3.0, 12.0):
        watch.look(channels, shown(stream_s))
        assert watch.spoilt == {CHANNEL}
    watch.look(channels, shown(13.0))
    assert watch.spoilt == frozenset()


def test_the_newest_picture_is_due_and_then_rests(made: Device) -> None:
    channels = [demo_channel()]
    made.context.log.append([event()], made.clock.now_us(), JPEG)
    made.commit(event())
    watch = Watch(made.context.log)
    watch.begin(channels)
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
    watch.begin([demo_channel()])
    made.commit(event())
    watch.look([demo_channel()], {})
    assert watch.pictures_due([demo_channel(), demo_channel("New", "new")], 1.0) == []
