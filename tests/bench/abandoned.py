"""Things left behind: how many laid into real video are told once, in time and in place, and what else is."""

import time
from dataclasses import dataclass, field
from datetime import UTC

import cv2

from edge.model.event import Event, EventType
from edge.model.geometry import Point, distance
from edge.pipeline import build_pipeline
from edge.settings import ChannelSettings, DemoSettings, SourceSettings, ZoneSettings
from edge.settings.rules import AbandonedSettings
from tests.bench.table import Table
from tests.support.left_behind import Laid, Show, bag, lies, person
from tests.support.shared_data import shared

_SECONDS, _OWNER_S, _LATE_S = 10.0, 3.0, 3.0
_LAID_S = 6.0
_PLACES: dict[str, tuple[tuple[str, float, tuple[float, float]], ...]] = {
    "vtest.avi": (
        ("bag", 0.05, (0.12, 0.55)),
        ("suitcase", 0.06, (0.33, 0.55)),
        ("box", 0.08, (0.5, 0.6)),
        ("sack", 0.15, (0.8, 0.85)),
        ("bag", 0.2, (0.3, 0.93)),
        ("backpack", 0.05, (0.75, 0.45)),
        ("box", 0.03, (0.62, 0.33)),
    ),
    "road.avi": (
        ("bag", 0.08, (0.15, 0.35)),
        ("suitcase", 0.15, (0.35, 0.75)),
        ("box", 0.1, (0.6, 0.9)),
        ("backpack", 0.1, (0.75, 0.15)),
        ("sack", 0.2, (0.85, 0.75)),
        ("box", 0.03, (0.5, 0.38)),
    ),
    "bottle-detection.mp4": (
        ("bag", 0.1, (0.32, 0.95)),
        ("suitcase", 0.2, (0.62, 0.95)),
        ("box", 0.05, (0.5, 0.2)),
        ("sack", 0.12, (0.75, 0.3)),
    ),
}


@dataclass(frozen=True)
class Case:
    """A way to show a clip; `things` False shows it untouched."""

    clip: str
    fps: float = 10.0
    size: tuple[int, int] | None = None
    crf: int | None = None
    window: tuple[int, int] = (0, 300)
    shake: float = 0.0
    radius: float = 0.1
    seconds: float = _SECONDS
    length_s: float = 24.0
    things: bool = True
    seed: int = 3
    people: tuple[Laid, ...] = field(default=())

    def name(self) -> str:
        """Return it in words."""
        parts = [self.clip, f"{self.fps:g} fps", f"radius {self.radius:g}", f"{self.seconds:g} s"]
        parts += [f"{self.size[0]}x{self.size[1]}"] if self.size else []
        parts += [f"crf {self.crf}"] if self.crf else []
        parts += [f"shake {self.shake:g} px"] if self.shake else []
        return ", ".join(parts)


CASES = (
    Case("vtest.avi", 5, length_s=79.4, window=(0, 795), things=False, seconds=5),
    Case("road.avi", 10, length_s=12.4, window=(0, 374), things=False, seconds=5),
    Case("bottle-detection.mp4", 10, length_s=39.8, window=(0, 1189), things=False),
    Case("vtest.avi", 5, (320, 240), 35),
    Case("vtest.avi", 10, None, 23),
    Case("vtest.avi", 10, radius=0.3),
    Case("vtest.avi", 15, (1280, 720), 28, window=(300, 700), seed=8),
    Case("vtest.avi", 5, shake=2),
    Case("road.avi", 15, (320, 240), 30),
    Case("road.avi", 5, (1280, 720), 35, seed=9),
    Case("road.avi", 10, (768, 576), shake=2),
    Case("bottle-detection.mp4", 10, None, 30, window=(0, 100)),
)


