"""What the answers of the API are made of: the one table of all schemas."""

from edge.outputs.rest.describe import Schema, Value
from edge.outputs.rest.schemas_alarm import ALARM
from edge.outputs.rest.schemas_backup import BACKUP
from edge.outputs.rest.schemas_calibration import CALIBRATION
from edge.outputs.rest.schemas_delivery import DELIVERY
from edge.outputs.rest.schemas_device import (
    CHANNEL_HEALTH,
    CHANNEL_STATUS,
    DISK,
    FAULT,
    HEALTH,
    LINE_COUNT,
    STATUS,
    ZONE_COUNT,
)
from edge.outputs.rest.schemas_event import CHANNEL_ID, CHANNEL_UUID, EVENT, RULE_ID, RULE_NAME, TYPE
from edge.outputs.rest.schemas_rule import RULE, SECTIONS
from edge.outputs.rest.schemas_update import UPDATE
from edge.outputs.rest.schemas_why import WHY

CHANNEL = Schema(
    "Channel",
    "A camera with its rules. What does not apply is empty.",
    (
        CHANNEL_ID,
        Value(name="name", kind="text", text="Name of the channel.", example="Front door"),
        Value(
            name="type",
            kind="text",
            text="Where its video comes from.",
            choices=("File", "Rtsp", "Onvif", "Http", "Csi", "Usb", "Demo"),
            example="Rtsp",
        ),
        Value(
            name="stream_uri",
            kind="text",
            text="Where its video can be played: the camera's address, or a path on this device. Never a credential.",
            example="rtsp://192.0.2.10:554/stream1",
        ),
        Value(name="uri", kind="text", text="The source's own address; empty: none.", example="rtsp://192.0.2.10:554/"),
        Value(
            name="login", kind="text", text="Always null: credentials stay on the device.", optional=True, nullable=True
        ),
        Value(
            name="password",
            kind="text",
            text="Always null: credentials stay on the device.",
            optional=True,
            nullable=True,
        ),
        Value(name="profile_name", kind="text", text="Name of the camera's profile; empty: none.", example=""),
        Value(name="profile_token", kind="text", text="Token of the camera's profile; empty: none.", example=""),
        Value(name="enabled", kind="bool", text="Whether it is looked at.", example=True),
        Value(name="status", kind="text", text="How it is doing, in a word.", example="ok"),
        Value(name="detail", kind="text", text="The same in a sentence that says what to do; empty: ok.", example=""),
        Value(name="width", kind="int32", text="Width of its picture in pixels; 0: not known yet.", example=1280),
        Value(name="height", kind="int32", text="Height of its picture in pixels; 0: not known yet.", example=720),
        Value(name="fps", kind="number", text="Pictures per second over the last ten seconds.", example=14.9),
        Value(
            name="snapshot_uri",
            kind="text",
            text="Path of its newest picture on this device.",
            example=f"/v1/channels/{CHANNEL_UUID}/snapshot.jpg",
        ),
        Value(name="rules", kind="schema", text="Its lines and zones.", schema="Rule", many=True),
        Value(name="calibration", kind="schema", text="How tall people are in its picture.", schema="Calibration"),
        Value(name="health", kind="schema", text="The figures of its health.", schema="ChannelHealth"),
    ),
)

RULE_TOTAL = Schema(
    "RuleTotal",
    "How many events a rule of a channel has; never zero.",
    (
        CHANNEL_ID,
        RULE_ID,
        RULE_NAME,
        Value(name="rule_count", kind="int64", text="Number of events.", example=17, low=1),
    ),
)

TYPE_TOTAL = Schema(
    "TypeTotal",
    "How many events of a type a channel has; never zero.",
    (CHANNEL_ID, TYPE, Value(name="type_count", kind="int64", text="Number of events.", example=17, low=1)),
)

ERROR = Schema(
    "Error",
    "Why a call was refused.",
    (
        Value(name="error", kind="text", text="What to do.", example="limit must be a whole number"),
        Value(name="parameter", kind="text", text="Which parameter is wrong; empty: none.", example="limit"),
    ),
)

PROBLEM = Schema(
    "Problem",
    "Why a call was refused (RFC 9457).",
    (
        Value(name="type", kind="text", text="Always about:blank.", example="about:blank"),
        Value(name="title", kind="text", text="The status in words.", example="Not Found"),
        Value(name="status", kind="int32", text="The status.", example=404),
        Value(name="detail", kind="text", text="What to do.", example="This event has no picture"),
        Value(name="parameter", kind="text", text="Which parameter is wrong.", example="width", optional=True),
    ),
)

SCHEMAS: tuple[Schema, ...] = (
    EVENT,
    CHANNEL,
    RULE,
    *SECTIONS,
    *CALIBRATION,
    *WHY,
    RULE_TOTAL,
    TYPE_TOTAL,
    *ALARM,
    *DELIVERY,
    *BACKUP,
    STATUS,
    DISK,
    *UPDATE,
    CHANNEL_STATUS,
    CHANNEL_HEALTH,
    LINE_COUNT,
    ZONE_COUNT,
    FAULT,
    HEALTH,
    ERROR,
    PROBLEM,
)
