"""The point of a box that rules judge, and the coordinates they judge it in.

Rules measure in units of the frame's height on both axes (`x` times the frame's aspect), so that a length is the same
in every direction.
"""

from typing import Literal

from edge.model.geometry import Box

AnchorKind = Literal["bottom_center", "center"]


def anchor(box: Box, kind: AnchorKind, aspect: float) -> tuple[float, float]:
    """Return the anchor of a box as (x, y) in units of the frame's height."""
    x = (box.left + box.right) / 2 * aspect
    return (x, box.bottom) if kind == "bottom_center" else (x, (box.top + box.bottom) / 2)


def margin_of(share: float, frame_diagonal: float, box_height: float) -> float:
    """Return the hysteresis for one box: `share` of the frame's diagonal, but at most a tenth of the box's height."""
    return min(share * frame_diagonal, 0.1 * box_height)
