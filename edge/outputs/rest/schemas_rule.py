"""What an answer says of lines and zones; the sections are described as the settings themselves are."""

from typing import get_args

from edge.config.shape import Key, is_table, keys_of
from edge.outputs.rest.describe import Kind, Schema, Value
from edge.outputs.rest.schemas_event import RULE_UUID
from edge.settings.rules import (
    AbandonedSettings,
    CrowdSettings,
    LoiteringSettings,
    MotionSettings,
    ObjectClass,
    TailgatingSettings,
)

_SECTIONS: tuple[tuple[str, type, str], ...] = (
    ("tailgating", TailgatingSettings, "Followers that a line watches for."),
    ("motion", MotionSettings, "Motion that a zone watches for."),
    ("loitering", LoiteringSettings, "Long stays that a zone watches for."),
    ("crowd", CrowdSettings, "Crowds that a zone watches for."),
    ("abandoned", AbandonedSettings, "Things left behind that a zone watches for."),
)
_PER_CLASS = "SecondsPerClass"
_KINDS: dict[object, Kind] = {float: "number", int: "int32"}


def _optional(name: str, text: str) -> Value:
    return Value(name=name, kind="schema", text=f"{text} Absent: it does not.", schema=name.title(), optional=True)


def _value(key: Key) -> Value:
    text = f"{key.doc[:1].upper()}{key.doc[1:]}."
    if is_table(key.hint.base):
        return Value(name=key.name, kind="schema", text=text, schema=_PER_CLASS)
    return Value(name=key.name, kind=_KINDS[key.hint.base], text=text, example=key.default)  # type: ignore[arg-type] # numbers


SECTIONS: tuple[Schema, ...] = (
    *(
        Schema(name.title(), text, tuple(_value(key) for key in keys_of(section).values()))
        for name, section, text in _SECTIONS
    ),
    Schema(
        _PER_CLASS,
        "Seconds for single kinds of objects.",
        tuple(
            Value(name=kind, kind="number", text=f"Seconds for {kind}.", example=20.0, optional=True)
            for kind in get_args(ObjectClass)
        ),
    ),
)
"""The sections that a rule may have."""

RULE = Schema(
    "Rule",
    "A line or zone of a channel.",
    (
        Value(name="rule_id", kind="text", text="Identity of the rule.", example=RULE_UUID),
        Value(name="rule_name", kind="text", text="Name of the rule.", example="Line 1"),
        Value(name="kind", kind="text", text="What it is.", choices=("line", "zone"), example="line"),
        Value(name="enabled", kind="bool", text="Whether it is watched.", example=True),
        Value(
            name="points",
            kind="point",
            text="Its corners, each [x, y] in fractions of the frame, x to the right, y down.",
            example=[[0.4, 0.1], [0.4, 0.9]],
            many=True,
        ),
        Value(
            name="direction",
            kind="text",
            text="Which crossings of a line count.",
            choices=("any", "a_to_b", "b_to_a"),
            example="any",
            optional=True,
        ),
        *(_optional(name, text) for name, _, text in _SECTIONS[:1]),
        Value(name="join_leave", kind="bool", text="Whether a zone tells who comes and goes.", optional=True),
        *(_optional(name, text) for name, _, text in _SECTIONS[1:]),
    ),
)
