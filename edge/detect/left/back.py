"""What was there at the start, was taken away and is put back, a little beside where it stood perhaps."""

import cv2

from edge.detect.left.patches import Patch
from edge.model.scene import Plane

_REACH = 0.04
"""So far from its old place, as a share of the picture's rows, a thing put back is looked for."""
_ALIKE = 0.92
"""Small things on ground with a pattern reach 0.83 by chance; bottles put back reach 0.97, their clear feet 0.65."""
_LEAST_CONTRAST = 5.0
"""Grey levels (standard deviation): what is plainer looks like everything."""
_CONTRAST_ALIKE = 0.5


def is_back(first: Plane, now: Plane, patch: Patch) -> bool:
    """Tell whether a patch of the picture (luma) shows what the first picture shows there, or close by."""
    left, top, right, bottom = patch.box
    own = now[top:bottom, left:right]
    contrast = float(own.std())
    if contrast < _LEAST_CONTRAST:
        return False
    reach = max(1, round(_REACH * len(first)))
    around = first[max(0, top - reach) : bottom + reach, max(0, left - reach) : right + reach]
    match = cv2.matchTemplate(around, own, cv2.TM_CCOEFF_NORMED)
    _, alike, _, (x, y) = cv2.minMaxLoc(match)
    then = around[y : y + bottom - top, x : x + right - left]
    return alike >= _ALIKE and float(then.std()) >= _CONTRAST_ALIKE * contrast
