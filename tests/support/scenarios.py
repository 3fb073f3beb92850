"""Scenarios: boxes over time, as a perfect tracker would give them, with the events that must follow.

tests/scenarios/README.md explains the form.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from edge.model.event import Event
from edge.model.geometry import Box
from edge.model.scene import Origin, Scene, Sighting, Track
from edge.settings import ChannelSettings, DemoSettings, LineSettings, SourceSettings, ZoneSettings
from edge.settings.rules import RuleSettings

START_US = 1_700_000_000_000_000
CONFIRMED_AFTER_S = 0.4
LOST_AFTER_S = 2.0


@dataclass(frozen=True, slots=True)
class Actor:
    """One object: where its anchor (bottom centre) is at which times, how large it is, when it cannot be seen."""

    object_id: int
    path: Sequence[tuple[float, float, float]]
    size: tuple[float, float] = (0.05, 0.15)
    origin: Origin = Origin.PEDESTRIAN
    hidden: Sequence[tuple[float, float]] = ()
    confirmed_after_s: float = CONFIRMED_AFTER_S

    def box(self, at_s: float) -> Box:
        """Return the box at a time, between its way points in a straight line, cut at the picture's edge."""
        (x, y), (width, height) = self._anchor(at_s), self.size
        left, top, right, bottom = x - width / 2, y - height, x + width / 2, y
        return Box(max(left, 0.0), max(top, 0.0), min(right, 1.0), min(bottom, 1.0))

    def _anchor(self, at_s: float) -> tuple[float, float]:
        before, after = self.path[0], self.path[-1]
        for a, b in zip(self.path, self.path[1:], strict=False):
            if a[0] <= at_s <= b[0]:
                before, after = a, b
                break
        share = (at_s - before[0]) / (after[0] - before[0]) if after[0] > before[0] else 0.0
        return before[1] + share * (after[1] - before[1]), before[2] + share * (after[2] - before[2])

    def seen(self, at_s: float) -> bool:
        """Tell whether it is in view at a time."""
        there = self.path[0][0] - 1e-9 <= at_s <= self.path[-1][0] + 1e-9
        return there and not any(low <= at_s < high for low, high in self.hidden)


def scenes(
    actors: Sequence[Actor],
    *,
    fps: float,
    aspect: float = 4 / 3,
    unsettled: Sequence[tuple[float, float]] = (),
    until_s: float | None = None,
) -> Iterator[Scene]:
    """Give one scene for each frame, as a tracker that makes no mistake would."""
    end_s = max(actor.path[-1][0] for actor in actors) + LOST_AFTER_S + 1 if until_s is None else until_s
    followed = [_Followed(actor) for actor in actors]
    for number in range(int(end_s * fps + 1e-6) + 1):
        now_s = number / fps
        seen = [one.update(now_s) for one in followed]
        settled = not any(low <= now_s < high for low, high in unsettled)
        yield Scene(
            "c",
            START_US + round(now_s * 1e6),
            now_s,
            aspect,
            tuple(track for track, over in seen if track and not over),
            tuple(track for track, over in seen if track and over),
            settled,
        )


class _Followed:
    """One actor as the tracker knows it."""

    def __init__(self, actor: Actor) -> None:
        self._actor = actor
        self._waiting: list[Sighting] = []
        self._first: Sighting | None = None
        self._last: Sighting | None = None
        self._confirmed = self._over = False

    def update(self, now_s: float) -> tuple[Track | None, bool]:
        """Return its track at a frame, None before it is confirmed, and whether this frame lost it."""
        if self._actor.seen(now_s):
            self._last = Sighting(now_s, self._actor.box(now_s))
            self._first = self._first or self._last
            self._waiting.append(self._last)
        if self._first is None or self._last is None or self._over:
            return None, False
        self._over = now_s - self._last.stream_s >= LOST_AFTER_S
        self._confirmed |= now_s - self._first.stream_s >= self._actor.confirmed_after_s - 1e-9
        if not self._confirmed:
            return None, False
        new, self._waiting = tuple(self._waiting), []
        track = Track(
            self._actor.object_id,
            self._last.box,
            self._actor.origin,
            1.0,
            self._first.stream_s,
            self._last.stream_s,
            new,
        )
        return track, self._over


@dataclass(frozen=True, slots=True)
class Expected:
    """One event that must come; None is not looked at."""

    type: str
    object_id: int
    rule: str
    direction: str | None
    at_s: float | None
    within_s: float

    def fits(self, event: Event) -> bool:
        """Tell whether an event is this one."""
        told = (event.type.value, event.object_id, event.rule_name)
        right_time = self.at_s is None or abs(event.stream_s - self.at_s) <= self.within_s + 1e-9
        return told == (self.type, self.object_id, self.rule) and self.direction == event.direction and right_time


@dataclass(frozen=True, slots=True)
class Scenario:
    """A file of tests/scenarios."""

    channel: ChannelSettings
    actors: tuple[Actor, ...]
    expected: tuple[Expected, ...]
    fps: tuple[float, ...]
    aspect: float
    unsettled: tuple[tuple[float, float], ...]
    until_s: float | None


def read_scenario(path: Path) -> Scenario:
    """Read one file; a key that does not exist is an error."""
    content: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    allowed = {"about", "fps", "aspect", "unsettled", "until", "rules", "channel", "objects", "events"}
    assert set(content) <= allowed, f"{path.name}: unknown keys {sorted(set(content) - allowed)}"
    channel = ChannelSettings(
        name="Camera",
        id="c",
        source=SourceSettings(demo=DemoSettings()),
        rules=tuple(_rule(rule) for rule in content.get("rules", ())),
        **content.get("channel", {}),
    )
    fps = content.get("fps", [5, 10, 15])
    return Scenario(
        channel,
        tuple(_actor(actor) for actor in content["objects"]),
        tuple(_expected(event) for event in content["events"]),
        tuple(fps) if isinstance(fps, list) else (fps,),
        content.get("aspect", 4 / 3),
        tuple((low, high) for low, high in content.get("unsettled", ())),
        content.get("until"),
    )


def _rule(content: Mapping[str, Any]) -> RuleSettings:
    values = {key: _frozen(value) for key, value in content.items()}
    name = values.get("line", values.get("zone"))
    kind = LineSettings if "line" in values else ZoneSettings
    return kind(**{"id": name, **values})


def _frozen(value: Any) -> Any:  # noqa: ANN401 - YAML's values are of any type
    return tuple(_frozen(item) for item in value) if isinstance(value, list) else value


def _actor(content: Mapping[str, Any]) -> Actor:
    return Actor(
        content["id"],
        [(float(t), float(x), float(y)) for t, x, y in content["path"]],
        tuple(content.get("size", (0.05, 0.15))),
        Origin(content.get("class", "Pedestrian")),
        [(low, high) for low, high in content.get("hidden", ())],
        content.get("confirmed_after", CONFIRMED_AFTER_S),
    )


def _expected(content: Mapping[str, Any]) -> Expected:
    return Expected(
        content.get("type", "TripwireCrossed"),
        content["object"],
        content.get("rule", ""),
        content.get("direction"),
        content.get("at"),
        content.get("within", 0.1),
    )


def unmatched(expected: Iterable[Expected], events: Iterable[Event]) -> tuple[list[Expected], list[Event]]:
    """Return what was expected and did not come, and what came unexpected."""
    left = list(events)
    missing = []
    for one in expected:
        found = next((event for event in left if one.fits(event)), None)
        if found is None:
            missing.append(one)
        else:
            left.remove(found)
    return missing, left
