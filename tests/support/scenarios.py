"""Scenarios: boxes over time, as a perfect tracker would give them, with the events that must follow.

tests/scenarios/README.md explains the form.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from edge.config.loader import loads
from edge.model.event import NO_OBJECT, Event, Suppressed
from edge.model.geometry import Box
from edge.model.scene import Origin, ViewFault
from edge.settings import ChannelSettings
from tests.support.actors import CONFIRMED_AFTER_S, START_US, Actor, Span, Still, Watched, scenes

__all__ = ["Actor", "Scenario", "read_scenario", "scenes", "unmatched"]

KEYS = frozenset(
    (
        "about",
        "fps",
        "aspect",
        "unsettled",
        "until",
        "rules",
        "channel",
        "objects",
        "events",
        "suppressed",
        "start",
        "timezone",
        "things",
        "view",
        "same",
        "lost",
        "edited",
    )
)
FACTS = ("direction", "dwell", "count", "reason", "class")
DWELL_WITHIN_S = 0.25


@dataclass(frozen=True, slots=True)
class Expected:
    """One event that must come, or one candidate that must not become one (`why`); None is not looked at."""

    type: str
    object_id: int
    rule: str
    at_s: float | None
    within_s: float
    facts: Mapping[str, Any]
    why: str | None = None

    def fits(self, told: Event | Suppressed) -> bool:
        """Tell whether an event is this one."""
        same = (told.type.value, told.object_id, told.rule_name) == (self.type, self.object_id, self.rule)
        right_time = self.at_s is None or abs(told.stream_s - self.at_s) <= self.within_s + 1e-9
        if isinstance(told, Suppressed):
            return same and right_time and told.why.value == self.why
        return same and right_time and all(self._is(name, _fact(told, name)) for name in FACTS)

    def _is(self, name: str, value: object) -> bool:
        wanted = self.facts.get(name)
        if name == "dwell" and wanted is not None:
            return isinstance(value, float) and abs(value - wanted) <= DWELL_WITHIN_S
        if name == "direction" and self.type == "TripwireCrossed":
            return value == wanted
        return wanted is None or value == wanted


def _fact(event: Event, name: str) -> object:
    if name == "class":
        return event.origin.value
    return getattr(event, "dwell_seconds" if name == "dwell" else name)


@dataclass(frozen=True, slots=True)
class Scenario:
    """A file of tests/scenarios. `lost` are the times without a camera; `edited` is when other rules come in force."""

    channel: ChannelSettings
    actors: tuple[Actor, ...]
    expected: tuple[Expected, ...]
    suppressed: tuple[Expected, ...] | None
    fps: tuple[float, ...]
    aspect: float
    unsettled: tuple[Span, ...]
    until_s: float | None
    start_us: int
    timezone: tzinfo
    watched: Watched
    lost: tuple[Span, ...]
    edited: tuple[tuple[float, ChannelSettings], ...]


def read_scenario(path: Path, *, mirror: bool = False) -> Scenario:
    """Read one file, as in a mirror if asked for; a key that does not exist is an error."""
    content: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert set(content) <= KEYS, f"{path.name}: unknown keys {sorted(set(content) - KEYS)}"
    if mirror:
        content = mirrored(content)
    suppressed = content.get("suppressed")
    fps = content.get("fps", [5, 10, 15])
    zone = ZoneInfo(content["timezone"]) if "timezone" in content else UTC
    return Scenario(
        channel=_channel(content, content.get("rules", [])),
        actors=tuple(_actor(actor) for actor in content.get("objects", ())),
        expected=tuple(_expected(event) for event in content["events"]),
        suppressed=None if suppressed is None else tuple(_expected(each) for each in suppressed),
        fps=tuple(fps) if isinstance(fps, list) else (fps,),
        aspect=content.get("aspect", 4 / 3),
        unsettled=_spans(content.get("unsettled", ())),
        until_s=content.get("until"),
        start_us=_start_us(content.get("start"), zone),
        timezone=zone,
        watched=_watched(content),
        lost=_spans(content.get("lost", ())),
        edited=tuple((float(each["at"]), _channel(content, each["rules"])) for each in content.get("edited", ())),
    )


def mirrored(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return a scenario as in a mirror: x is 1 - x everywhere, and directions change places."""
    return {key: _mirrored(value, key) for key, value in content.items()}


