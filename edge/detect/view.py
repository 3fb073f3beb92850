"""Tells whether a camera still sees what it should: not dark, flooded with light, out of focus, covered or turned."""

import math

from edge.detect.exposures import Exposures
from edge.detect.hidden import Hidden
from edge.detect.look import Look, look_at
from edge.detect.normal import Comparison, Normal
from edge.model.event import Measure
from edge.model.exposure import Exposure
from edge.model.scene import Picture, View, ViewFault

_EVERY_S, _QUICKLY_S = 0.95, 0.5
"""So often the view is looked at; quickly while something is odd, and for some time after."""
_QUICK_FOR_S = 3.0
_ODD_LOST, _ODD_SHARPNESS = 0.35, 0.75
_WARM_UP_S = 15.0
_LEARN_S, _LEARN_QUICKLY_S = 30.0, 8.0
"""What is normal is what was normal for so long; in a switch between day and night for so short a time."""
_SWITCH_S = 60.0
"""For so long after a switch between day and night more is forgiven, and more is learnt."""
_ACCEPT_S = 600.0
"""A view that has been spoilt for so long is taken for the normal one: nobody is going to put it right."""
_FEW_BLOCKS = 20
_DARK_SHARE = 0.97
_DARKER = 0.3
_BLANK_SPREAD, _BLANK_MEAN = 3.0, 24.0
_BRIGHT_SHARE = 0.65
_FLOODED_MEAN, _FLOODED_SHARE = 216.0, 0.4
_WASHED_OUT_MEAN = 195.0
_WASHED_OUT_CONTRAST = 0.5
_BRIGHTER = 40.0
_GONE = 0.58
_GONE_IN_SWITCH = 0.85
_SAME_COARSE = 0.5
_BLURRED = 0.55
_HAZY, _HAZY_CONTRAST = 0.68, 0.35
"""Behind a bag that lets light through, things in front of it may look sharper, but all contrast is weak."""
_MOVED_SHARP = 0.7
_MOVED_STRENGTH, _MOVED_STRUCTURE = 0.42, 0.6
_FREE = 0.5
_LEARN_LOST = 0.5


class ViewWatch:
    """Watches one camera's view, once a second, twice where it is odd; pictures come in order.

    A new one is needed after each outage.
    What is `hidden` by privacy masks does not count.
    """

    def __init__(self, hidden: Hidden | None = None) -> None:
        self._hidden = hidden or Hidden()
        self._exposures = Exposures()
        self._normal: Normal | None = None
        self._view = View(settled=False)
        self._next_s = self._looked_s = 0.0
        self._odd_s = -math.inf
        self._settled_s = 0.0
        self._switched_s: float | None = None
        self._fault_s: float | None = None
        self._blank: ViewFault | None = None
        self._accepted = False

    def look(self, picture: Picture, stream_s: float, exposure: Exposure | None = None) -> View:
        """Return how the view is, by the newest look at it; `exposure` is how the camera exposed this picture."""
        self._exposures.add(exposure, stream_s)
        if stream_s >= self._next_s or self._normal is None:
            self._view = self._judge(look_at(picture, self._hidden), stream_s, 0.0 if picture.full_range else 16.0)
            if not self._view.settled or self._view.fault is not None:
                self._odd_s = stream_s
            is_odd = stream_s - self._odd_s < _QUICK_FOR_S
            self._next_s = stream_s + (_QUICKLY_S if is_odd else _EVERY_S)
            self._looked_s = stream_s
        return self._view

    def _judge(self, look: Look, stream_s: float, black: float) -> View:
        normal = self._normal
        if normal is None:
            return self._begin(look, stream_s)
        compared = normal.compare(look, black)
        if self._exposures.sets(stream_s) and self._blank is None:
            return View(settled=False, measures=measures(look, compared))
        if stream_s < self._settled_s:
            normal.learn(look, compared.agrees, stream_s - self._looked_s, _LEARN_S)
            self._blank = None if self._accepted else blank(look)
            return View(settled=False, measures=measures(look, compared))
        if self._blank is not None:
            return self._still_blank(look, stream_s, compared)
        switched = self._switches(look, normal, stream_s) and compared.coarse > _SAME_COARSE
        fault = fault_of(look, compared, normal.bright, switched=switched)
        if switched or compared.lost > _ODD_LOST or compared.sharpness < _ODD_SHARPNESS:
            self._odd_s = stream_s
        if fault is None:
            self._learn(look, compared, stream_s - self._looked_s, switched=switched)
        if self._gives_in(fault, stream_s):
            self._accepted = True
            return self._begin(look, stream_s)
        return View(fault, measures=measures(look, compared))

    def _begin(self, look: Look, stream_s: float) -> View:
        """Learn the normal view anew."""
        self._normal = Normal(look)
        self._settled_s = stream_s + _WARM_UP_S
        self._switched_s = self._fault_s = self._blank = None
        return View(settled=False)

    def _still_blank(self, look: Look, stream_s: float, compared: Comparison) -> View:
        """Tell of a picture that has had nothing in it from the start; the first that has something is learnt from."""
        if blank(look) is None:
            return self._begin(look, stream_s)
        return View(self._blank, measures=measures(look, compared))

    def _switches(self, look: Look, normal: Normal, stream_s: float) -> bool:
        """Tell whether the camera has switched between day and night of late."""
        if look.colour is not normal.colour:
            normal.colour = look.colour
            self._switched_s = stream_s
        by_colour = self._switched_s is not None and stream_s - self._switched_s < _SWITCH_S
        return by_colour or self._exposures.switched(stream_s, _SWITCH_S)

    def _learn(self, look: Look, compared: Comparison, passed_s: float, *, switched: bool) -> None:
        if self._normal is None:
            return
        if switched:
            self._normal.learn(look, compared.agrees, passed_s, _LEARN_QUICKLY_S)
        elif compared.lost < _LEARN_LOST or compared.blocks < _FEW_BLOCKS:
            self._normal.learn(look, compared.agrees, passed_s, _LEARN_S)
        else:
            self._normal.follow(look, passed_s)

    def _gives_in(self, fault: ViewFault | None, stream_s: float) -> bool:
        """Tell whether a fault has lasted for so long that it must be what there is to see."""
        if fault is None:
            self._fault_s = None
        elif self._fault_s is None:
            self._fault_s = stream_s
        return self._fault_s is not None and stream_s - self._fault_s >= _ACCEPT_S


