"""What is done to a camera's view, and what only looks like it: functions of one BGR picture and the seconds since."""

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

Bgr = NDArray[np.uint8]
Change = Callable[[Bgr, float], Bgr]


def _bytes(picture: ArrayLike) -> Bgr:
    return np.asarray(np.clip(np.asarray(picture, np.float32) + 0.5, 0, 255).astype(np.uint8), np.uint8)


def light(gain: float, offset: float = 0.0) -> Change:
    """Brighter or darker."""
    return lambda picture, _: cv2.convertScaleAbs(picture, alpha=gain, beta=offset).astype(np.uint8)


def defocus(sigma: float) -> Change:
    """Out of focus, by so many pixels of a picture 768 wide."""
    return lambda picture, _: cv2.GaussianBlur(picture, (0, 0), sigma * picture.shape[1] / 768).astype(np.uint8)


def glare(picture: Bgr, _: float) -> Bgr:
    """A lamp held to the lens: white in the middle, washed out all over."""
    rows, columns = picture.shape[:2]
    y, x = np.mgrid[:rows, :columns].astype(np.float32)
    off = np.hypot((x / columns - 0.5) * 1.3, y / rows - 0.5)
    return _bytes(picture * 0.4 + (150 + 400 * np.exp(-((off / 0.5) ** 2)))[..., None])


def veil(share: float, grey: float = 255.0) -> Change:
    """An even veil that lets little through."""
    return lambda picture, _: _bytes(picture * np.float32(1 - share) + share * grey)