_MIRRORS: Mapping[str, Callable[[Any], Any]] = {
    "points": lambda value: [[1 - x, y] for x, y in value],
    "polygon": lambda value: [[1 - x, y] for x, y in value],
    "path": lambda value: [[at_s, 1 - x, y] for at_s, x, y in value],
    "box": lambda value: [1 - value[2], value[1], 1 - value[0], value[3]],
    "foot": lambda value: [1 - value[0], value[1]],
    "direction": lambda value: {"a_to_b": "b_to_a", "b_to_a": "a_to_b"}.get(value, value),
}


def _mirrored(value: Any, key: str) -> Any:  # noqa: ANN401 - YAML's values are of any type
    if key in _MIRRORS:
        return _MIRRORS[key](value)
    if isinstance(value, dict):
        return {name: _mirrored(inner, name) for name, inner in value.items()}
    return [_mirrored(inner, "") for inner in value] if isinstance(value, list) else value


def _channel(content: Mapping[str, Any], rules: Sequence[Any]) -> ChannelSettings:
    """Return the channel as edge.yaml would give it."""
    channel = {"name": "Camera", "id": "c", "source": {"demo": {}}, "rules": rules, **content.get("channel", {})}
    return loads(yaml.safe_dump({"channels": [channel]}), "scenario").channels[0]


def _start_us(text: str | None, zone: tzinfo) -> int:
    if text is None:
        return START_US
    moment = datetime.fromisoformat(text)
    return round((moment if moment.tzinfo else moment.replace(tzinfo=zone)).timestamp() * 1e6)


def _watched(content: Mapping[str, Any]) -> Watched:
    things = [
        Still(
            each["id"],
            Box(*map(float, each["box"])),
            float(each["since"]),
            float(each.get("until", "inf")),
            _spans(each.get("hidden", ())),
        )
        for each in content.get("things", ())
    ]
    view = [
        (float(low), float(high), None if fault == "unknown" else ViewFault(fault))
        for low, high, fault in content.get("view", ())
    ]
    return Watched(things, view, _spans(content.get("same", ())), views="view" in content)


def _spans(content: Iterable[tuple[float, float]]) -> tuple[Span, ...]:
    return tuple((float(low), float(high)) for low, high in content)


def _actor(content: Mapping[str, Any]) -> Actor:
    size, kind = content.get("size", (0.05, 0.15)), content.get("class", "Pedestrian")
    return Actor(
        content["id"],
        [(float(t), float(x), float(y)) for t, x, y in content["path"]],
        (0.0, 0.0) if isinstance(size[0], list) else (float(size[0]), float(size[1])),
        Origin(kind if isinstance(kind, str) else kind[0][1]),
        _spans(content.get("hidden", ())),
        content.get("confirmed_after", CONFIRMED_AFTER_S),
        () if isinstance(kind, str) else [(float(since_s), Origin(name)) for since_s, name in kind],
        _spans(content.get("parked", ())),
        [(float(t), float(w), float(h)) for t, w, h in size] if isinstance(size[0], list) else (),
    )


def _expected(content: Mapping[str, Any]) -> Expected:
    known = {"type", "object", "rule", "at", "within", "why", *FACTS}
    assert set(content) <= known, f"unknown keys of an event: {sorted(set(content) - known)}"
    return Expected(
        content.get("type", "TripwireCrossed"),
        content.get("object", NO_OBJECT),
        content.get("rule", ""),
        content.get("at"),
        content.get("within", 0.1),
        {name: content[name] for name in FACTS if name in content},
        content.get("why"),
    )


Told = Event | Suppressed


def unmatched(expected: Iterable[Expected], told: Iterable[Told]) -> tuple[list[Expected], list[Told]]:
    """Return what was expected and did not come, and what came unexpected."""
    left = list(told)
    missing = []
    for one in expected:
        found = next((each for each in left if one.fits(each)), None)
        if found is None:
            missing.append(one)
        else:
            left.remove(found)
    return missing, left
