import random
import time
from datetime import timedelta, timezone
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from edge.capture.file import FileSource, start_us
from edge.capture.source import CameraStatus, CaptureError, Pause
from edge.model.scene import Frame
from edge.settings import FileSettings
from tests.support.cameras import RealClock, Running, file_channel, wait_until
from tests.support.clips import shade, write_clip, write_sound
from tests.support.shared_data import shared


def frames_of(source: FileSource, most: int = 1000) -> list[Frame]:
    source.open()
    frames: list[Frame] = []
    while len(frames) < most and (frame := source.read()) is not None:
        if frame is not Pause.PAUSE:
            frames.append(frame)
    source.close()
    return frames


def quick(path: Path, *, loop: bool = False, start_time: str = "") -> FileSource:
    settings = FileSettings(path=str(path), realtime=False, loop=loop, start_time=start_time)
    return FileSource("cam", settings, RealClock(), timezone(timedelta(hours=2)))


def test_every_frame_comes_once_with_its_picture_and_its_time(tmp_path: Path) -> None:
    write_clip(tmp_path / "clip.mp4", 30)
    frames = frames_of(quick(tmp_path / "clip.mp4", start_time="2026-03-29T00:59:00+01:00"))
    assert [frame.sequence for frame in frames] == list(range(1, 31))
    assert [frame.stream_s for frame in frames] == pytest.approx([i / 10 for i in range(30)])
    start = start_us("2026-03-28T23:59:00Z")
    assert [frame.time_us - start for frame in frames] == [i * 100_000 for i in range(30)]
    shades = [16 + shade(i) * 219 / 255 for i in range(30)]
    assert [float(frame.picture.y.mean()) for frame in frames] == pytest.approx(shades, abs=2)


def test_a_loop_goes_on_rising(tmp_path: Path) -> None:
    write_clip(tmp_path / "clip.mp4", 10)
    frames = frames_of(quick(tmp_path / "clip.mp4", loop=True), most=35)
    assert [frame.sequence for frame in frames] == list(range(1, 36))
    assert [frame.stream_s for frame in frames] == pytest.approx([i / 10 for i in range(35)])
    assert all(after.time_us > before.time_us for before, after in pairwise(frames))


@pytest.mark.parametrize(
    ("name", "pts", "places"),
    [
        pytest.param("a.mkv", [700, 800, 900, 1000], [0, 0.1, 0.2, 0.3], id="does not start at 0"),
        pytest.param("b.mkv", [0, 40, 400, 5000, 5033], [0, 0.04, 0.4, 5.0, 5.033], id="variable frame rate"),
        pytest.param("c.h264", [0, 100, 200, 300], [0, 0.1, 0.2, 0.3], id="no time stamps at all"),
        pytest.param("d.mkv", [0, 100, 400_000, 400_100], [0, 0.1, 0.2, 0.3], id="a leap"),
    ],
)
def test_odd_time_stamps(tmp_path: Path, name: str, pts: list[int], places: list[float]) -> None:
    write_clip(tmp_path / name, len(pts), pts=pts)
    frames = frames_of(quick(tmp_path / name))
    assert len(frames) == len(pts)
    if name != "c.h264":
        assert [frame.stream_s for frame in frames] == pytest.approx(places, abs=0.002)
    assert all(after.stream_s > before.stream_s for before, after in pairwise(frames))


@pytest.mark.parametrize(
    ("codec", "pix_fmt", "name"),
    [
        ("libx264", "yuv420p", "x.mp4"),
        ("libx264", "yuvj420p", "x.mp4"),
        ("libx264", "yuv422p", "x.mp4"),
        ("libx264", "yuv444p", "x.mp4"),
        ("libx264", "nv12", "x.mp4"),
        ("libx264", "yuv420p10le", "x.mp4"),
        ("mjpeg", "yuvj420p", "x.avi"),
        ("mjpeg", "yuvj422p", "x.avi"),
        ("rawvideo", "yuyv422", "x.nut"),
        ("rawvideo", "rgb24", "x.nut"),
        ("rawvideo", "bgr24", "x.avi"),
        ("rawvideo", "gray", "x.nut"),
    ],
)
def test_every_pixel_format_becomes_i420(tmp_path: Path, codec: str, pix_fmt: str, name: str) -> None:
    write_clip(tmp_path / name, 3, codec=codec, pix_fmt=pix_fmt)
    frames = frames_of(quick(tmp_path / name))
    assert len(frames) == 3
    picture = frames[1].picture
    assert picture.y.shape == (48, 64)
    assert picture.u.shape == picture.v.shape == (24, 32)
    white = shade(1)
    expected = white if picture.full_range else 16 + white * 219 / 255
    assert float(picture.y.mean()) == pytest.approx(expected, abs=3)
    assert float(picture.u.mean()) == pytest.approx(128, abs=3)


def test_odd_sizes(tmp_path: Path) -> None:
    write_clip(tmp_path / "odd.avi", 3, size=(67, 45), codec="mjpeg", pix_fmt="yuvj420p")
    picture = frames_of(quick(tmp_path / "odd.avi"))[0].picture
    assert (picture.width, picture.height) == (67, 45)
    assert picture.u.shape == picture.v.shape == (23, 34)


def test_a_kept_picture_outlives_the_source(tmp_path: Path) -> None:
    write_clip(tmp_path / "clip.mp4", 30)
    frames = frames_of(quick(tmp_path / "clip.mp4"))
    first = np.array(frames[0].picture.y)
    del frames[1:]
    assert np.array_equal(first, frames[0].picture.y)


