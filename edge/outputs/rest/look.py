"""How a picture is asked for (how wide, with or without what was understood of it), and making it once for all."""

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass

from edge.outputs.rest.context import RestContext
from edge.outputs.rest.query import BadParameter, number, whole_number
from edge.outputs.rest.tally import LineCounts
from edge.picture.board import View
from edge.picture.draw import draw
from edge.picture.jpeg import encode, encode_bgr
from edge.settings import RuleSettings

MIN_WIDTH, DEFAULT_WIDTH, MAX_WIDTH = 64, 960, 1920
MIN_FPS, DEFAULT_FPS, MAX_FPS = 0.2, 5.0, 15.0
QUALITY = 75
_REMEMBERED = 8


@dataclass(frozen=True, slots=True)
class Look:
    """At most `width` pixels wide; with `overlay` the boxes, lines and today's counts are drawn in."""

    width: int
    overlay: bool


def look_asked(values: Mapping[str, str]) -> Look:
    """Return how a picture is asked for; raise BadParameter."""
    overlay = values.get("overlay", "0")
    if overlay not in ("0", "1"):
        raise BadParameter("overlay", "must be 0 or 1")
    return Look(_clamped(whole_number(values, "width"), MIN_WIDTH, MAX_WIDTH, DEFAULT_WIDTH), overlay == "1")


def fps_asked(values: Mapping[str, str]) -> float:
    """Return the pictures per second asked for; raise BadParameter."""
    return _clamped(number(values, "fps"), MIN_FPS, MAX_FPS, DEFAULT_FPS)
