"""What a test alarm asks for and answers, value by value."""

from edge.outputs.rest.describe import Schema, Value
from edge.outputs.rest.schemas_event import CHANNEL_ID, CHANNEL_NAME, RULE_ID, RULE_NAME, TYPE

ALARM: tuple[Schema, ...] = (
    Schema(
        "TestAlarmRequest",
        "What is to be tested.",
        (
            Value(
                name="rule",
                kind="text",
                text="Id or name of a rule; or of a channel, to test the events that belong to no rule.",
                example="Door",
            ),
            Value(
                name="channel",
                kind="text",
                text="Id or name of the rule's channel, where more than one has a rule of this name.",
                example="Gate",
                optional=True,
            ),
            Value(
                name="target",
                kind="text",
                text="Only this target, such as `webhook 2`, `mqtt` or `program 1`, numbered as in the settings.",
                example="webhook 2",
                optional=True,
            ),
        ),
    ),
    Schema(
        "TestAlarm",
        "What came of a test alarm.",
        (
            CHANNEL_ID,
            CHANNEL_NAME,
            RULE_ID,
            RULE_NAME,
            Value(
                name="targets",
                kind="schema",
                text="Those that get events of this rule, each with what came of it; empty: nobody does.",
                schema="TargetOutcome",
                many=True,
            ),
        ),
    ),
    Schema(
        "TargetOutcome",
        "What came of a test alarm at one target.",
        (
            Value(name="target", kind="text", text="The target's name.", example="webhook 2"),
            Value(
                name="address",
                kind="text",
                text="What people know it by, without secrets.",
                example="https://example.org",
            ),
            Value(name="event_type", kind="text", text="Type of the event that was sent.", choices=TYPE.choices),
            Value(name="delivered", kind="bool", text="Whether the target has it.", example=True),
            Value(name="text", kind="text", text="What happened, in words.", example="delivered"),
            Value(name="seconds", kind="number", text="How long it took.", example=0.12),
            Value(
                name="http_status",
                kind="int32",
                text="The status of its answer, where there was one.",
                example=204,
                optional=True,
            ),
        ),
    ),
)
