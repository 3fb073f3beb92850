"""People cut out of vtest.avi who walk in, stand nearly still and walk out again, before any still background.

Nothing is painted: pictures, gaits and noise are those of real video, and where everybody is at each moment is known.
Needs the shared data (vtest.avi with its truth).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.model.geometry import Box
from edge.model.scene import Frame, Origin, Picture, Scene, Sighting, Track
from tests.support.cut_outs import SOURCE_FPS, CutOut, Person, Planes, cut_outs

_PERSON_PER_FOOT, _PERSON_AT_TOP = 0.228, 19.0
"""How tall people are in vtest.avi by the row of their feet, in pixels of 768x576."""
_SWAY_S = 3.1


@dataclass(frozen=True, slots=True)
class Visit:
    """Someone comes in from a side, walks to a place, stays, and walks on (or back with `returns`).

    `x` and `foot` are in fractions of the picture, times in seconds into the clip; `enter_s` is when the walk begins
    outside of the picture. `sway` is by how many pixels one who stands moves to and fro.
    """

    person: str
    x: float
    foot: float
    enter_s: float
    stay_s: float
    returns: bool = False
    sway: float = 1.0
    to_the_right: bool = True
    tall: float = 1.0


@dataclass(frozen=True, slots=True)
class Standing:
    """The truth of a visit: when its object stands, and comes into and leaves the picture."""

    visit: Visit
    begin_s: float
    end_s: float
    gone_s: float


def show(
    visits: Sequence[Visit], seconds: float, fps: float, background: Planes, *, noise: float = 2.0, seed: int = 1
) -> Iterator[Frame]:
    """Yield the frames; of who overlaps, the one whose feet are lower stands in front. `noise` is in grey levels."""
    random = np.random.default_rng(seed)
    size = (background[0].shape[1], background[0].shape[0])
    grain = [[random.normal(0, noise, plane.shape).astype(np.float32) for plane in background] for _ in range(5)]
    for number in range(round(seconds * fps)):
        stream_s = number / fps
        planes = (background[0].copy(), background[1].copy(), background[2].copy())
        for visit in sorted(visits, key=lambda each: each.foot):
            shown = pose(visit, stream_s, size)
            if shown is not None:
                _paste(planes, shown)
        some = grain[int(random.integers(len(grain)))]
        y, u, v = (
            np.clip(plane + each + 0.5, 0, 255).astype(np.uint8) for plane, each in zip(planes, some, strict=True)
        )
        yield Frame("c", number, round(stream_s * 1e6), stream_s, Picture(y, u, v))


def true_scenes(visits: Sequence[Visit], seconds: float, fps: float, size: tuple[int, int]) -> Iterator[Scene]:
    """Yield what a perfect tracker would say; objects are numbered from 1 in the order of the visits."""
    before: dict[int, Track] = {}
    for number in range(round(seconds * fps)):
        stream_s, tracks = number / fps, dict[int, Track]()
        for key, visit in enumerate(visits, 1):
            shown = pose(visit, stream_s, size)
            box = None if shown is None else shown.box(size)
            if box is not None:
                tracks[key] = Track(key, box, Origin.PEDESTRIAN, 1.0, stream_s, stream_s, (Sighting(stream_s, box),))
        ended = tuple(replace(track, new=()) for key, track in before.items() if key not in tracks)
        before = tracks
        yield Scene("c", round(stream_s * 1e6), stream_s, size[0] / size[1], tuple(tracks.values()), ended)


def standing(visit: Visit, size: tuple[int, int]) -> Standing:
    """Return when a visit's object stands and is gone again, in a picture of `size` (width, height)."""
    person, height, start, end = _walk(visit, size)
    speed = person.speed * height
    begin_s = visit.enter_s + abs(visit.x * size[0] - start) / speed
    end_s = begin_s + visit.stay_s
    return Standing(visit, begin_s, end_s, end_s + abs(end - visit.x * size[0]) / speed)


