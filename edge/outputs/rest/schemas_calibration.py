"""What an answer says of a channel's scale."""

from edge.model.calibration import SURE_ENOUGH, RulerSource
from edge.outputs.rest.describe import Schema, Value

CALIBRATION: tuple[Schema, ...] = (
    Schema(
        "Calibration",
        "How tall people are in a channel's picture.",
        (
            Value(
                name="source",
                kind="text",
                text="Where the rulers are from: the settings, or people who walked by.",
                choices=tuple(source.value for source in RulerSource),
                example=RulerSource.LEARNED.value,
            ),
            Value(name="sure", kind="number", text="How sure, 0 to 1; 1: from the settings.", example=0.83),
            Value(name="people", kind="int32", text="From how many people it was learnt.", example=21),
            Value(
                name="in_use",
                kind="bool",
                text=f"Whether objects are judged by it; what is learnt, from {SURE_ENOUGH} on.",
                example=True,
            ),
            Value(name="rulers", kind="schema", text="None, one, or two: near and far.", schema="Ruler", many=True),
        ),
    ),
    Schema(
        "Ruler",
        "How tall a standing person is at one place of the picture.",
        (
            Value(
                name="foot",
                kind="point",
                text="Where the person stands, [x, y] in fractions of the frame.",
                example=[0.52, 0.82],
            ),
            Value(name="height", kind="number", text="Share of the frame's height.", example=0.14),
        ),
    ),
)
