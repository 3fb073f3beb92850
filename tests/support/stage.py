"""A made street in memory: textured ground with a little noise, people and cars as painted figures, a post."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.model.scene import Frame, Picture

WIDTH, HEIGHT = 640, 360
Image = NDArray[np.float64]


@dataclass(frozen=True)
class Figure:
    """A painted person (or car): grey levels and colours of its parts, from top to bottom."""

    height: int = 80
    width: int = 28
    grey: tuple[int, int, int] = (190, 40, 60)
    blue: tuple[int, int, int] = (110, 120, 150)
    red: tuple[int, int, int] = (150, 170, 120)


DARK = Figure()
BRIGHT = Figure(grey=(180, 225, 50), blue=(112, 90, 128), red=(150, 140, 128))
CAR = Figure(height=60, width=120, grey=(60, 230, 40), blue=(128, 100, 128), red=(128, 128, 128))

Cast = Callable[[float], Sequence[tuple[Figure, float, float]]]
"""Who is where at a moment: figure, middle and foot in pixels; the last one stands in front."""


def show(
    cast: Cast,
    seconds: float,
    fps: float = 5.0,
    *,
    light: Callable[[float], float] = lambda _: 1.0,
    post: float | None = None,
) -> Iterator[Frame]:
    """Yield the frames; `light` is the brightness at a moment, `post` the middle of a post that hides people."""
    random = np.random.default_rng(3)
    ground = random.uniform(90, 150, (HEIGHT // 12, WIDTH // 16)).repeat(12, 0).repeat(16, 1)
    for number in range(round(seconds * fps)):
        stream_s = number / fps
        planes = [ground.copy(), np.full((HEIGHT, WIDTH), 126.0), np.full((HEIGHT, WIDTH), 130.0)]
        for figure, middle, foot in cast(stream_s):
            _paint(planes, figure, round(middle), round(foot))
        if post is not None:
            planes[0][:, round(post) - 18 : round(post) + 18] = 70
            planes[1][:, round(post) - 18 : round(post) + 18] = 128
            planes[2][:, round(post) - 18 : round(post) + 18] = 128
        planes[0] = planes[0] * light(stream_s) + random.normal(0, 1.5, planes[0].shape)
        y, u, v = (np.clip(plane, 0, 255).astype(np.uint8) for plane in planes)
        yield Frame("c", number, round(stream_s * 1e6), stream_s, Picture(y, u[::2, ::2].copy(), v[::2, ::2].copy()))


def _paint(planes: list[Image], figure: Figure, middle: int, foot: int) -> None:
    parts = ((0.0, 0.18, 0.5), (0.18, 0.55, 1.0), (0.55, 1.0, 0.8))
    for index, (start, end, wide) in enumerate(parts):
        top, bottom = foot - round(figure.height * (1 - start)), foot - round(figure.height * (1 - end))
        half = round(figure.width * wide / 2)
        rows = slice(max(0, top), max(0, bottom))
        columns = slice(max(0, middle - half), max(0, middle + half))
        colours = (figure.grey, figure.blue, figure.red)
        for plane, colour in zip(planes, colours, strict=True):
            plane[rows, columns] = colour[index]


def walk(figure: Figure, start: float, end: float, foot: float, *, begin_s: float, seconds: float) -> Cast:
    """Return someone who walks from `start` to `end` in some seconds, and is not there before and after."""

    def at(stream_s: float) -> Sequence[tuple[Figure, float, float]]:
        share = (stream_s - begin_s) / seconds
        return [(figure, start + share * (end - start), foot)] if 0.0 <= share <= 1.0 else []

    return at


def together(*casts: Cast) -> Cast:
    """Return all of them; the last stands in front."""
    return lambda stream_s: [each for cast in casts for each in cast(stream_s)]
