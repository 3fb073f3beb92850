"""A consumer of webhooks that takes nothing but what it expects: every key there, of its type, never null."""

import json
import re
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Self

MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}[+-]\d\d:\d\d")
TYPES = 14


def moment(text: Any) -> datetime:  # noqa: ANN401 - whatever the JSON holds
    """Return an RFC 3339 time with seven digits and an offset."""
    assert isinstance(text, str)
    assert MOMENT.fullmatch(text), text
    return datetime.fromisoformat(text[:26] + text[27:])


def text_of(value: Any) -> str:  # noqa: ANN401 - the same
    assert isinstance(value, str)
    return value


def whole(value: Any) -> int:  # noqa: ANN401 - the same
    assert type(value) is int
    return value


@dataclass(frozen=True)
class EventHook:
    """The nine keys, in their order."""

    channel_id: str
    channel_name: str
    event_name: str
    event_origin: str
    event_time: datetime
    event_type: str
    object_id: int
    rule_id: str
    rule_name: str

    @classmethod
    def parse(cls, body: bytes) -> Self:
        values = json.loads(body.decode("utf-8"))
        names = [field.name for field in fields(cls)]
        assert list(values)[: len(names)] == names
        assert None not in values.values()
        return cls(
            text_of(values["channel_id"]),
            text_of(values["channel_name"]),
            text_of(values["event_name"]),
            text_of(values["event_origin"]),
            moment(values["event_time"]),
            text_of(values["event_type"]),
            whole(values["object_id"]),
            text_of(values["rule_id"]),
            text_of(values["rule_name"]),
        )


@dataclass(frozen=True)
class Row:
    """A count of one type or rule."""

    event_count: int
    key: str
    name: str


@dataclass(frozen=True)
class AggregateHook:
    """Sums of a channel and window."""

    channel_id: str
    channel_name: str
    event_type_aggregate: list[Row]
    rule_id_aggregate: list[Row]
    since_time: datetime
    until_time: datetime

    @classmethod
    def parse(cls, body: bytes) -> Self:
        values = json.loads(body.decode("utf-8"))
        assert list(values)[:6] == [field.name for field in fields(cls)]
        types = [
            Row(whole(row["event_count"]), text_of(row["event_type"]), text_of(row["event_name"]))
            for row in values["event_type_aggregate"]
        ]
        rules = [
            Row(whole(row["event_count"]), text_of(row["rule_id"]), text_of(row["rule_name"]))
            for row in values["rule_id_aggregate"]
        ]
        assert len(types) == TYPES
        return cls(
            text_of(values["channel_id"]),
            text_of(values["channel_name"]),
            types,
            rules,
            moment(values["since_time"]),
            moment(values["until_time"]),
        )
