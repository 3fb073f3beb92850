"""Hypothesis strategies for settings of any type: valid, and what is still to come stays at its default."""

import math
import typing
from collections.abc import Mapping
from enum import Enum

from hypothesis import strategies as st

from edge.config.shape import Hint, Key, is_section, keys_of, unwrap, without_none
from edge.settings import (
    CsiSettings,
    DetectorSettings,
    FileSettings,
    LineSettings,
    MqttSettings,
    RtspSettings,
    Settings,
    SourceSettings,
    TlsSettings,
    WebhookSettings,
    ZoneSettings,
)
from edge.settings.channel import MaskSettings
from edge.settings.marks import Check, Length, NotYet, Pattern, Range
from edge.settings.rules import ID, TIME_OF_DAY, AbandonedSettings, CrowdSettings, ScheduleSettings

PRINTABLE = st.characters(min_codepoint=32, max_codepoint=0x2FFF).filter(str.isprintable)
AWKWARD = ["off", "no", "0o17", "1e5", "18:00", "null", "~", "- a", "a: b", "# x", "'", '"', "5", "=", "<<", "a #b"]
TEXTS = st.text(PRINTABLE, min_size=1, max_size=20).filter(lambda text: text == text.strip()) | st.sampled_from(AWKWARD)
POINT = st.tuples(st.integers(0, 99).map(lambda n: n / 99), st.floats(0, 1))


def _corners(turns: list[int]) -> tuple[tuple[float, float], ...]:
    """Return corners on an oval at these turns, in twelfths of a round: no two sides of it can meet."""
    angles = [2 * math.pi * turn / 12 for turn in sorted(turns)]
    return tuple((0.5 + 0.4 * math.cos(angle), 0.5 + 0.3 * math.sin(angle)) for angle in angles)


POLYGON = st.lists(st.integers(0, 11), min_size=3, max_size=8, unique=True).map(_corners)
HOUR = st.integers(0, 23).map("{:02}:30".format)

SPECIAL: Mapping[tuple[type, str], st.SearchStrategy[object]] = {
    (RtspSettings, "url"): st.sampled_from(["rtsp://192.0.2.7:554/s?a=1&b=2#c", "RTSPS://[2001:db8::1]/"]),
    (MqttSettings, "topic_prefix"): st.sampled_from(["edge", "site/2/cameras", "a b"]),
    (FileSettings, "start_time"): st.sampled_from(["", "2026-03-29T00:59:00+01:00", "2026-03-29T00:59:00Z"]),
    (WebhookSettings, "url"): st.sampled_from(["http://192.0.2.7:1880/hook", "https://h.example.org/"]),
    (WebhookSettings, "channels"): st.just(()),
    (WebhookSettings, "headers"): st.dictionaries(st.sampled_from(["X-Site", "Accept"]), TEXTS, max_size=2),
    (LineSettings, "points"): st.lists(POINT, min_size=2, max_size=10, unique_by=lambda point: point[0]).map(tuple),
    (ZoneSettings, "polygon"): POLYGON,
    (MaskSettings, "polygon"): POLYGON,
}


def whole_settings() -> st.SearchStrategy[Settings]:
    """Give whole settings; ids are not resolved."""
    return section(Settings).map(lambda built: typing.cast(Settings, built)).filter(_names_differ)


def section(kind: type) -> st.SearchStrategy[object]:
    """Give a section of any type."""
    if kind is SourceSettings:
        return st.sampled_from(["rtsp", "csi", "file", "demo"]).flatmap(_source)
    if kind is DetectorSettings:  # a network's settings hang together, and with the source
        return st.builds(DetectorSettings, min_confidence=st.floats(0.0, 1.0))
    if kind is TlsSettings:
        owned = st.builds(TlsSettings, mode=st.just("files"), cert_file=TEXTS, key_file=TEXTS)
        return owned | st.builds(TlsSettings, mode=st.sampled_from(["none", "self-signed"]))
    keys = [key for key in keys_of(kind).values() if not key.hint.not_yet]
    drawn = {key.attribute: _value(kind, key) for key in keys}
    return st.builds(kind, **drawn).filter(_consistent)


