"""From places in a network's input to places in the picture.

```
 network's input        sensor                 picture, as it comes      as it is shown
 +--------+         +--------------+
 |   x    |  roi    |  +--------+  |  crop     +--------+                +----+
 |        | ──────> |  |   x    |  | ────────> |   x    | ── rotation ─> |  x |
 +--------+         |  +--------+  |           +--------+                |    |
                    +--------------+                                     +----+
```
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from edge.capture.csi.library import Values
from edge.model.geometry import Box


@dataclass(frozen=True, slots=True)
class SensorView:
    """What of the sensor is seen: `pixels` is its width and height, `rotation` by how much pictures are turned."""

    pixels: tuple[int, int]
    rotation: int = 0

    def box(self, corners: Sequence[float], roi: Any, metadata: Values) -> Box | None:  # noqa: ANN401 - a Rectangle
        """Return left, top, right, bottom in fractions of the network's input as a box of the picture.

        `roi` is the part of the sensor that the network sees (x, y, width, height in its pixels), all where it is None
        or empty. None where nothing of it is in the picture, or it is no box.
        """
        area = (0, 0, *self.pixels) if roi is None or not roi.width else (roi.x, roi.y, roi.width, roi.height)
        crop = metadata.get("ScalerCrop") or (0, 0, *self.pixels)
        if not crop[2] or not crop[3]:
            return None
        across = [(area[0] + corners[i] * area[2] - crop[0]) / crop[2] for i in (0, 2)]
        down = [(area[1] + corners[i] * area[3] - crop[1]) / crop[3] for i in (1, 3)]
        (left, right), (top, bottom) = (_within(each) for each in (across, down))
        return _turned(left, top, right, bottom, self.rotation) if left < right and top < bottom else None


def _within(ends: Sequence[float]) -> tuple[float, float]:
    low, high = (min(max(each, 0.0), 1.0) for each in ends)
    return low, high


def _turned(left: float, top: float, right: float, bottom: float, rotation: int) -> Box:
    """Return the box after the picture was turned clockwise."""
    if rotation == 90:  # noqa: PLR2004 - degrees
        return Box(1.0 - bottom, left, 1.0 - top, right)
    if rotation == 180:  # noqa: PLR2004 - degrees
        return Box(1.0 - right, 1.0 - bottom, 1.0 - left, 1.0 - top)
    if rotation == 270:  # noqa: PLR2004 - degrees
        return Box(top, 1.0 - right, bottom, 1.0 - left)
    return Box(left, top, right, bottom)
