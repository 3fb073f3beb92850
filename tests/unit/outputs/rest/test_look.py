import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from edge.outputs.rest.look import Look, Looks, fps_asked, look_asked
from edge.outputs.rest.query import BadParameter
from edge.picture.board import View
from tests.support.device import door_channel
from tests.support.pictures import plain_frame, scene_of
from tests.support.rest import CHANNEL, serving


@pytest.mark.parametrize(
    ("values", "look"),
    [
        ({}, Look(960, overlay=False)),
        ({"overlay": "1", "width": "640"}, Look(640, overlay=True)),
        ({"width": "1"}, Look(64, overlay=False)),
        ({"width": "9" * 300}, Look(1920, overlay=False)),
    ],
    ids=["nothing", "both", "too narrow", "too wide"],
)
def test_how_a_picture_is_asked_for(values: dict[str, str], look: Look) -> None:
    assert look_asked(values) == look


@pytest.mark.parametrize(
    ("text", "fps"), [("5", 5.0), ("0.5", 0.5), ("0", 0.2), ("100", 15.0)], ids=["5", "half", "none", "too many"]
)
def test_how_often(text: str, fps: float) -> None:
    assert fps_asked({"fps": text}) == fps
    assert fps_asked({}) == 5.0


@pytest.mark.parametrize(
    ("name", "text"),
    [("width", "-1"), ("width", "wide"), ("width", "1e"), ("width", "٣"), ("overlay", "yes"), ("overlay", "2")],
)
def test_what_cannot_be_meant_is_refused(name: str, text: str) -> None:
    with pytest.raises(BadParameter, match=name):
        look_asked({name: text})


def test_viewers_that_wake_together_share_one_picture(tmp_path: Path) -> None:
    frame = plain_frame(CHANNEL, 1, size=(1280, 720), grey=90)
    view = View(frame, scene_of(frame))
    together = threading.Barrier(8)
    with serving(tmp_path, channels=[door_channel()]) as device, ThreadPoolExecutor(8) as viewers:
        looks = Looks(device.context)

        def picture(_viewer: int) -> int:
            together.wait(30)
            return id(looks.jpeg(view, Look(960, overlay=True)))

        assert len(set(viewers.map(picture, range(8)))) == 1