def _names_differ(settings: Settings) -> bool:
    channels = settings.channels
    rules = [(channel.name, rule) for channel in channels for rule in channel.rules]
    lists: list[list[object]] = [
        [channel.name for channel in channels],
        [channel.id for channel in channels if channel.id],
        [rule.id for _, rule in rules if rule.id],
        [(name, rule.line) for name, rule in rules if isinstance(rule, LineSettings)],
        [(name, rule.zone) for name, rule in rules if isinstance(rule, ZoneSettings)],
    ]
    feet = [[ruler.foot[1] for ruler in channel.calibration] for channel in channels]
    return all(len(set(some)) == len(some) for some in lists) and all(len(set(ys)) == len(ys) for ys in feet)


def _source(kind: str) -> st.SearchStrategy[object]:
    hint = keys_of(SourceSettings)[kind].hint
    inner = section(typing.cast(type, without_none(hint.base)[0][0].base))
    return st.builds(SourceSettings, **{kind: inner})


def _consistent(built: object) -> bool:
    if isinstance(built, LineSettings | ZoneSettings | AbandonedSettings):
        return built.min_size <= built.max_size
    if isinstance(built, CrowdSettings | CsiSettings):
        return built.hysteresis < built.size if isinstance(built, CrowdSettings) else built.min_fps <= built.fps
    if isinstance(built, WebhookSettings):
        return built.when == "immediate" or not built.events
    if isinstance(built, ScheduleSettings):
        return built.from_ != built.to
    if isinstance(built, MqttSettings):
        return bool(built.username) or not built.password_file
    return not (isinstance(built, RtspSettings) and built.password and built.password_file)


def _value(section_kind: type, key: Key) -> st.SearchStrategy[object]:
    if (section_kind, key.name) in SPECIAL:
        return SPECIAL[section_kind, key.name]
    drawn = _typed(key.hint)
    return drawn if key.required else st.just(key.default) | drawn


def _typed(hint: Hint) -> st.SearchStrategy[object]:
    parts, optional = without_none(hint.base)
    real = [_part(part, hint) for part in parts if not part.not_yet]
    return st.one_of(*real, *([st.none()] if optional else []))


def _part(part: Hint, hint: Hint) -> st.SearchStrategy[object]:
    base = part.base
    if is_section(base):
        return section(typing.cast(type, base))
    if typing.get_origin(base) is tuple:
        return _tuple(typing.get_args(base), hint.first(Length) or Length())
    if typing.get_origin(base) is dict:
        name, value = typing.get_args(base)
        return st.dictionaries(_typed(unwrap(name)), _typed(unwrap(value)), max_size=2)
    if typing.get_origin(base) is typing.Literal:
        refused = [value for mark in hint.all(NotYet) for value in mark.values]
        return st.sampled_from([value for value in typing.get_args(base) if value not in refused])
    return _scalar(base, hint, part.first(Range) or hint.first(Range) or Range())


def _tuple(kinds: tuple[object, ...], length: Length) -> st.SearchStrategy[object]:
    if kinds[-1] is not Ellipsis:
        return st.tuples(*(_typed(unwrap(kind)) for kind in kinds))
    item = _typed(unwrap(kinds[0]))
    return st.lists(item, min_size=length.low, max_size=min(length.high or 2, 2)).map(tuple)


def _scalar(base: object, hint: Hint, allowed: Range) -> st.SearchStrategy[object]:
    if isinstance(base, type) and issubclass(base, Enum):
        return st.sampled_from(list(base))
    if base is bool:
        return st.booleans()
    if base is int:
        return st.integers(int(allowed.low or 0), int(allowed.high or 9))
    if base is float:
        return st.floats(allowed.low, allowed.high)
    pattern = hint.first(Pattern)
    if pattern:
        kinds = {ID: st.uuids().map(str), TIME_OF_DAY: HOUR}
        return kinds.get(pattern, st.just(""))
    plain_check = any(not mark.pattern for mark in hint.all(Check))
    return st.just("UTC") if plain_check else TEXTS