def blank(look: Look) -> ViewFault | None:
    """Return the fault of a picture that is nothing but black or white, whatever is normal."""
    if look.spread > _BLANK_SPREAD:
        return None
    if look.dark >= _DARK_SHARE and look.mean < _BLANK_MEAN:
        return ViewFault.DARK
    return ViewFault.BRIGHT if look.bright >= _DARK_SHARE else None


def fault_of(look: Look, compared: Comparison, usually_bright: float, *, switched: bool) -> ViewFault | None:
    """Return what is wrong, the plainest first."""
    if look.dark >= _DARK_SHARE and compared.brightness < _DARKER:
        return ViewFault.DARK
    if compared.rise > _BRIGHTER and _flooded(look, compared, usually_bright):
        return ViewFault.BRIGHT
    if compared.blocks < _FEW_BLOCKS:
        return None
    hazy = compared.sharpness < _HAZY and compared.contrast < _HAZY_CONTRAST
    if (hazy or compared.sharpness < _BLURRED) and compared.coarse > _SAME_COARSE:
        return None if switched else ViewFault.BLURRED
    return _gone(compared, _GONE_IN_SWITCH if switched else _GONE)


def _gone(compared: Comparison, limit: float) -> ViewFault | None:
    """Tell whether the normal view is not there any more, and whether another one is.

    A strip along a border that is as ever shows that the camera has not moved.
    """
    full = compared.strength > _MOVED_STRENGTH and compared.structure > _MOVED_STRUCTURE
    if compared.shifted and full:
        return ViewFault.MOVED
    if compared.lost < limit:
        return None
    elsewhere = full and compared.sharpness > _MOVED_SHARP and compared.free < _FREE
    return ViewFault.MOVED if elsewhere else ViewFault.COVERED


def _flooded(look: Look, compared: Comparison, usually_bright: float) -> bool:
    """Tell whether light has washed out what there was; more light on the same things leaves their contrast."""
    more = look.bright - usually_bright
    washed_out = look.mean > _WASHED_OUT_MEAN and compared.contrast < _WASHED_OUT_CONTRAST
    return washed_out or more > _BRIGHT_SHARE or (look.mean > _FLOODED_MEAN and more > _FLOODED_SHARE)


def measures(look: Look, compared: Comparison) -> tuple[Measure, ...]:
    """Return the numbers that decide, with their limits."""
    return (
        Measure("lost_share", round(compared.lost, 3), _GONE),
        Measure("sharpness_ratio", round(compared.sharpness, 3), _BLURRED),
        Measure("dark_share", round(look.dark, 3), _DARK_SHARE),
        Measure("brightness_ratio", round(compared.brightness, 3), _DARKER),
        Measure("bright_share", round(look.bright, 3), _BRIGHT_SHARE),
        Measure("contrast_ratio", round(compared.contrast, 3), _WASHED_OUT_CONTRAST),
    )
