"""What the answers about evidence are made of, value by value."""

from edge.model.event import Why
from edge.outputs.rest.describe import Schema, Value
from edge.outputs.rest.schemas_event import (
    CHANNEL_ID,
    CHANNEL_NAME,
    OBJECT_ID,
    ORIGIN,
    RULE_ID,
    RULE_NAME,
    TIME,
    TIME_UTC,
    TIMESTAMP,
    TYPE,
)

_EVIDENCE = (
    Value(
        name="path",
        kind="waypoint",
        text="Where the object was of late, the oldest first, each [seconds into the stream, x, y], x and y in "
        "fractions of the frame; between them it went straight on. Empty: the event is about no single object.",
        example=[[7.1, 0.4123, 0.61], [8.3, 0.5311, 0.6022]],
        many=True,
    ),
    Value(
        name="place",
        kind="point",
        text="Where the condition became true, [x, y] in fractions of the frame: the crossing point of a line, the way "
        "into a zone.",
        example=[0.5, 0.6034],
        optional=True,
    ),
    Value(
        name="box",
        kind="box",
        text="The object's box at that moment, [left, top, right, bottom] in fractions of the frame.",
        example=[0.47, 0.31, 0.53, 0.6034],
        optional=True,
    ),
    Value(name="measures", kind="schema", text="What the rule measured.", schema="Measure", many=True),
)

WHY: tuple[Schema, ...] = (
    Schema(
        "Measure",
        "One number that a rule looked at.",
        (
            Value(name="name", kind="text", text="What it is, with its unit.", example="angle_deg"),
            Value(name="value", kind="number", text="How much it was.", example=71.2),
            Value(name="limit", kind="number", text="What it was held against.", example=5.0, optional=True),
        ),
    ),
    Schema("Evidence", "What led a rule to its decision.", _EVIDENCE),
    Schema(
        "EventEvidence",
        "What led to an event.",
        (
            Value(name="event_id", kind="int64", text="Identity of the event.", example=72, low=1),
            *_EVIDENCE,
        ),
    ),
    Schema(
        "Suppressed",
        "A candidate that did not become an event. Its values are those of the event that it would have been.",
        (
            TYPE,
            Value(
                name="why",
                kind="text",
                text="Why it does not count.",
                choices=tuple(why.value for why in Why),
                example=Why.WRONG_WAY.value,
            ),
            TIME,
            TIMESTAMP,
            CHANNEL_ID,
            CHANNEL_NAME,
            OBJECT_ID,
            ORIGIN,
            RULE_ID,
            RULE_NAME,
            TIME_UTC,
            Value(
                name="evidence", kind="schema", text="What the rule saw, if it says.", schema="Evidence", optional=True
            ),
        ),
    ),
)
"""Evidence, and what did not become an event."""
