"""What is watched beside objects follows the settings, also when they change while the channel runs."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import count

import numpy as np
import pytest

from edge.detect.observer import Observer
from edge.model.scene import Detections, Frame, Observation, Picture, Plane
from edge.settings import ChannelSettings, DemoSettings, SourceSettings, ZoneSettings
from edge.settings.rules import AbandonedSettings

WIDTH, HEIGHT, FPS = 320, 240, 5
WHOLE = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
PLAIN = ChannelSettings(name="Camera", id="c", source=SourceSettings(demo=DemoSettings()), sabotage=None)
ASKING = replace(PLAIN, rules=(ZoneSettings(zone="Hall", id="h", polygon=WHOLE, abandoned=AbandonedSettings()),))


def frames(bag_from_s: float, until_s: float) -> Iterator[Frame]:
    """Give a still hall with a camera's noise; from some time on a dark bag stands on its left side."""
    random = np.random.default_rng(3)
    ground = random.integers(90, 160, (HEIGHT // 8, WIDTH // 8)).repeat(8, axis=0).repeat(8, axis=1)
    grey = np.full((HEIGHT // 2, WIDTH // 2), 128, np.uint8)
    for number in range(round(until_s * FPS)):
        luma = ground + random.normal(0, 1.5, ground.shape)
        if number / FPS >= bag_from_s:
            luma[150:182, 60:84] = 30 + 40 * (np.arange(24) % 6 < 3)
        plane: Plane = np.clip(luma, 0, 255).astype(np.uint8)
        yield Frame("c", number, number * 200_000, number / FPS, Picture(plane, grey, grey))


def things(observer: Observer, shown: Iterator[Frame]) -> int:
    """Show frames and return how many things are seen at the last one."""
    last = Observation()
    for frame in shown:
        last = observer.observe(frame, Detections(()), ())
    return len(last.things)


def observer(channel: ChannelSettings) -> Observer:
    """Return a channel's observer with ids from 1."""
    ids = count(1)
    return Observer(channel, lambda: next(ids), lambda: 0.0)


@pytest.mark.parametrize(
    ("channel", "seen"),
    [
        pytest.param(ASKING, 1, id="asked for"),
        pytest.param(PLAIN, 0, id="not asked for"),
    ],
)
def test_things_are_seen_where_they_are_asked_for(channel: ChannelSettings, seen: int) -> None:
    assert things(observer(channel), frames(10.0, 40.0)) == seen


def test_a_reload_that_asks_for_things_begins_to_watch_and_one_that_changes_nothing_goes_on() -> None:
    watching = observer(PLAIN)
    shown = list(frames(20.0, 50.0))
    assert things(watching, iter(shown[: 5 * FPS])) == 0
    watching.change_rules(ASKING)
    assert things(watching, iter(shown[5 * FPS : 40 * FPS])) == 1
    watching.change_rules(replace(ASKING, objects=False))
    assert things(watching, iter(shown[40 * FPS :])) == 1
    watching.change_rules(PLAIN)
    assert things(watching, iter(shown[-1:])) == 0
