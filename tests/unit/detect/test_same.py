"""How long a picture has been the same: frozen ones that are encoded anew, and real places without motion."""

import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import av
import numpy as np
import pytest

from edge.detect.same import Sameness
from edge.model.scene import Plane
from tests.support.attacks import Bgr
from tests.support.spoiling import picture_of, street_pictures

FPS = 10
X264 = ["-c:v", "libx264", "-pix_fmt", "yuv420p"]
FAST = [*X264, "-preset", "ultrafast", "-tune", "zerolatency"]
FROZEN_AT_S, UNTIL_S = 8.0, 26.0
LIMIT_S = 15.0


@pytest.fixture(scope="module")
def street() -> list[Bgr]:
    return street_pictures(FROZEN_AT_S, FPS)


def encoded(path: Path, pictures: Sequence[Bgr], words: Sequence[str]) -> Iterator[Plane]:
    """Encode pictures with the ffmpeg program; give the luma of what a decoder makes of them."""
    if shutil.which("ffmpeg") is None:
        pytest.skip("ffmpeg is not installed")
    rows, columns = pictures[0].shape[:2]
    raw = ["-f", "rawvideo", "-pix_fmt", "bgr24", "-s", f"{columns}x{rows}", "-r", str(FPS), "-i", "-"]
    command = ["ffmpeg", "-v", "error", "-y", *raw, *words, str(path)]
    subprocess.run(command, input=b"".join(each.tobytes() for each in pictures), check=True)
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            yield frame.to_ndarray()[:rows].astype(np.uint8, copy=False)


def longest_s(lumas: Iterator[Plane]) -> tuple[float, float | None]:
    """Return for how long the picture was the same at most, and when that was too long."""
    sameness, longest, late = Sameness(), 0.0, None
    for number, luma in enumerate(lumas):
        same_s = sameness.look(luma, number / FPS)
        longest = max(longest, same_s)
        if late is None and same_s >= LIMIT_S:
            late = number / FPS
    return longest, late


@pytest.mark.parametrize(
    "words",
    [
        [*FAST, "-crf", "28", "-g", "10"],
        [*FAST, "-crf", "35", "-g", "50"],
        [*X264, "-crf", "23"],
        [*X264, "-crf", "35", "-g", "50"],
        ["-c:v", "mpeg4", "-q:v", "6"],
        ["-c:v", "mjpeg", "-q:v", "5", "-pix_fmt", "yuvj420p"],
    ],
    ids=["ultrafast, gop 10", "ultrafast, gop 50", "default", "default, gop 50", "mpeg4", "mjpeg"],
)
def test_a_picture_that_freezes_is_the_same_whatever_encodes_it(
    tmp_path: Path, street: list[Bgr], words: list[str]
) -> None:
    frozen = [street[-1]] * round((UNTIL_S - FROZEN_AT_S) * FPS)
    _, late = longest_s(encoded(tmp_path / "clip.mkv", [*street, *frozen], words))
    assert late is not None
    assert FROZEN_AT_S + LIMIT_S - 1.0 <= late <= FROZEN_AT_S + LIMIT_S + 2.0


@pytest.mark.parametrize("words", [[*X264, "-crf", "23"], [*X264, "-crf", "38"], [*FAST, "-crf", "38", "-g", "20"]])
@pytest.mark.parametrize("sigma", [1.0, 3.0])
def test_a_place_without_motion_is_not(tmp_path: Path, street: list[Bgr], words: list[str], sigma: float) -> None:
    rng = np.random.default_rng(3)
    night = street[0][::2, ::2] * np.float32(0.4)
    noisy = [
        np.clip(night + rng.normal(0.5, sigma, night.shape).astype(np.float32), 0, 255).astype(np.uint8)
        for _ in range(300)
    ]
    longest, _ = longest_s(encoded(tmp_path / "clip.mkv", noisy, words))
    assert longest < LIMIT_S


@pytest.fixture(scope="module")
def quiet(street: list[Bgr]) -> list[Bgr]:
    """Return a street of which motion ends after sixteen seconds, with a sensor's noise all the time."""
    rng = np.random.default_rng(5)
    small = [each[::2, ::2] for each in [*street, *street[::-1], *[street[0]] * 300]]
    grain = rng.normal(0.5, 2.0, (8, *small[0].shape[:2], 1)).astype(np.float32)
    shifts = rng.integers(0, 100, len(small))
    noisy = (each + np.roll(grain[shift % 8], shift, (0, 1)) for each, shift in zip(small, shifts, strict=True))
    return [np.clip(each, 0, 255).astype(np.uint8) for each in noisy]


@pytest.mark.parametrize(
    "words",
    [
        ["-c:v", "mjpeg", "-q:v", "5", "-pix_fmt", "yuvj420p"],
        [*X264, "-crf", "23"],
        [*X264, "-crf", "30", "-g", "20"],
        [*FAST, "-crf", "28", "-g", "10"],
        [*FAST, "-crf", "28", "-g", "20"],
    ],
    ids=["mjpeg", "default", "crf 30", "ultrafast, gop 10", "ultrafast, gop 20"],
)
def test_the_time_counts_from_when_the_noise_stops_not_from_the_last_motion(
    tmp_path: Path, quiet: list[Bgr], words: list[str]
) -> None:
    frozen_s = 22.0
    shown = [*quiet[:220], *[quiet[219]] * 200]
    _, late = longest_s(encoded(tmp_path / "clip.mkv", shown, words))
    assert late is not None
    assert frozen_s + LIMIT_S - 1.0 <= late <= frozen_s + LIMIT_S + 2.0


@pytest.mark.parametrize("crf", ["28", "30"])
def test_noise_that_shows_only_in_key_frames_ten_seconds_apart_is_life(
    tmp_path: Path, quiet: list[Bgr], crf: str
) -> None:
    longest, _ = longest_s(encoded(tmp_path / "clip.mkv", quiet, [*FAST, "-crf", crf, "-g", "100"]))
    assert longest < LIMIT_S


@pytest.mark.parametrize("gop", ["100", "250"], ids=["key frames 10 s apart", "key frames 25 s apart"])
def test_a_picture_that_freezes_is_told_in_time_however_far_key_frames_are_apart(
    tmp_path: Path, street: list[Bgr], gop: str
) -> None:
    """With x264 as it comes they are 250 pictures apart: whoever waits for one tells a frozen camera much too late."""
    lively = [*street, *street[::-1], *street, *street[::-1], *street]
    shown = [*lively[:250], *[lively[249]] * 200]
    _, late = longest_s(encoded(tmp_path / "clip.mkv", shown, [*X264, "-crf", "23", "-g", gop]))
    assert late is not None
    assert 25.0 + LIMIT_S - 1.0 <= late <= 25.0 + LIMIT_S + 2.0


def test_a_street_is_alive(street: list[Bgr]) -> None:
    longest, _ = longest_s(picture_of(each).y for each in street)
    assert longest < 5.0
