"""The parameters of the compatible calls: text from anywhere -> checked values, or BadParameter and nothing else."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from urllib.parse import parse_qsl

from edge.model.scene import Origin
from edge.store.query import EventQuery, TotalsQuery

DEFAULT_LIMIT = 100
MAX_LIMIT = 1000
MAX_ID = 2**63 - 1

_INTEGER = re.compile(r"[+-]?[0-9]+")
_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)(e[+-]?[0-9]{1,4})?", re.IGNORECASE)
_TIME = re.compile(
    r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)"
    r"(?:[T ](?P<hour>\d\d):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,](?P<fraction>\d{0,9}))?)?"
    r"(?P<zone>Z|[ +-]\d\d(?::?\d\d)?)?)?",
    re.ASCII | re.IGNORECASE,
)
_TIME_EXAMPLE = "a time such as 2026-05-31T16:22:25.433, with Z or an offset such as +02:00 if it is not the device's"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_ORIGINS = {
    "pedestrian": Origin.PEDESTRIAN,
    "pedestrians": Origin.PEDESTRIAN,
    "vehicle": Origin.VEHICLE,
    "vehicles": Origin.VEHICLE,
    "unknown": Origin.UNKNOWN,
    "uknown": Origin.UNKNOWN,
}


class BadParameter(Exception):  # noqa: N818 - named for what was bad, as the answer names it
    """A value that cannot be meant; `text` says what would be right."""

    def __init__(self, parameter: str, text: str) -> None:
        super().__init__(f"{parameter}: {text}")
        self.parameter = parameter
        self.text = text


@dataclass(frozen=True, slots=True)
class EventsCall:
    """What a call of /v1/json/events asks for; `wait_s` is 0 where it does not wait."""

    query: EventQuery
    wait_s: float


def parse_parameters(query_string: str) -> Mapping[str, str]:
    """Return the parameters by name; the first of a repeated one counts, an empty one is as if absent.

    Bytes that are no UTF-8 become U+FFFD, which no channel's id contains: nothing here fails for its encoding.
    """
    raw = query_string.encode("latin-1", "replace").decode("utf-8", "replace")
    values: dict[str, str] = {}
    for name, value in parse_qsl(raw, keep_blank_values=True, encoding="utf-8", errors="replace"):
        text = value.strip()
        if text:
            values.setdefault(name, text)
    return values


def events_call(values: Mapping[str, str], *, zone: tzinfo, max_wait_s: float) -> EventsCall:
    """Return what is asked of /v1/json/events; times without offset are in `zone`."""
    return EventsCall(events_query(values, zone=zone), _wait(values, max_wait_s))


def file_call(values: Mapping[str, str], *, zone: tzinfo, max_wait_s: float) -> EventsCall:
    """Return what is asked of /v1/csv/events: the same, but without a `limit` all of it."""
    call = events_call(values, zone=zone, max_wait_s=max_wait_s)
    text = values.get("limit")
    limit = MAX_ID if text is None else max(1, _integer("limit", text))
    return replace(call, query=replace(call.query, limit=limit))


def events_query(values: Mapping[str, str], *, zone: tzinfo) -> EventQuery:
    """Return which events are asked for."""
    return EventQuery(
        channel_id=values.get("channelId"),
        since_id=_event_id(values, "sinceId"),
        until_id=_event_id(values, "untilId"),
        since_us=_time_us(values, "sinceTime", zone, later=False),
        until_us=_time_us(values, "untilTime", zone, later=True),
        limit=limit_asked(values),
        newest_first=_newest_first(values),
    )


def totals_query(values: Mapping[str, str], *, zone: tzinfo) -> TotalsQuery:
    """Return what is asked of the totals."""
    return TotalsQuery(
        channel_id=values.get("channelId"),
        since_us=_time_us(values, "sinceTime", zone, later=False),
        until_us=_time_us(values, "untilTime", zone, later=True),
        origin=_origin(values),
    )


def _event_id(values: Mapping[str, str], name: str) -> int | None:
    text = values.get(name)
    if text is None:
        return None
    event_id = _integer(name, text)
    if event_id > MAX_ID:
        raise BadParameter(name, f"must be at most {MAX_ID}")
    return event_id


def limit_asked(values: Mapping[str, str]) -> int:
    """Return how many are asked for at most."""
    text = values.get("limit")
    return DEFAULT_LIMIT if text is None else max(1, min(_integer("limit", text), MAX_LIMIT))


def _integer(name: str, text: str) -> int:
    """Return a number of any length: what is longer than 18 digits is beyond every bound here."""
    if not _INTEGER.fullmatch(text):
        raise BadParameter(name, "must be a whole number, 0 or more")
    digits = text.lstrip("+-").lstrip("0") or "0"
    if text.startswith("-") and digits != "0":
        raise BadParameter(name, "must not be negative")
    return int(digits) if len(digits) <= len(str(MAX_ID)) else MAX_ID + 1


def _wait(values: Mapping[str, str], max_wait_s: float) -> float:
    text = values.get("timeout")
    if text is None:
        return 0.0
    if not _NUMBER.fullmatch(text):
        raise BadParameter("timeout", "must be a number of seconds, 0 or more")
    seconds = float(text)
    if seconds < 0:
        raise BadParameter("timeout", "must not be negative")
    return min(seconds, max_wait_s)


def _newest_first(values: Mapping[str, str]) -> bool:
    order = values.get("order", "ASC").upper()
    if order not in ("ASC", "DESC"):
        raise BadParameter("order", "must be ASC or DESC")
    return order == "DESC"


def _origin(values: Mapping[str, str]) -> Origin | None:
    text = values.get("origin")
    if text is None:
        return None
    origin = _ORIGINS.get(text.lower())
    if origin is None:
        raise BadParameter("origin", "must be Pedestrian, Vehicle or Unknown")
    return origin


def _time_us(values: Mapping[str, str], name: str, zone: tzinfo, *, later: bool) -> int | None:
    text = values.get(name)
    if text is None:
        return None
    match = _TIME.fullmatch(text)
    if match is None:
        raise BadParameter(name, f"must be {_TIME_EXAMPLE}")
    try:
        return _moment_us(match, zone, later=later)
    except (ValueError, OverflowError) as error:
        raise BadParameter(name, f"is not in the calendar; it must be {_TIME_EXAMPLE}") from error


def _moment_us(match: re.Match[str], zone: tzinfo, *, later: bool) -> int:
    """Return microseconds UTC, the fraction rounded up: then events at the microsecond fall on the right side."""
    year, month, day, hour, minute, second = (
        int(match[part] or 0) for part in ("year", "month", "day", "hour", "minute", "second")
    )
    nanoseconds = int((match["fraction"] or "").ljust(9, "0"))
    fraction = timedelta(microseconds=math.ceil(nanoseconds / 1000))
    local = datetime(year, month, day, hour, minute, second) + fraction  # noqa: DTZ001 - the zone comes next
    offset = _offset(match["zone"])
    moment = _in_zone(local, zone, later=later) if offset is None else local.replace(tzinfo=offset)
    return (moment - _EPOCH) // _MICROSECOND


def _offset(text: str | None) -> tzinfo | None:
    """Return the zone an offset names; a space is the `+` that was not escaped."""
    if text is None:
        return None
    if text in "Zz":
        return UTC
    digits = text[1:].replace(":", "").ljust(4, "0")
    ahead = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-ahead if text[0] == "-" else ahead)


def _in_zone(local: datetime, zone: tzinfo, *, later: bool) -> datetime:
    """Return a device-local time as UTC.

    In the doubled hour of autumn the first or (`later`) the second is meant; a time in the hour that spring leaves
    out stands for the moment of the change.
    """
    first = local.replace(tzinfo=zone, fold=0).astimezone(UTC)
    second = local.replace(tzinfo=zone, fold=1).astimezone(UTC)
    if second < first:
        return _change(second, first, zone)
    return second if later else first


def _change(before: datetime, after: datetime, zone: tzinfo) -> datetime:
    """Return the first moment in (before, after] with the offset that `after` has."""
    target = after.astimezone(zone).utcoffset()
    while after - before > _MICROSECOND:
        middle = before + (after - before) // 2
        if middle.astimezone(zone).utcoffset() == target:
            after = middle
        else:
            before = middle
    return after
