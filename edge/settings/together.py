"""Tests over several keys: of one section (`CHECKS`), and of the whole file (`across`)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import cast

from edge.model.event import EventType
from edge.settings.channel import CalibrationRuler, ChannelSettings, DetectorSettings
from edge.settings.device import ApiSettings, TlsSettings
from edge.settings.ids import channel_id, rule_id
from edge.settings.marks import Finding, Step, Together
from edge.settings.outputs import MqttSettings, WebhookSettings
from edge.settings.rules import AbandonedSettings, CrowdSettings, LineSettings, ScheduleSettings, ZoneSettings
from edge.settings.source import CsiSettings, HttpSettings, OnvifSettings, RtspSettings, SourceSettings

SOURCE_KINDS = ("rtsp", "onvif", "http", "csi", "usb", "file", "demo")


def one_source(*sources: object) -> str | None:
    """Ask for exactly one kind of source."""
    given = [kind for kind, source in zip(SOURCE_KINDS, sources, strict=True) if source is not None]
    if len(given) == 1:
        return None
    found = f", has {' and '.join(given)}" if given else " (for the defaults of a kind write `demo: {}`)"
    return f"needs exactly one of {', '.join(SOURCE_KINDS)}{found}"


def sizes_in_order(smallest: float, largest: float) -> str | None:
    """Refuse a smallest size above the largest."""
    return None if smallest <= largest else "max_size is below min_size: nothing would ever fit"


def one_password(password: str, password_file: str) -> str | None:
    """Refuse a password both in the file and beside it."""
    return "password and password_file exclude one another; keep one" if password and password_file else None


def whose_password(username: str, password_file: str) -> str | None:
    """Refuse a password of nobody: MQTT 3.1.1 does not allow it."""
    return "password_file needs a username" if password_file and not username else None


def some_time(begin: str, end: str) -> str | None:
    """Refuse a schedule of no length."""
    return 'from and to are the same; for the whole day write "00:00" and "24:00"' if begin == end else None


def ends_below(size: int, hysteresis: int) -> str | None:
    """Refuse a crowd that cannot end."""
    return None if hysteresis < size else "hysteresis must be below size, or the crowd never ends"


def both_files(mode: str, cert_file: str, key_file: str) -> str | None:
    """Ask for certificate and key together, and for the mode that uses them."""
    if mode == "files":
        return None if cert_file and key_file else "mode files needs cert_file and key_file"
    return "cert_file and key_file are for `mode: files`" if cert_file or key_file else None


def two_ports(port: int, tls: TlsSettings) -> str | None:
    """Refuse one port for HTTPS and for what it is passed on to."""
    same = tls.mode != "none" and tls.local_port == port
    return f"api.port and api.tls.local_port are both {port}; each needs its own" if same else None


def sums_of_all(when: str, events: tuple[EventType, ...]) -> str | None:
    """Refuse a choice of events for sums: they always have their fourteen rows."""
    return None if when == "immediate" or not events else "is for `when: immediate` only: sums have all events"


def as_fast(fps: float, min_fps: float) -> str | None:
    """Refuse a least rate above the rate."""
    return None if min_fps <= fps else "is above fps"


def of_a_network(kind: str, model: str, labels_file: str, box_order: str, classes: tuple[str, ...]) -> str | None:
    """Refuse what only a network has where there is none."""
    given = model or labels_file or box_order != "auto" or classes
    return "is for networks; kind motion has none" if given and kind == "motion" else None


def in_its_sensor(source: SourceSettings, detector: DetectorSettings) -> str | None:
    """Refuse a network in the sensor where the picture is from elsewhere."""
    if detector.kind != "imx500" or source.csi is not None:
        return None
    return "kind imx500 needs a camera module: source.csi"


def two_places(rulers: tuple[CalibrationRuler, ...]) -> str | None:
    """Refuse two rulers at one height of the picture: nothing lies between them."""
    same = len({ruler.foot[1] for ruler in rulers}) < len(rulers)
    return "both rulers stand at the same y; measure one person near and one far" if same else None


_SIZES = Together(("min_size", "max_size"), sizes_in_order)
_PASSWORD = Together(("password", "password_file"), one_password)

CHECKS: Mapping[type, tuple[Together, ...]] = {
    SourceSettings: (Together(SOURCE_KINDS, one_source),),
    RtspSettings: (_PASSWORD,),
    OnvifSettings: (_PASSWORD,),
    CsiSettings: (Together(("fps", "min_fps"), as_fast),),
    DetectorSettings: (Together(("kind", "model", "labels_file", "box_order", "classes"), of_a_network),),
    HttpSettings: (_PASSWORD,),
    LineSettings: (_SIZES,),
    ZoneSettings: (_SIZES,),
    AbandonedSettings: (_SIZES,),
    MqttSettings: (Together(("username", "password_file"), whose_password),),
    CrowdSettings: (Together(("size", "hysteresis"), ends_below),),
    ScheduleSettings: (Together(("from", "to"), some_time),),
    TlsSettings: (Together(("mode", "cert_file", "key_file"), both_files),),
    ApiSettings: (Together(("port", "tls"), two_ports),),
    WebhookSettings: (Together(("when", "events"), sums_of_all),),
    ChannelSettings: (
        Together(("calibration",), two_places),
        Together(("source", "detector"), in_its_sensor),
    ),
}
"""Section -> its tests; keys as they stand in the file."""


@dataclass(frozen=True, slots=True)
class _Identity:
    """A name or id at its place; `own` when the file gives it, `group` is the channel it belongs to."""

    path: tuple[Step, ...]
    value: str
    own: bool
    group: int = 0


def across(tree: object) -> Iterator[Finding]:
    """Find what is given twice and what is named but not there. `tree` is the plain file, and may be wrong anywhere."""
    channels = list(_entries(tree, "channels"))
    names = [_Identity(("channels", i, "name"), _text(channel, "name"), own=True) for i, channel in channels]
    yield from _twice(names)
    yield from _twice([_channel_identity(i, channel) for i, channel in channels])
    yield from _twice(
        [_rule_identity(i, channel, j, rule) for i, channel in channels for j, rule in _entries(channel, "rules")]
    )
    yield from _unknown_channels(tree, {name.value for name in names})


def _unknown_channels(tree: object, names: set[str]) -> Iterator[Finding]:
    for i, hook in _entries(tree, "webhooks"):
        for j, name in enumerate(_list(hook, "channels")):
            if isinstance(name, str) and name not in names:
                yield Finding(("webhooks", i, "channels", j), "there is no channel of that name")


def _twice(found: list[_Identity]) -> Iterator[Finding]:
    """Report each value that was there before; two made from the same names are told once, by their names."""
    first: dict[str, _Identity] = {}
    for one in found:
        other = first.setdefault(one.value, one)
        if one.value and other is not one and (one.own or other.own or one.group == other.group):
            yield Finding(one.path, f"the same as {Finding(other.path, '').where}; each needs its own")


def _channel_identity(index: int, channel: Mapping[str, object]) -> _Identity:
    own = bool(_text(channel, "id"))
    return _Identity(("channels", index, "id"), _channel_id(channel), own=own, group=index)


def _channel_id(channel: Mapping[str, object]) -> str:
    name = _text(channel, "name")
    return _text(channel, "id") or (channel_id(name) if name else "")


def _rule_identity(index: int, channel: Mapping[str, object], number: int, rule: Mapping[str, object]) -> _Identity:
    path: tuple[Step, ...] = ("channels", index, "rules", number)
    if own := _text(rule, "id"):
        return _Identity((*path, "id"), own, own=True, group=index)
    kind = next((kind for kind in ("line", "zone") if _text(rule, kind)), "")
    made = rule_id(_channel_id(channel), kind, _text(rule, kind)) if kind else ""
    return _Identity((*path, kind), made, own=False, group=index)


def _text(section: Mapping[str, object], key: str) -> str:
    value = section.get(key)
    return value if isinstance(value, str) else ""


def _list(section: object, key: str) -> list[object]:
    value = section.get(key) if isinstance(section, dict) else None
    return value if isinstance(value, list) else []


def _entries(section: object, key: str) -> Iterator[tuple[int, Mapping[str, object]]]:
    for index, entry in enumerate(_list(section, key)):
        if isinstance(entry, dict):
            yield index, cast(Mapping[str, object], entry)
