"""How a picture is asked for (how wide, with or without what was understood of it), and making it once for all."""

import re
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass

from edge.outputs.rest.context import RestContext
from edge.outputs.rest.query import BadParameter
from edge.outputs.tally import LineCounts
from edge.picture.board import View
from edge.picture.draw import draw
from edge.picture.jpeg import encode, encode_bgr
from edge.settings import RuleSettings

MIN_WIDTH, DEFAULT_WIDTH, MAX_WIDTH = 64, 960, 1920
MIN_FPS, DEFAULT_FPS, MAX_FPS = 0.2, 5.0, 15.0
QUALITY = 75
REMEMBERED = 8

_WHOLE = re.compile(r"[+]?[0-9]{1,400}")
_NUMBER = re.compile(r"[+]?[0-9]{1,400}(\.[0-9]{0,400})?(e[+-]?[0-9]{1,4})?", re.IGNORECASE)


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
    width = values.get("width", str(DEFAULT_WIDTH))
    if not _WHOLE.fullmatch(width):
        raise BadParameter("width", "must be a whole number, 0 or more")
    return Look(max(MIN_WIDTH, min(int(width), MAX_WIDTH)), overlay == "1")


def fps_asked(values: Mapping[str, str]) -> float:
    """Return the pictures per second asked for; raise BadParameter."""
    fps = values.get("fps", str(DEFAULT_FPS))
    if not _NUMBER.fullmatch(fps):
        raise BadParameter("fps", "must be a number, 0 or more")
    return max(MIN_FPS, min(float(fps), MAX_FPS))


Key = tuple[str, int, int, Look]


class Looks:
    """Makes JPEG pictures of views; what several viewers ask for at once is made for the first of them only."""

    def __init__(self, context: RestContext) -> None:
        self._context = context
        self._counts = LineCounts(context.log, context.clock, context.timezone)
        self._making = threading.Lock()
        self._made: OrderedDict[Key, bytes] = OrderedDict()

    def jpeg(self, view: View, look: Look) -> bytes:
        """Return a view as JPEG."""
        key = (view.frame.channel_id, view.frame.sequence, view.frame.time_us, look)
        with self._making:  # viewers wake together: all but the first wait here, and take what it made
            if key not in self._made:
                self._made[key] = self._make(view, look)
                while len(self._made) > REMEMBERED:
                    self._made.popitem(last=False)
            return self._made[key]

    def _make(self, view: View, look: Look) -> bytes:
        if not look.overlay:
            return encode(view.frame.shown(), max_width=look.width, quality=QUALITY)
        zone = self._context.timezone
        image = draw(view, self._rules(view), self._counts.today(), max_width=look.width, timezone=zone)
        return encode_bgr(image, quality=QUALITY)

    def _rules(self, view: View) -> tuple[RuleSettings, ...]:
        for channel in self._context.settings().channels:
            if channel.id == view.frame.channel_id:
                return channel.rules
        return ()
