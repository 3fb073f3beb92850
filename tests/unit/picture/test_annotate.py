from pathlib import Path

import av
import numpy as np
import pytest

from edge.picture.annotate import AnnotatedClip
from edge.picture.colour import Bgr


def picture(number: int, size: tuple[int, int] = (96, 64)) -> Bgr:
    image = np.full((size[1], size[0], 3), (60, 120, 200), np.uint8)
    image[8:24, 2 * number : 2 * number + 16] = (230, 40, 40)
    return image


def write(path: Path, times: list[float], size: tuple[int, int] = (96, 64)) -> None:
    clip = AnnotatedClip(path, 10.0)
    for number, stream_s in enumerate(times):
        clip.write(picture(number, size), stream_s)
    clip.close()
    clip.close()


def read(path: Path) -> tuple[list[float], list[Bgr], float, str]:
    with av.open(str(path)) as clip:
        stream = clip.streams.video[0]
        frames = list(clip.decode(stream))
        assert stream.duration is not None
        assert stream.time_base is not None
        length = float(stream.duration * stream.time_base)
        times = [frame.time for frame in frames if frame.time is not None]
        images = [frame.to_ndarray(format="bgr24").astype(np.uint8) for frame in frames]
        return times, images, length, stream.codec_context.name


def test_every_picture_is_there_at_its_time(tmp_path: Path) -> None:
    wanted = [100.0 + 0.1 * number for number in range(24)]
    write(tmp_path / "clip.mp4", wanted)
    times, images, length, _ = read(tmp_path / "clip.mp4")
    assert times == pytest.approx([time_s - 100.0 for time_s in wanted], abs=0.001)
    assert length == pytest.approx(2.4, abs=0.02)
    assert images[0].shape == (64, 96, 3)


def test_colours_survive(tmp_path: Path) -> None:
    write(tmp_path / "clip.mp4", [0.0, 0.1, 0.2])
    _, images, _, _ = read(tmp_path / "clip.mp4")
    assert np.abs(images[2][40:60].astype(int).mean(axis=(0, 1)) - (60, 120, 200)).max() < 12


def test_browsers_can_play_it(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    write(path, [0.1 * number for number in range(12)])
    packed = path.read_bytes()
    assert packed.index(b"moov") < packed.index(b"mdat"), "the index must stand first"
    with av.open(str(path)) as clip:
        assert clip.streams.video[0].codec_context.pix_fmt == "yuv420p"
        if "libx264" in av.codecs_available:
            assert clip.streams.video[0].codec_context.name == "h264"


@pytest.mark.parametrize("size", [(95, 64), (96, 63), (95, 63)])
def test_odd_sizes_are_padded(tmp_path: Path, size: tuple[int, int]) -> None:
    write(tmp_path / "clip.mp4", [0.0, 0.1], size)
    _, images, _, _ = read(tmp_path / "clip.mp4")
    assert [image.shape for image in images] == [(64, 96, 3)] * 2


def test_times_that_stand_still_or_step_back_still_give_every_picture(tmp_path: Path) -> None:
    write(tmp_path / "clip.mp4", [1.0, 1.0, 0.5, 1.1, 5.0])
    times, images, _, _ = read(tmp_path / "clip.mp4")
    assert len(images) == 5
    assert times == sorted(set(times))
    assert times[-1] == pytest.approx(4.0, abs=0.001)


def test_pictures_of_another_size_are_fitted(tmp_path: Path) -> None:
    clip = AnnotatedClip(tmp_path / "clip.mp4", 10.0)
    clip.write(picture(0), 0.0)
    clip.write(picture(1, (192, 128)), 0.1)
    clip.close()
    assert [image.shape for image in read(tmp_path / "clip.mp4")[1]] == [(64, 96, 3)] * 2


def test_nothing_is_written_without_a_picture(tmp_path: Path) -> None:
    AnnotatedClip(tmp_path / "clip.mp4", 10.0).close()
    assert not (tmp_path / "clip.mp4").exists()


def test_a_closed_clip_says_so(tmp_path: Path) -> None:
    clip = AnnotatedClip(tmp_path / "clip.mp4", 10.0)
    clip.write(picture(0), 0.0)
    clip.close()
    with pytest.raises(ValueError, match="closed"):
        clip.write(picture(1), 0.1)


def test_a_folder_that_is_not_there_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        AnnotatedClip(tmp_path / "nowhere" / "clip.mp4", 10.0).write(picture(0), 0.0)
