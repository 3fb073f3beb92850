"""Scenes as they are packed for later, and back."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.model.geometry import Box
from edge.model.origin import Origin
from edge.model.scene import Scene, Sighting, Track
from edge.store import columns
from edge.store.replayed_scenes import unpack
from edge.store.scenes import TICKS, UNITS, pack

WIDE = st.lists(st.integers(-(2**62), 2**62), max_size=30)
ROUNDED = 0.5 / UNITS + 1e-12
START_US = 1_780_000_000_000_000


@given(st.dictionaries(st.sampled_from("abcd"), WIDE), st.dictionaries(st.sampled_from("abcd"), st.integers(0, 2)))
def test_columns_come_back_as_they_were(lists: dict[str, list[int]], steps: dict[str, int]) -> None:
    given_columns = {name: np.array(values, np.int64) for name, values in lists.items()}
    back = columns.unpack(columns.pack(given_columns, steps))
    assert {name: column.tolist() for name, column in back.items()} == lists


@st.composite
def boxes(draw: st.DrawFn) -> Box:
    left, top = draw(st.floats(-0.1, 1.0)), draw(st.floats(-0.1, 1.0))
    return Box(left, top, left + draw(st.floats(0, 0.5)), top + draw(st.floats(0, 0.5)))


@st.composite
def tracks(draw: st.DrawFn, object_id: int, now_s: float) -> Track:
    """Give a track as any tracker might tell it: seen or not, told late, standing, elsewhere than last seen."""
    ages = sorted(draw(st.lists(st.sampled_from([0.0, 0.1, 0.2, 1.3]), max_size=3, unique=True)), reverse=True)
    new = tuple(Sighting(now_s - age, draw(boxes())) for age in ages)
    usual = bool(new) and draw(st.booleans())
    last_s = new[-1].stream_s if usual else now_s - draw(st.sampled_from([0.0, 0.5]))
    return Track(
        object_id=object_id,
        box=new[-1].box if usual else draw(boxes()),
        origin=draw(st.sampled_from(Origin)),
        confidence=draw(st.sampled_from([0.2, 1.0])),
        first_s=draw(st.sampled_from([0.0, 0.5])),
        last_s=last_s,
        new=new,
        label=draw(st.sampled_from(["", "bus", "Bär"])),
        moved_s=draw(st.sampled_from([0.0, last_s, last_s - 0.3])),
    )


@st.composite
def streams(draw: st.DrawFn) -> list[Scene]:
    now_s = draw(st.floats(0, 1e6))
    scenes = []
    gone: set[int] = set()
    for _ in range(draw(st.integers(1, 6))):
        now_s += draw(st.sampled_from([0.1, 1 / 9, 0.2]))
        present = [number for number in draw(st.sets(st.integers(1, 4))) if number not in gone]
        ended = [number for number in present if draw(st.integers(0, 4)) == 0]
        gone.update(ended)
        scenes.append(
            Scene(
                channel_id="gate",
                time_us=START_US + round(now_s * 1e6) + draw(st.integers(-999, 999)),
                stream_s=now_s,
                aspect=16 / 9,
                tracks=tuple(draw(tracks(number, now_s)) for number in present if number not in ended),
                ended=tuple(draw(tracks(number, now_s)) for number in ended),
                settled=draw(st.booleans()),
            )
        )
    return scenes


def flat(scene: Scene) -> list[float]:
    """Return all numbers of a scene's tracks, in the order of their ids."""
    numbers: list[float] = []
    for track in sorted((*scene.tracks, *scene.ended), key=lambda each: each.object_id):
        places = [track.box, *(sighting.box for sighting in track.new)]
        numbers += [side for box in places for side in (box.left, box.top, box.right, box.bottom)]
        numbers += [track.first_s, track.last_s, track.moved_s, *(sighting.stream_s for sighting in track.new)]
    return numbers


def words(scene: Scene) -> object:
    """Return all of a scene that is not rounded."""
    both = [sorted((t.object_id, t.origin, t.label, len(t.new)) for t in each) for each in (scene.tracks, scene.ended)]
    return scene.channel_id, scene.time_us, scene.aspect, scene.settled, both


@settings(max_examples=100, deadline=None)
@given(streams())
def test_scenes_come_back_rounded(scenes: list[Scene]) -> None:
    back = unpack("gate", pack(scenes))
    assert len(back) == len(scenes)
    for before, now in zip(scenes, back, strict=True):
        assert abs(now.time_us - before.time_us) <= 1
        assert words(replace(now, time_us=before.time_us)) == words(before)
        assert now.stream_s == pytest.approx(before.stream_s, abs=1 / TICKS)
        assert flat(now) == pytest.approx(flat(before), abs=ROUNDED)


def test_a_sighting_of_now_has_the_time_of_its_scene() -> None:
    now_s = 1 / 3
    seen = Track(1, Box(0, 0, 1, 1), Origin.UNKNOWN, 1.0, now_s, now_s, (Sighting(now_s, Box(0, 0, 1, 1)),))
    (scene,) = unpack("gate", pack([Scene("gate", START_US, now_s, 1.5, (seen,))]))
    assert scene.tracks[0].new[0].stream_s == scene.tracks[0].last_s == scene.stream_s


@pytest.mark.parametrize("cut", [0, 1, 20, -1])
def test_damage_is_said(cut: int) -> None:
    whole = pack([Scene("gate", START_US, 0.1, 1.5, ())])
    with pytest.raises(ValueError, match="damaged"):
        unpack("gate", whole[:cut])
    with pytest.raises(ValueError, match="damaged"):
        unpack("gate", columns.pack({"stream": np.array([1])}, {}))