def broken(folder: Path, case: str) -> Path:
    path = folder / f"{case}.mp4"
    if case == "empty":
        path.touch()
    elif case == "text":
        path.write_text("this is no video\n" * 100, encoding="utf-8")
    elif case == "folder":
        path.mkdir()
    elif case == "sound":
        path = folder / "sound.wav"
        write_sound(path)
    elif case == "cut":
        write_clip(folder / "whole.mp4", 30)
        path.write_bytes((folder / "whole.mp4").read_bytes()[:900])
    return path


@pytest.mark.parametrize(
    ("case", "status", "text"),
    [
        ("missing", CameraStatus.NOT_FOUND, "no such file"),
        ("folder", CameraStatus.NOT_FOUND, "is not a file"),
        ("empty", CameraStatus.BROKEN, "not a video"),
        ("text", CameraStatus.BROKEN, "not a video"),
        ("cut", CameraStatus.BROKEN, "not a video"),
        ("sound", CameraStatus.BROKEN, "no video in it"),
    ],
)
def test_what_cannot_be_played_says_why(tmp_path: Path, case: str, status: CameraStatus, text: str) -> None:
    path = broken(tmp_path, case)
    with pytest.raises(CaptureError, match=text) as caught:
        frames_of(quick(path))
    assert caught.value.status is status
    assert str(path) in str(caught.value)


def test_a_truncated_clip_is_played_as_far_as_it_goes(tmp_path: Path) -> None:
    write_clip(tmp_path / "whole.mkv", 50)
    whole = (tmp_path / "whole.mkv").read_bytes()
    (tmp_path / "cut.mkv").write_bytes(whole[: len(whole) * 2 // 3])
    assert 5 <= len(frames_of(quick(tmp_path / "cut.mkv"))) < 50


@pytest.mark.parametrize("seed", range(6))
def test_a_damaged_clip_is_played_on(tmp_path: Path, seed: int) -> None:
    write_clip(tmp_path / "whole.ts", 60, gop=5, size=(160, 120))
    damaged = bytearray((tmp_path / "whole.ts").read_bytes())
    chance = random.Random(seed)
    for _ in range(60):
        damaged[chance.randrange(2000, len(damaged))] = chance.randrange(256)
    (tmp_path / "damaged.ts").write_bytes(damaged)
    source = quick(tmp_path / "damaged.ts")
    frames = frames_of(source)
    assert 0 < len(frames) <= 60
    assert source.counts.errors >= 0
    assert 0 < source.counts.bytes <= len(damaged)
    assert all(after.stream_s > before.stream_s for before, after in pairwise(frames))


def test_sound_in_a_clip_is_passed_over() -> None:
    assert len(frames_of(quick(shared("data/video/road.avi")))) == 374


def test_a_clip_without_any_picture_does_not_spin_in_its_loop(tmp_path: Path) -> None:
    write_clip(tmp_path / "whole.avi", 10, codec="mjpeg", pix_fmt="yuvj420p")
    whole = (tmp_path / "whole.avi").read_bytes()
    start = whole.index(b"movi") + 4
    (tmp_path / "hollow.avi").write_bytes(whole[:start])
    with pytest.raises(CaptureError, match=r"no picture can be decoded|not a video"):
        frames_of(quick(tmp_path / "hollow.avi", loop=True), most=1)


def test_times_without_offset_are_the_devices() -> None:
    device = timezone(timedelta(hours=2))
    assert start_us("2026-06-01T12:00:00", device) == start_us("2026-06-01T10:00:00Z")
    with pytest.raises(CaptureError, match="ISO 8601"):
        start_us("yesterday")


def test_real_time_is_the_clips_own_speed(tmp_path: Path) -> None:
    write_clip(tmp_path / "clip.mp4", 15)
    source = FileSource("cam", FileSettings(path=str(tmp_path / "clip.mp4")), RealClock())
    begun_s = time.monotonic()
    frames = frames_of(source)
    assert len(frames) == 15
    assert time.monotonic() - begun_s >= 1.39
    assert abs(frames[0].time_us / 1e6 - time.time()) < 60


def test_lockstep_drops_nothing_and_ends(tmp_path: Path) -> None:
    write_clip(tmp_path / "clip.mp4", 60)
    with Running(file_channel(FileSettings(path=str(tmp_path / "clip.mp4"), realtime=False))) as camera:
        assert wait_until(lambda: camera.ended)
        assert camera.state.status == "ended"
        assert camera.state.frames == 60
        assert camera.state.dropped == 0
        assert not camera.lost
    assert camera.sequences == list(range(1, 61))


def test_a_missing_clip_is_reported_once_and_played_when_it_is_there(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    with Running(file_channel(FileSettings(path=str(path), realtime=False))) as camera:
        assert camera.has_status("not found")
        assert "no such file" in camera.state.detail
        write_clip(tmp_path / "ready.mp4", 10)
        (tmp_path / "ready.mp4").rename(path)
        assert camera.has_status("ended")
    assert len(camera.lost) == 1
    assert camera.sequences == list(range(1, 11))


def test_stop_does_not_wait_for_a_long_gap_in_a_clip(tmp_path: Path) -> None:
    write_clip(tmp_path / "gap.mkv", 3, pts=[0, 100, 50_000])
    with Running(file_channel(FileSettings(path=str(tmp_path / "gap.mkv")))) as camera:
        assert wait_until(lambda: len(camera.places) == 2)
        asked_s = time.monotonic()
    assert time.monotonic() - asked_s < 20
