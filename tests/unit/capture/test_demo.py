"""The built-in camera as a source: its pace, its times, its end."""

import itertools
import threading
import time

import numpy as np

from edge.capture.demo import DemoSource
from edge.capture.street.programme import MishapKind
from edge.capture.street.script import StreetScript
from edge.model.scene import Frame
from edge.settings import DemoSettings
from tests.support.cameras import RealClock
from tests.support.clock import HandClock

START_US = 1_795_000_000_000_000


def opened(seed: int = 1, fps: float = 10.0) -> DemoSource:
    source = DemoSource("street", DemoSettings(seed=seed, fps=fps), HandClock(START_US), realtime=False)
    source.open()
    return source


def frames(source: DemoSource, number: int) -> list[Frame]:
    found = [source.read() for _ in range(number)]
    return [frame for frame in found if frame is not None]


def test_free_running_gives_every_picture_with_the_streets_own_times() -> None:
    taken = frames(opened(fps=5.0), 6)
    assert [frame.sequence for frame in taken] == list(range(6))
    assert [frame.stream_s for frame in taken] == [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
    assert [frame.time_us - START_US for frame in taken] == [0, 200_000, 400_000, 600_000, 800_000, 1_000_000]
    assert {(frame.channel_id, frame.picture.width, frame.picture.height) for frame in taken} == {("street", 1280, 720)}


def test_the_same_seed_gives_the_same_pictures_and_a_reopened_camera_starts_again() -> None:
    source = opened()
    first, again = frames(source, 3), frames(opened(), 3)
    source.close()
    source.open()
    reopened = frames(source, 3)
    for frame, *others in zip(first, again, reopened, strict=True):
        assert all(np.array_equal(frame.picture.y, other.picture.y) for other in others)
        assert [other.sequence for other in others] == [frame.sequence] * 2


def test_a_camera_that_hangs_gives_the_very_same_picture_until_it_is_well_again() -> None:
    hangs = next(each for each in StreetScript(1).mishaps(0, 600) if each.kind is MishapKind.HUNG)
    clock = HandClock(START_US)
    source = DemoSource("street", DemoSettings(), clock)
    source.open()
    taken = []
    for since_s in (hangs.since_s - 0.3, hangs.since_s + 1.0, hangs.until_s - 1.0, hangs.until_s + 0.3):
        clock.move(since_s - (clock.monotonic_s() - 100.0))
        frame = source.read()
        assert frame is not None
        taken.append(frame)
    before, first, last, after = taken
    assert first.picture is before.picture
    assert last.picture is before.picture
    assert after.picture is not before.picture
    assert [frame.stream_s for frame in taken] == sorted({frame.stream_s for frame in taken})


def test_another_seed_gives_another_play() -> None:
    assert StreetScript(1).actors(20.0) != StreetScript(2).actors(20.0)


def test_late_readers_miss_pictures_as_with_any_camera() -> None:
    clock = HandClock(START_US)
    source = DemoSource("street", DemoSettings(), clock)
    source.open()
    first = source.read()
    clock.move(0.35)
    soon = source.read()
    clock.move(6.65)
    late = source.read()
    assert first is not None
    assert soon is not None
    assert late is not None
    assert (first.sequence, soon.sequence) == (0, 1)
    assert 69 <= late.sequence <= 71
    assert late.stream_s == late.sequence / 10
    assert late.time_us == START_US + 7_000_000


def test_pictures_come_at_the_clocks_pace() -> None:
    source = DemoSource("street", DemoSettings(fps=20.0), RealClock())
    source.open()
    began = time.monotonic()
    taken = frames(source, 21)
    assert time.monotonic() - began >= 0.95
    assert all(after.time_us > before.time_us for before, after in itertools.pairwise(taken))


def test_close_ends_a_read_that_waits() -> None:
    source = DemoSource("street", DemoSettings(fps=1.0), RealClock())
    source.open()
    assert source.read() is not None
    got: list[Frame | None] = []
    reader = threading.Thread(target=lambda: got.append(source.read()))
    reader.start()
    source.close()
    source.close()
    reader.join(20)
    assert not reader.is_alive()
    assert len(got) == 1


def test_a_closed_camera_gives_nothing() -> None:
    source = DemoSource("street", DemoSettings(), RealClock())
    assert source.read() is None
    source.open()
    source.close()
    assert source.read() is None