def run(*, quick: bool) -> Table:
    """Play each case through the whole pipeline; quickly, the first three with things."""
    for clip in _PLACES:
        shared(f"data/video/{clip}")
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    rows = [_row(case) for case in (CASES[3:6] if quick else CASES)]
    if not quick:
        rows.append(_people_row())
    cv2.setNumThreads(threads)
    return Table(
        "Things left behind, laid into real video",
        (
            "shown",
            "laid in",
            "told once, in time and place",
            "late by (s)",
            "told beside",
            "CPU ms a frame, whole pipeline",
        ),
        rows,
        (
            f"laid in at {_LAID_S:g} s behind who moves; in time: within seconds + {_LATE_S:g}; owner_s {_OWNER_S:g}",
            "in place: the middle within half of the thing's height; late: those that came later, - where none came",
            "on vtest.avi people stand within the radius of some things: those are told when they have gone",
        ),
    )


def _people_row() -> list[str]:
    """Two people, cut out of the clip, who stand for two minutes: one comes walking, one is there at once."""
    clip = shared("data/video/vtest.avi")
    one, two = person(clip, 100, (345, 185, 395, 285), (0, 300)), person(clip, 100, (580, 145, 630, 245), (0, 300))
    walks = Laid(one, 0.16, ((8, 0.0, 0.62), (14, 0.3, 0.62), (134, 0.3, 0.62), (140, 0.0, 0.62)))
    stands = lies(two, 0.19, (0.8, 0.9), (8, 128))
    return _row(Case("vtest.avi", 5, crf=26, length_s=142, things=False, people=(walks, stands)))


def _row(case: Case) -> list[str]:
    laid = [
        lies(bag(kind, case.seed + index), height, place, (_LAID_S, 1e6), behind=True)
        for index, (kind, height, place) in enumerate(_PLACES[case.clip] if case.things else ())
    ]
    events, cost_ms = _told(case, [*laid, *case.people])
    aspect = 4 / 3 if case.clip.startswith("vtest") else 16 / 9
    aspect = case.size[0] / case.size[1] if case.size else aspect
    good, late = 0, []
    for thing in laid:
        own = [event for event in events if _is_at(event, thing, aspect)]
        events = [event for event in events if event not in own]
        over_s = own[0].stream_s - _LAID_S - case.seconds if own else None
        if len(own) == 1 and over_s is not None and over_s <= _LATE_S:
            good += 1
        else:
            late.append("-" if over_s is None else f"{over_s:.1f}" + (f" x{len(own)}" if len(own) > 1 else ""))
    name = case.name() + (", two people stand for 2 min" if case.people else "" if case.things else ", untouched")
    return [name, str(len(laid)), str(good), ", ".join(late), str(len(events)), f"{cost_ms:.1f}"]


def _told(case: Case, laid: list[Laid]) -> tuple[list[Event], float]:
    asked = AbandonedSettings(seconds=case.seconds, owner_s=_OWNER_S, owner_radius=case.radius)
    zone = ZoneSettings(zone="all", id="z", polygon=((0, 0), (1, 0), (1, 1), (0, 1)), abandoned=asked)
    channel = ChannelSettings(name="c", id="c", source=SourceSettings(demo=DemoSettings()), rules=(zone,))
    pipeline = build_pipeline(channel, 1, UTC)
    clip = shared(f"data/video/{case.clip}")
    show = Show(clip, case.length_s, laid, case.fps, case.size, case.crf, case.window, shake=case.shake)
    told, spent_s, frames = [], 0.0, 0
    for frame in show.frames():
        before = time.process_time()
        told += [event for event in pipeline.process(frame).events if event.type is EventType.ABANDONED]
        spent_s += time.process_time() - before
        frames += 1
    return told, spent_s / max(1, frames) * 1000


def _is_at(event: Event, thing: Laid, aspect: float) -> bool:
    if event.evidence is None or event.evidence.box is None:
        return False
    _, x, y = thing.path[0]
    away = distance(event.evidence.box.center, Point(x, y - thing.height / 2), aspect)
    return away <= max(0.5 * thing.height, 0.012)