@dataclass(frozen=True, slots=True, eq=False)
class Pose:
    """A cut-out and where it is to be laid: its middle and foot in pixels, and how much larger than it was."""

    picture: CutOut
    middle: float
    foot: float
    scale: float

    def box(self, size: tuple[int, int]) -> Box | None:
        """Return the part of the person's box that is in a picture of `size`; None where less than half of it is."""
        left, top, right, bottom = self.picture.box
        width, height = (right - left) * self.scale, (bottom - top) * self.scale
        low, high = max(0.0, self.middle - width / 2), min(float(size[0]), self.middle + width / 2)
        if high - low < width / 2:
            return None
        return Box(low / size[0], max(0.0, self.foot - height) / size[1], high / size[0], min(1.0, self.foot / size[1]))


def pose(visit: Visit, stream_s: float, size: tuple[int, int]) -> Pose | None:
    """Return how a visit's person is to be seen at a moment; None while it is not there."""
    person, height, start, _ = _walk(visit, size)
    when = standing(visit, size)
    if not visit.enter_s <= stream_s <= when.gone_s:
        return None
    x, heading = visit.x * size[0], 1 if visit.to_the_right else -1
    speed = person.speed * height
    walked_s = min(stream_s, when.begin_s) - visit.enter_s + max(0.0, stream_s - when.end_s)
    if stream_s < when.begin_s:
        middle = start + heading * speed * (stream_s - visit.enter_s)
    elif stream_s <= when.end_s:
        middle = x + visit.sway * round(np.sin(2 * np.pi * (stream_s - when.begin_s) / _SWAY_S))
    else:
        heading = -heading if visit.returns else heading
        middle = x + heading * speed * (stream_s - when.end_s)
    picture = person.gait[_to_and_fro(round(walked_s * SOURCE_FPS), len(person.gait))]
    scale = height / (picture.box[3] - picture.box[1])
    return Pose(picture if heading == person.heading else picture.mirrored(), middle, visit.foot * size[1], scale)


def _walk(visit: Visit, size: tuple[int, int]) -> tuple[Person, float, float, float]:
    """Return the person, its height, and where it begins and ends its walk, in pixels."""
    person = cut_outs()[visit.person]
    height = (_PERSON_PER_FOOT * visit.foot + _PERSON_AT_TOP / 576) * size[1] * visit.tall
    left, right = -0.4 * height, size[0] + 0.4 * height
    start, end = (left, right) if visit.to_the_right else (right, left)
    return person, height, start, start if visit.returns else end


def _to_and_fro(index: int, count: int) -> int:
    index %= 2 * count - 2
    return index if index < count else 2 * count - 2 - index


def _paste(planes: Planes, shown: Pose) -> None:
    own, box, scale = shown.picture.own, shown.picture.box, shown.scale
    left, top = shown.middle - (box[0] + box[2]) / 2 * scale, shown.foot - box[3] * scale
    for plane, part, factor in zip(planes, shown.picture.planes, (1.0, 0.5, 0.5), strict=True):
        alpha = own if factor == 1.0 else cv2.resize(own, part.shape[::-1], interpolation=cv2.INTER_AREA)
        _blend(plane, part, np.asarray(alpha, np.float32), np.array([[scale, 0, left], [0, scale, top]]), factor)


def _blend(
    plane: NDArray[np.float32],
    part: NDArray[np.float32],
    alpha: NDArray[np.float32],
    to: NDArray[np.float64],
    factor: float,
) -> None:
    """Lay a part over a plane; `to` is the affine matrix from one to the other, its shift in pixels of the luma."""
    rows, columns = plane.shape
    to = to * np.array([[1, 1, factor], [1, 1, factor]])
    low_x, low_y = max(0, int(to[0, 2])), max(0, int(to[1, 2]))
    high_x = min(columns, int(to[0, 2] + to[0, 0] * part.shape[1]) + 2)
    high_y = min(rows, int(to[1, 2] + to[1, 1] * part.shape[0]) + 2)
    if low_x >= high_x or low_y >= high_y:
        return
    matrix = to - np.array([[0, 0, low_x], [0, 0, low_y]])
    size = (high_x - low_x, high_y - low_y)
    laid = cv2.warpAffine(part, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    share = cv2.warpAffine(alpha, matrix, size, flags=cv2.INTER_LINEAR)
    below = plane[low_y:high_y, low_x:high_x]
    below += share * (laid - below)
