"""Masks and the detector: what lies under them is not analysed, and has no say in what is light and what is motion."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC

import numpy as np
import pytest

from edge.capture.privacy import PrivacyPainter
from edge.model.event import EventType, Why
from edge.model.scene import Frame
from edge.pipeline import PipelineResult, build_pipeline
from edge.settings import ChannelSettings, DemoSettings, MaskSettings, SourceSettings
from tests.support.boxes import ids
from tests.support.masks import POLYGONS, exclude, privacy
from tests.support.stage import BRIGHT, DARK, HEIGHT, WIDTH, show, together, walk

ABOVE = ((0.0, 0.0), (1.0, 0.0), (1.0, 0.6), (0.0, 0.6))
BELOW = ((0.0, 0.6), (1.0, 0.6), (1.0, 1.0), (0.0, 1.0))
RIGHT = ((0.5, 0.0), (1.0, 0.0), (1.0, 1.0), (0.5, 1.0))
_NEAR = walk(DARK, -20, 660, 330, begin_s=2, seconds=8)
_FAR = walk(BRIGHT, 660, -20, 150, begin_s=2, seconds=8)


def _play(frames: Iterator[Frame], masks: tuple[MaskSettings, ...]) -> list[PipelineResult]:
    channel = ChannelSettings(name="c", id="c", source=SourceSettings(demo=DemoSettings()), masks=masks)
    painter, pipeline = PrivacyPainter(masks), build_pipeline(channel, 1, UTC)
    return [pipeline.process(painter.painted(frame)) for frame in frames]


def _flickering(frames: Iterator[Frame], rows: slice) -> Iterator[Frame]:
    """Let some rows be dark and bright in turn, as a screen."""
    for number, frame in enumerate(frames):
        luma = frame.picture.y.copy()
        luma[rows] = 220 if number % 2 else 40
        yield replace(frame, picture=replace(frame.picture, y=luma))


@pytest.mark.parametrize("kind", ["exclude", "privacy"])
def test_who_walks_under_a_mask_is_not_seen_and_who_walks_beside_it_is(kind: str) -> None:
    masks = exclude(ABOVE) if kind == "exclude" else privacy(ABOVE)
    scenes = [result.scene for result in _play(show(together(_NEAR, _FAR), 12), masks)]
    assert len(ids(scenes)) == 1
    assert all(track.box.bottom > 0.8 for scene in scenes for track in scene.tracks)


@pytest.mark.parametrize("kind", ["exclude", "privacy"])
def test_light_is_judged_by_what_is_left_where_most_is_masked(kind: str) -> None:
    """Sixty per cent under a mask, where a screen flickers; outside, the light rises by a fifth and somebody walks."""
    masks = exclude(ABOVE) if kind == "exclude" else privacy(ABOVE)
    frames = show(_NEAR, 12, light=lambda stream_s: 1.0 + 0.2 * min(1.0, max(0.0, stream_s - 3)))
    results = _play(_flickering(frames, slice(0, round(0.6 * HEIGHT))), masks)
    assert all(result.scene.settled for result in results if result.scene.stream_s > 1)
    assert len(ids([result.scene for result in results])) == 1
    assert not [each for result in results for each in result.suppressed]


def test_a_change_of_all_light_beside_a_mask_is_still_one() -> None:
    frames = show(lambda _: [], 8, light=lambda stream_s: 1.9 if stream_s >= 4 else 1.0)
    results = _play(frames, privacy(ABOVE))
    assert any(not result.scene.settled for result in results if result.scene.stream_s >= 4)
    assert not ids([result.scene for result in results])


def test_with_everything_masked_nothing_is_seen_and_nothing_fails() -> None:
    results = _play(show(together(_NEAR, _FAR), 6), exclude(POLYGONS["whole"]))
    assert results[-1].scene.settled
    assert not ids([result.scene for result in results])


def test_who_has_the_feet_under_a_mask_is_no_object_and_the_reason_is_told_once() -> None:
    """The mask covers the ground up to the knees of who walks by."""
    cast = walk(DARK, -20, 660, 0.6 * HEIGHT + 20, begin_s=2, seconds=6)
    results = _play(show(cast, 11), exclude(BELOW))
    assert not [event for result in results for event in result.events]
    told = [each for result in results for each in result.suppressed]
    assert [(each.type, each.why) for each in told] == [(EventType.OBJECT_APPEAR, Why.MASKED)]
    assert 1.8 < told[0].stream_s < 3.5
    assert told[0].evidence is not None
    assert len(told[0].evidence.path) > 10


def test_who_comes_out_from_under_a_mask_is_an_object_from_there_on() -> None:
    results = _play(show(walk(DARK, WIDTH + 20, -20, 250, begin_s=2, seconds=8), 12), exclude(RIGHT))
    boxes = [track.box for result in results for track in result.scene.tracks]
    assert len(ids([result.scene for result in results])) == 1
    assert max(box.right for box in boxes) < 0.52
    assert np.mean([box.height for box in boxes]) == pytest.approx(80 / HEIGHT, rel=0.25)
