"""Real video with things laid into it: bags, suitcases and boxes drawn here, people cut out of the video itself."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from edge.capture.i420 import picture_of
from edge.model.scene import Frame

Image = NDArray[np.uint8]
"""(rows, columns, 3), BGR."""
Alpha = NDArray[np.float32]
"""(rows, columns), 0 clear to 1 solid."""

START_US = 1_700_000_000_000_000
_STANDS_OUT = 28


@dataclass(frozen=True, slots=True, eq=False)
class Cutout:
    """A picture of one thing, to be laid into another."""

    image: Image
    alpha: Alpha

    def scaled(self, height: int) -> "Cutout":
        """Return it so many pixels high."""
        width = max(2, round(self.image.shape[1] * height / self.image.shape[0]))
        size = (width, max(2, height))
        image = cv2.resize(self.image, size, interpolation=cv2.INTER_AREA)
        alpha = cv2.resize(self.alpha, size, interpolation=cv2.INTER_AREA)
        return Cutout(np.asarray(image, np.uint8), np.asarray(alpha, np.float32))


@dataclass(frozen=True, slots=True)
class Laid:
    """Something laid into a clip: its height in shares of the frame's, and where its foot is at which times.

    `path` has rows of seconds and the place in fractions of the frame; before and after it, the thing is not there.
    What is `behind` is covered by whatever moves in the clip.
    """

    cutout: Cutout
    height: float
    path: tuple[tuple[float, float, float], ...]
    behind: bool = False
    shadow: bool = True

    def foot(self, at_s: float) -> tuple[float, float] | None:
        """Return where it stands at a time."""
        times = [row[0] for row in self.path]
        if not times[0] <= at_s <= times[-1]:
            return None
        x, y = (float(np.interp(at_s, times, [row[axis] for row in self.path])) for axis in (1, 2))
        return x, y


def lies(
    cutout: Cutout, height: float, place: tuple[float, float], times: tuple[float, float], *, behind: bool = False
) -> Laid:
    """Return something that lies at a place (of its foot) from one time to another."""
    return Laid(cutout, height, ((times[0], *place), (times[1], *place)), behind)


@dataclass(frozen=True, slots=True)
class Show:
    """A clip played forwards and backwards, with things laid into it, as a camera of another kind would send it.

    `light` gives the brightness at a time, `shake` moves the picture by up to so many pixels; `crf` None sends it raw.
    """

    clip: Path
    seconds: float
    laid: Sequence[Laid] = ()
    fps: float = 10.0
    size: tuple[int, int] | None = None
    crf: int | None = None
    window: tuple[int, int] = (0, 300)
    speed: float = 1.0
    light: Callable[[float], float] | None = None
    shake: float = 0.0
    seed: int = 1

    def frames(self) -> Iterator[Frame]:
        """Yield the frames."""
        pictures = self._pictures()
        decoded = _coded(pictures, self.fps, self.crf) if self.crf is not None else _raw(pictures)
        for number, each in enumerate(decoded):
            stream_s = number / self.fps
            yield Frame("c", number, START_US + round(stream_s * 1e6), stream_s, picture_of(each))

    def _pictures(self) -> Iterator[Image]:
        stored, rate, size = _stored(self.clip, self.window)
        ground = background(stored) if any(each.behind for each in self.laid) else None
        random = np.random.default_rng(self.seed)
        for number in range(round(self.seconds * self.fps)):
            at_s = number / self.fps
            image = _bgr(stored[_there_and_back(int(at_s * rate * self.speed + 1e-6), len(stored))])
            image = self._dressed(image, ground, at_s)
            if self.size is not None and self.size != size:
                image = np.asarray(cv2.resize(image, self.size, interpolation=cv2.INTER_AREA), np.uint8)
            if self.shake:
                image = _moved(image, random.uniform(-self.shake, self.shake, 2))
            if self.light is not None:
                image = np.clip(image * self.light(at_s), 0, 255).astype(np.uint8)
            yield image

    def _dressed(self, image: Image, ground: Image | None, at_s: float) -> Image:
        front = None
        for laid in self.laid:
            foot = laid.foot(at_s)
            if foot is None:
                continue
            if laid.behind and ground is not None and front is None:
                front = _in_front(image, ground)
            lay(image, laid, foot, front if laid.behind else None)
        return image


def _there_and_back(number: int, frames: int) -> int:
    step = number % (2 * frames - 2)
    return step if step < frames else 2 * frames - 2 - step


def _stored(clip: Path, window: tuple[int, int]) -> tuple[list[Image], float, tuple[int, int]]:
    planes: list[Image] = []
    with av.open(str(clip)) as container:
        stream = container.streams.video[0]
        rate = float(stream.average_rate or 10)
        for number, frame in enumerate(container.decode(stream)):
            if number >= window[1]:
                break
            if number >= window[0]:
                planes.append(frame.to_ndarray(format="yuv420p").astype(np.uint8, copy=False))
        return planes, rate, (stream.width, stream.height)


def _bgr(planes: Image) -> Image:
    return np.asarray(cv2.cvtColor(planes, cv2.COLOR_YUV2BGR_I420), np.uint8)


def background(stored: Sequence[Image]) -> Image:
    """Return what a clip looks like when nobody is there."""
    some = [_bgr(each) for each in stored[:: max(1, len(stored) // 25)]]
    return np.asarray(np.median(np.stack(some), axis=0), np.uint8)


def _in_front(image: Image, ground: Image) -> Alpha:
    """Return where someone stands out in a picture."""
    mask = (cv2.absdiff(image, ground).max(axis=2) > _STANDS_OUT).astype(np.uint8)
    mask = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    mask = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))
    return np.asarray(cv2.GaussianBlur(mask.astype(np.float32), (3, 3), 0), np.float32)


def lay(image: Image, laid: Laid, foot: tuple[float, float], front: Alpha | None) -> None:
    """Lay something into a picture, with a slight shadow at its foot."""
    rows, columns = image.shape[:2]
    cut = laid.cutout.scaled(round(laid.height * rows))
    height, width = cut.alpha.shape
    left, top = round(foot[0] * columns - width / 2), round(foot[1] * rows - height)
    if laid.shadow:
        _shade(image, (left + width // 2, top + height), (round(width * 0.62), max(2, round(height * 0.1))), front)
    low = max(0, left), max(0, top)
    high = min(columns, left + width), min(rows, top + height)
    if high[0] <= low[0] or high[1] <= low[1]:
        return
    part = np.s_[low[1] - top : high[1] - top, low[0] - left : high[0] - left]
    there = np.s_[low[1] : high[1], low[0] : high[0]]
    alpha = cut.alpha[part] if front is None else cut.alpha[part] * (1 - front[there])
    blend = image[there] * (1 - alpha[:, :, None]) + cut.image[part] * alpha[:, :, None]
    image[there] = blend.astype(np.uint8)


def _shade(image: Image, middle: tuple[int, int], axes: tuple[int, int], front: Alpha | None) -> None:
    mask = np.zeros(image.shape[:2], np.float32)
    cv2.ellipse(mask, middle, axes, 0, 0, 360, 0.3, cv2.FILLED)
    mask = np.asarray(cv2.GaussianBlur(mask, (0, 0), max(1.0, axes[1] / 2)), np.float32)
    if front is not None:
        mask *= 1 - front
    rows, columns = np.nonzero(mask > 0.01)
    if len(rows):
        there = np.s_[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
        image[there] = (image[there] * (1 - mask[there][:, :, None])).astype(np.uint8)


def _moved(image: Image, by: NDArray[np.float64]) -> Image:
    matrix = np.array([[1, 0, by[0]], [0, 1, by[1]]], np.float32)
    size = (image.shape[1], image.shape[0])
    return np.asarray(cv2.warpAffine(image, matrix, size, borderMode=cv2.BORDER_REPLICATE), np.uint8)


def _raw(pictures: Iterator[Image]) -> Iterator[av.VideoFrame]:
    for picture in pictures:
        yield av.VideoFrame.from_ndarray(picture, format="bgr24").reformat(format="yuv420p")


def _coded(pictures: Iterator[Image], fps: float, crf: int) -> Iterator[av.VideoFrame]:
    """Yield pictures as they come out of H.264."""
    coder = av.CodecContext.create("libx264", "w")
    assert isinstance(coder, av.VideoCodecContext)
    decoder = av.CodecContext.create("h264", "r")
    assert isinstance(decoder, av.VideoCodecContext)
    begun = False
    for number, picture in enumerate(pictures):
        if not begun:
            coder.width, coder.height, coder.pix_fmt = picture.shape[1], picture.shape[0], "yuv420p"
            coder.time_base = Fraction(1, 1000)
            coder.framerate = Fraction(round(fps))
            coder.options = {"crf": str(crf), "preset": "veryfast", "tune": "zerolatency", "g": str(round(4 * fps))}
            begun = True
        frame = av.VideoFrame.from_ndarray(picture, format="bgr24").reformat(format="yuv420p")
        frame.pts, frame.time_base = round(number * 1000 / fps), Fraction(1, 1000)
        for packet in coder.encode(frame):
            yield from decoder.decode(packet)
    for packet in coder.encode(None):
        yield from decoder.decode(packet)
    yield from decoder.decode(None)


def bag(kind: str, seed: int = 1, *, height: int = 160) -> Cutout:
    """Draw a `bag`, `suitcase`, `box`, `backpack` or `bin bag`."""
    random = np.random.default_rng(seed)
    shape = {"bag": 1.35, "suitcase": 0.68, "box": 1.1, "backpack": 0.8, "sack": 1.0}[kind]
    width = round(height * shape)
    colour = random.integers(20, 200, 3).astype(np.float32)
    if kind == "sack":
        colour = np.array([28, 26, 25], np.float32)
    alpha = np.zeros((height, width), np.float32)
    top = round(height * (0.28 if kind in ("bag", "suitcase") else 0.04))
    body = (3, top), (width - 4, height - 3)
    cv2.rectangle(alpha, *body, 1.0, cv2.FILLED)
    if kind in ("sack", "backpack"):
        alpha[:] = 0
        cv2.ellipse(alpha, (width // 2, height // 2 + 4), (width // 2 - 4, height // 2 - 6), 0, 0, 360, 1.0, cv2.FILLED)
        cv2.rectangle(alpha, (round(width * 0.12), height // 2), (round(width * 0.88), height - 3), 1.0, cv2.FILLED)
    image = np.tile(colour, (height, width, 1))
    image *= np.linspace(1.15, 0.75, height)[:, None, None]
    image *= np.linspace(1.1, 0.85, width)[None, :, None]
    weave = cv2.resize(random.normal(0, 1, (height // 6, width // 6)).astype(np.float32), (width, height))
    image += weave[:, :, None] * 9
    if kind in ("bag", "suitcase"):
        cv2.ellipse(alpha, (width // 2, top), (round(width * 0.2), top - 4), 0, 180, 360, 1.0, max(4, height // 22))
    for share in (0.3, 0.7):
        column = round(width * share)
        cv2.line(image, (column, top), (column, height), (colour * 0.5).tolist(), max(2, height // 30))
    cv2.rectangle(
        image,
        (round(width * 0.38), round(height * 0.55)),
        (round(width * 0.62), round(height * 0.75)),
        (colour * 0.4 + 110).tolist(),
        cv2.FILLED,
    )
    alpha = np.asarray(cv2.GaussianBlur(alpha, (5, 5), 0), np.float32)
    return Cutout(np.clip(image, 0, 255).astype(np.uint8), alpha)


def plank(shape: float, seed: int = 11, *, height: int = 160) -> Cutout:
    """Draw something upright with straight sides, `shape` times as wide as high: the legs of who stands before it."""
    image = cv2.resize(bag("suitcase", seed, height=height).image, (round(height * shape), height))
    return Cutout(np.asarray(image, np.uint8), np.ones(image.shape[:2], np.float32))


def person(clip: Path, number: int, box: tuple[int, int, int, int], window: tuple[int, int] = (0, 795)) -> Cutout:
    """Cut a person out of frame `number` of a clip, within left, top, right, bottom in pixels."""
    stored, _, _ = _stored(clip, window)
    ground = background(stored)
    left, top, right, bottom = box
    image = _bgr(stored[number - window[0]])
    mask = (cv2.absdiff(image, ground).max(axis=2) > _STANDS_OUT).astype(np.uint8)[top:bottom, left:right]
    mask = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask)
    largest = 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA])) if count > 1 else 0
    alpha = np.asarray(cv2.GaussianBlur((labels == largest).astype(np.float32), (3, 3), 0), np.float32)
    rows, columns = np.nonzero(alpha > 0.3)
    tight = np.s_[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    return Cutout(image[top:bottom, left:right][tight].copy(), alpha[tight].copy())


def street(size: tuple[int, int] = (320, 240), seed: int = 3) -> Image:
    """Return a picture of a place: textured ground with a few stones and a wall."""
    random = np.random.default_rng(seed)
    coarse = random.normal(120, 14, (size[1] // 10, size[0] // 10, 3)).astype(np.float32)
    coarse = np.asarray(cv2.resize(coarse, size, interpolation=cv2.INTER_CUBIC), np.float32)
    image = coarse + random.normal(0, 5, coarse.shape).astype(np.float32)
    for _ in range(12):
        x, y = int(random.integers(0, size[0])), int(random.integers(size[1] // 3, size[1]))
        cv2.circle(image, (x, y), int(random.integers(2, 6)), random.uniform(40, 200, 3).tolist(), cv2.FILLED)
    cv2.rectangle(image, (0, 0), (size[0], size[1] // 5), (90, 100, 140), cv2.FILLED)
    return np.clip(image, 0, 255).astype(np.uint8)


def standing(
    ground: Image,
    laid: Sequence[Laid],
    seconds: float,
    *,
    fps: float = 5.0,
    light: Callable[[float], float] | None = None,
) -> Iterator[Frame]:
    """Yield frames of a place that does not change, with things laid into it and the noise of a camera."""
    random = np.random.default_rng(1)
    for number in range(round(seconds * fps)):
        at_s = number / fps
        image = ground.copy()
        for each in laid:
            foot = each.foot(at_s)
            if foot is not None:
                lay(image, each, foot, None)
        noisy = image * (1.0 if light is None else light(at_s)) + random.normal(0, 2, image.shape)
        decoded = next(_raw(iter((np.clip(noisy, 0, 255).astype(np.uint8),))))
        yield Frame("c", number, START_US + round(at_s * 1e6), at_s, picture_of(decoded))
