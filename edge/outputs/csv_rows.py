"""The spreadsheet form of events: the values of the REST form as columns that never change their places (RFC 4180)."""

import csv
import io
from collections.abc import Iterable
from datetime import tzinfo

from edge.model.event import StoredEvent
from edge.outputs.payload import JsonValue, event_json

COLUMNS = (
    "event_id",
    "type",
    "time",
    "timestamp",
    "channel_id",
    "channel_name",
    "object_id",
    "origin",
    "rule_id",
    "rule_name",
    "snapshot_path",
    "recording_path",
    "video_file_name",
    "video_file_time",
    "time_utc",
    "clock_synced",
    "direction",
    "dwell_seconds",
    "count",
    "reason",
    "confidence",
    "label",
    "true_time",
)
"""In this order for ever; a new one would come last. What does not apply to an event is an empty cell."""

MEDIA = "text/csv; charset=utf-8; header=present"
BOM = "\ufeff".encode()

_WRITTEN_BY_PEOPLE = frozenset({"channel_name", "rule_name", "reason", "label"})
_BEGINS_A_FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")  # the last four are these, wide
_CONTROLS = ("\t", "\r", "\n")


def header() -> bytes:
    """Return the first row."""
    return _encoded([COLUMNS])


def rows(events: Iterable[StoredEvent], tz: tzinfo) -> bytes:
    """Return one row for each event, in UTF-8; times are those of REST."""
    return _encoded(_cells(stored, tz) for stored in events)


def _cells(stored: StoredEvent, tz: tzinfo) -> list[str]:
    body = event_json(stored, tz)
    return [_cell(name, body.get(name, "")) for name in COLUMNS]


def _cell(name: str, value: JsonValue) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    return _as_text(text) if name in _WRITTEN_BY_PEOPLE else text


def _as_text(text: str) -> str:
    """Return what no spreadsheet takes for a formula: an apostrophe goes before what could begin one."""
    dangerous = text.startswith(_CONTROLS) or text.lstrip().startswith(_BEGINS_A_FORMULA)
    return f"'{text}" if dangerous else text


def _encoded(lines: Iterable[Iterable[str]]) -> bytes:
    """Return lines that end in CR LF; a lone surrogate, which UTF-8 cannot carry, becomes `?`."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows(lines)
    return text.getvalue().encode("utf-8", "replace")
