"""The pictures that a virtual camera plays: the demo street with one who walks there and back, then a covered lens."""

from pathlib import Path

import cv2
import numpy as np

from edge.capture.street.actor import Actor, actor_at
from edge.capture.street.background import make_background
from edge.capture.street.body import Person
from edge.capture.street.paint import Canvas
from edge.capture.street.picture import StreetPainter
from edge.capture.street.plans import Plan, Stop
from edge.capture.street.programme import Mishap
from edge.capture.street.script import Light, StreetScript
from edge.capture.street.view import HEIGHT, WIDTH
from edge.model.scene import Origin
from edge.picture.colour import to_bgr

SENSOR_FPS = 30.0
PICTURES_PER_S = SENSOR_FPS / 4
"""libcamera's virtual pipeline gives each picture file four times."""
SIZES = ((1280, 720), (640, 360), (512, 288))
"""What the virtual camera gives: any other size would become the largest."""
LINES = {"Left": 0.36, "Right": 0.50}
"""Where the lines stand that he crosses, from above to below, in shares of the width."""
COVERED_S, END_S = 14.0, 19.0
_DRAWN = (640, 360)
_WAY = (Stop(3.5, -5.5, 10.5), Stop(8.5, 6.0, 10.5), Stop(13.5, -5.5, 10.5))
_WALKER = Person(
    height=1.78,
    build=1.0,
    skin=(120, 155, 205),
    hair=(28, 30, 36),
    top=(60, 52, 160),
    trousers=(96, 66, 44),
    shoes=(28, 28, 30),
    coat=False,
    bag=None,
    long_hair=False,
)


class OneWalker(StreetScript):
    """A street with nobody in it but him, in a light that does not change."""

    def __init__(self) -> None:
        super().__init__(1)
        self._plan = Plan(1, Origin.PEDESTRIAN, _WALKER, _WAY)

    def actors(self, t: float) -> tuple[Actor, ...]:
        there = actor_at(self._plan, t)
        return () if there is None else (there,)

    def light(self, t: float) -> Light:  # noqa: ARG002 - the script's contract
        return Light(1.0, 1.0)

    def mishaps(self, since_s: float, until_s: float) -> tuple[Mishap, ...]:  # noqa: ARG002 - the script's contract
        return ()


def write_film(folder: Path, *, until_s: float = END_S) -> None:
    """Write the film as JPEG files; from `COVERED_S` on they are black but for the sensor's noise."""
    folder.mkdir(parents=True)
    noise = np.random.default_rng(3)
    grain = np.rint(np.clip(noise.normal(10, 1.7, (HEIGHT + 64, WIDTH + 64)), 0, 20)).astype(np.uint8)
    painter = StreetPainter(OneWalker(), make_background(), grain)
    width, height = _DRAWN
    for number in range(round(until_s * PICTURES_PER_S)):
        at_s = number / PICTURES_PER_S
        picture: Canvas = (
            to_bgr(painter.picture(number, at_s), width)
            if at_s < COVERED_S
            else noise.integers(0, 4, (height, width, 3), np.uint8)
        )
        cv2.imwrite(str(folder / f"{number:04}.jpg"), picture, [cv2.IMWRITE_JPEG_QUALITY, 95])


def virtual_cameras(*folders: Path) -> str:
    """Return the `virtual.yaml` of cameras that play these folders."""
    formats = "".join(f"    - {{width: {w}, height: {h}, frame_rates: [30, 30]}}\n" for w, h in SIZES)
    return "%YAML 1.1\n---\n" + "".join(
        f'"Virtual{number}":\n  supported_formats:\n{formats}  frames: {{path: "{folder}/"}}\n'
        '  location: "CameraLocationFront"\n  model: "virtual"\n'
        for number, folder in enumerate(folders)
    )