def cloth(rows: int, columns: int, kind: str) -> Bgr:
    """A cover: plain, cloth with a pattern, or like skin, out of focus."""
    rng = np.random.default_rng(4)
    if kind in {"plain", "black"}:
        return np.full((rows, columns, 3), 12 if kind == "black" else 110, np.uint8)
    small = rng.normal(0, 1, (rows // 4 + 1, columns // 4 + 1)).astype(np.float32)
    if kind == "skin":
        soft = cv2.GaussianBlur(small, (0, 0), columns / 60)
        soft *= 18 / soft.std()
        tone = cv2.resize(soft, (columns, rows))[..., None] + np.array([95, 120, 175], np.float32)
    else:
        soft = cv2.GaussianBlur(small, (0, 0), 1.0)
        soft *= 30 / soft.std()
        tone = cv2.resize(soft, (columns, rows))[..., None] + np.array([120, 90, 80], np.float32)
    return _bytes(tone)


def cover(kind: str = "plain", share: float = 0.9, place: str = "left") -> Change:
    """Something before the lens that leaves 1 - `share` of the picture free at the side opposite to `place`."""

    def change(picture: Bgr, _: float) -> Bgr:
        rows, columns = picture.shape[:2]
        out, cut = picture.copy(), cloth(rows, columns, kind)
        high, wide = round(rows * share), round(columns * share)
        parts: dict[str, tuple[slice, slice]] = {
            "left": (slice(None), slice(wide)),
            "right": (slice(None), slice(columns - wide, None)),
            "top": (slice(high), slice(None)),
            "bottom": (slice(rows - high, None), slice(None)),
            "corner": (slice(round(rows * share**0.5)), slice(round(columns * share**0.5))),
        }
        part = parts[place]
        out[part] = cut[part]
        return out

    return change


def bag(picture: Bgr, _: float) -> Bgr:
    """A plastic bag that lets light through."""
    rows, columns = picture.shape[:2]
    soft = cv2.GaussianBlur(picture, (0, 0), columns / 90).astype(np.float32)
    return _bytes(soft * 0.4 + cv2.GaussianBlur(cloth(rows, columns, "skin"), (0, 0), 3) * 0.1 + 105)


def turn(share: float, down: float = 0.0) -> Change:
    """The camera turned sideways by a share of the frame; what comes into view is the same, upside down."""

    def change(picture: Bgr, _: float) -> Bgr:
        wide = np.hstack((picture, picture[::-1, ::-1]))
        left, top = round(share * picture.shape[1]), round(down * picture.shape[0])
        tall = np.vstack((wide, wide[::-1]))
        return np.ascontiguousarray(tall[top : top + picture.shape[0], left : left + picture.shape[1]])

    return change


def rotate(degrees: float, scale: float = 1.0) -> Change:
    """The camera rotated about its axis."""

    def change(picture: Bgr, _: float) -> Bgr:
        rows, columns = picture.shape[:2]
        matrix = cv2.getRotationMatrix2D((columns / 2, rows / 2), degrees, scale)
        return cv2.warpAffine(picture, matrix, (columns, rows), borderMode=cv2.BORDER_REFLECT).astype(np.uint8)

    return change


def wall(picture: Bgr, _: float) -> Bgr:
    """Turned to a plain wall with soft light on it."""
    rows, columns = picture.shape[:2]
    slope = np.linspace(-25, 25, columns, dtype=np.float32)[None, :, None]
    noise = np.random.default_rng(1).normal(0, 1.0, (rows, columns, 1)).astype(np.float32)
    return _bytes(np.float32(150) + slope + noise + np.zeros((1, 1, 3), np.float32))


ATTACKS: dict[str, tuple[Change, frozenset[str]]] = {
    "black": (light(0.0), frozenset({"dark"})),
    "nearly black": (light(0.06), frozenset({"dark"})),
    "flooded, added": (light(1.0, 150), frozenset({"bright"})),
    "flooded, gain": (light(4.0, 60), frozenset({"bright"})),
    "flooded, white": (light(0.0, 250), frozenset({"bright"})),
    "flooded, veil": (veil(0.85), frozenset({"bright"})),
    "flooded, lamp": (glare, frozenset({"bright"})),
    "defocus 4": (defocus(4), frozenset({"blurred"})),
    "defocus 8": (defocus(8), frozenset({"blurred"})),
    **{
        f"covered, {kind}, {place}": (
            cover(kind, 0.9, place),
            frozenset({"covered", "moved"} if (kind, place) == ("cloth", "corner") else {"covered"}),
        )
        for kind in ("plain", "black", "cloth", "skin")
        for place in ("left", "right", "top", "bottom", "corner")
    },
    "covered, all, plain": (cover("plain", 1.0), frozenset({"covered"})),
    "covered, all, skin": (cover("skin", 1.0), frozenset({"covered"})),
    "covered, all, cloth": (cover("cloth", 1.0), frozenset({"covered", "moved"})),
    "bag": (bag, frozenset({"covered", "blurred"})),
    "turned 30 %": (turn(0.3), frozenset({"moved"})),
    "turned 30 % and down": (turn(0.3, 0.2), frozenset({"moved"})),
    "turned 60 %": (turn(0.6), frozenset({"moved"})),
    "turned 100 %": (turn(1.0), frozenset({"moved"})),
    "turned up": (turn(0.0, 0.5), frozenset({"moved"})),
    "rotated 10": (rotate(10), frozenset({"moved"})),
    "rotated 30": (rotate(30), frozenset({"moved"})),
    "rotated 180": (rotate(180), frozenset({"moved"})),
    "turned to a wall": (wall, frozenset({"covered", "moved"})),
}
"""What is done to the view, and the reasons that are right for it."""


def shake(picture: Bgr, seconds: float) -> Bgr:
    """The mast shakes, by two pixels each way."""
    right, down = 2 * np.sin(seconds * 17.0), 2 * np.sin(seconds * 23.0 + 1)
    matrix = np.array([[1, 0, right], [0, 1, down]], np.float32)
    size = (picture.shape[1], picture.shape[0])
    return cv2.warpAffine(picture, matrix, size, borderMode=cv2.BORDER_REPLICATE).astype(np.uint8)


def dusk(over_s: float, least: float) -> Change:
    """The light fades by the same share each second down to `least`."""
    return lambda picture, seconds: light(float(max(least, least ** (seconds / over_s))))(picture, 0.0)


def headlights(picture: Bgr, seconds: float) -> Bgr:
    """At night: every six seconds a car's lights sweep through within two."""
    rows, columns = picture.shape[:2]
    place = (seconds % 6.0) / 2.0
    dark = picture * np.float32(0.3)
    if place < 1.0:
        y, x = np.mgrid[:rows, :columns].astype(np.float32)
        off = np.hypot(x / columns - place, (y / rows - 0.55) * 0.7)
        dark = dark * (1 + 2 * np.exp(-((off / 0.4) ** 2)))[..., None] + (260 * np.exp(-((off / 0.16) ** 2)))[..., None]
    return _bytes(dark)


def night(picture: Bgr, _: float) -> Bgr:
    """Switched to infra-red: no colour, other brightness of each thing, a lamp's cone, noise."""
    rows, columns = picture.shape[:2]
    blue, green, red = (picture[..., plane].astype(np.float32) for plane in range(3))
    grey = 0.7 * red + 0.5 * green - 0.15 * blue
    y, x = np.mgrid[:rows, :columns].astype(np.float32)
    cone = 0.45 + 0.75 * np.exp(-((np.hypot(x / columns - 0.5, y / rows - 0.6) / 0.45) ** 2))
    noise = np.random.default_rng(int(grey.sum()) % 1000).normal(0, 2.5, grey.shape).astype(np.float32)
    return np.repeat(_bytes(grey * cone + noise)[..., None], 3, axis=2)


def exposure(picture: Bgr, seconds: float) -> Bgr:
    """The camera's exposure steps up and down every seven seconds."""
    return light((1.0, 1.35, 0.75, 1.6, 0.55)[int(seconds / 7) % 5])(picture, 0.0)


def passers(every_s: float, lasts_s: float, kind: str = "cloth", share: float = 0.8) -> Change:
    """A lorry or a crowd passes close to the camera and hides much of the picture for some seconds."""
    hidden = cover(kind, share, "left")

    def change(picture: Bgr, seconds: float) -> Bgr:
        return hidden(picture, 0.0) if seconds % every_s < lasts_s else picture

    return change


def compressed(quality: int) -> Change:
    """The camera's encoder gets very little to write with."""

    def change(picture: Bgr, _: float) -> Bgr:
        written = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
        return np.asarray(cv2.imdecode(written, cv2.IMREAD_COLOR), np.uint8)

    return change


NEGATIVES: dict[str, Change] = {
    "nothing": lambda picture, _: picture,
    "-50 % light": light(0.5),
    "+40 % light": light(1.4),
    "dusk to 20 %": dusk(45, 0.2),
    "dusk to 4 %": dusk(45, 0.04),
    "headlights": headlights,
    "shake of 2 px": shake,
    "JPEG of quality 10": compressed(10),
    "day to night": night,
    "exposure steps": exposure,
    "lorry for 3.5 s": passers(11, 3.5, "plain", 0.85),
    "crowd for 3.5 s": passers(11, 3.5, "cloth", 0.75),
    "hidden by half": cover("cloth", 0.45, "left"),
}
"""What must not alarm."""
