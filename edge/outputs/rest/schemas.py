"""What the answers of the API are made of, value by value."""

from edge.model.event import EVENT_NAMES, Direction, EventType
from edge.model.scene import Origin
from edge.outputs.rest.describe import Schema, Value

EVENT_TEXTS: dict[EventType, str] = {
    EventType.TRIPWIRE_CROSSED: "an object crossed a line",
    EventType.REGION_JOIN: "an object entered a zone",
    EventType.REGION_LEAVE: "an object left a zone, or was lost inside it; closes RegionJoin",
    EventType.MOTION_ON: "motion began in a zone",
    EventType.MOTION_OFF: "a zone has been still for a while; closes MotionInRegionOn",
    EventType.LOITERING: "an object stayed in a zone for longer than allowed",
    EventType.CROWD_ON: "a zone holds as many objects as make a crowd",
    EventType.CROWD_OFF: "the crowd has gone; closes CrowdOn",
    EventType.TAILGATING: "an object crossed a line close behind another one",
    EventType.ABANDONED: "something was left behind in a zone",
    EventType.OBJECT_APPEAR: "an object came into view",
    EventType.OBJECT_DISAPPEAR: "an object went out of view; closes ObjectAppear",
    EventType.SABOTAGE: "the camera's view is dark, bright, blurred, covered or moved",
    EventType.DISCONNECTED: "the camera has given no new picture for a while",
}
"""When each event fires, in a few words."""

_TYPES = "\n".join(f"* `{kind}` ({EVENT_NAMES[kind]}): {text}" for kind, text in EVENT_TEXTS.items())
_EVENT_TYPES = tuple(kind.value for kind in EventType)
_ORIGINS = tuple(origin.value for origin in Origin)
_LOCAL_TIME = "Local time of the device, seven fraction digits, no offset."
_CHANNEL_UUID = "ddbbe807-8560-4bc7-b04b-4b3b04c69339"
_RULE_UUID = "471fa55d-967b-46a7-b77f-5b9ce6af82ee"

_CHANNEL_ID = Value(name="channel_id", kind="text", text="Identity of the channel.", example=_CHANNEL_UUID)
_CHANNEL_NAME = Value(name="channel_name", kind="text", text="Name of the channel at the time.", example="Front door")
_RULE_ID = Value(name="rule_id", kind="text", text='Identity of the rule; "-1": no rule.', example=_RULE_UUID)
_RULE_NAME = Value(name="rule_name", kind="text", text="Name of the rule; empty: no rule.", example="Line 1")
_TYPE = Value(
    name="type", kind="text", text=f"What happened:\n\n{_TYPES}", choices=_EVENT_TYPES, example="TripwireCrossed"
)

EVENT = Schema(
    "Event",
    "Something that happened on a channel. No value is ever null: what does not apply is empty, -1 or absent.",
    (
        Value(
            name="event_id",
            kind="int64",
            text="Place in the one sequence over all channels, rising in the order of commit: the cursor.",
            example=72,
            low=1,
        ),
        _TYPE,
        Value(
            name="time",
            kind="text",
            text=f"When it became true. {_LOCAL_TIME} It need not rise with event_id.",
            example="2026-01-19T16:22:25.4330000",
        ),
        Value(name="timestamp", kind="text", text="The same moment in seconds into the stream.", example="1.877"),
        _CHANNEL_ID,
        _CHANNEL_NAME,
        Value(
            name="object_id",
            kind="text",
            text='Number of the object within its channel, as a text; "-1": no single object.',
            example="9",
        ),
        Value(name="origin", kind="text", text="What kind of object it is.", choices=_ORIGINS, example="Pedestrian"),
        _RULE_ID,
        _RULE_NAME,
        Value(
            name="snapshot_path",
            kind="text",
            text="Path of the event's picture on this device; empty: none.",
            example="/v1/snapshots/72.jpg",
        ),
        Value(name="recording_path", kind="text", text="Always empty: nothing is recorded.", example=""),
        Value(name="video_file_name", kind="text", text="Always empty.", example=""),
        Value(name="video_file_time", kind="text", text="Always empty.", example=""),
        Value(
            name="time_utc", kind="moment", text="`time` in UTC, ending in Z.", example="2026-01-19T15:22:25.4330000Z"
        ),
        Value(name="clock_synced", kind="bool", text="Whether the device's clock was known to be right.", example=True),
        Value(
            name="direction",
            kind="text",
            text="Which way a line was crossed: a_to_b goes from its left to its right, seen from its first point.",
            choices=tuple(direction.value for direction in Direction),
            example="a_to_b",
            optional=True,
        ),
        Value(
            name="dwell_seconds",
            kind="number",
            text="How long an object stayed in a zone.",
            example=12.4,
            optional=True,
        ),
        Value(name="count", kind="int32", text="How many objects are in a zone.", example=5, optional=True),
        Value(name="reason", kind="text", text="Why, in a word.", example="covered", optional=True),
        Value(name="confidence", kind="number", text="How sure the detector was, 0 to 1.", example=0.87, optional=True),
        Value(name="label", kind="text", text="The detector's own word for the object.", example="bus", optional=True),
        Value(
            name="true_time",
            kind="text",
            text=f"When it truly happened, where `time` was moved into the open window of the sums. {_LOCAL_TIME}",
            example="2026-01-19T15:59:58.0000000",
            optional=True,
        ),
    ),
)

RULE = Schema(
    "Rule",
    "A line or zone of a channel.",
    (
        Value(name="rule_id", kind="text", text="Identity of the rule.", example=_RULE_UUID),
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
    ),
)

CHANNEL = Schema(
    "Channel",
    "A camera with its rules. What does not apply is empty.",
    (
        _CHANNEL_ID,
        Value(name="name", kind="text", text="Name of the channel.", example="Front door"),
        Value(
            name="type",
            kind="text",
            text="Where its video comes from.",
            choices=("File", "Rtsp", "Onvif", "Csi", "Usb", "Demo"),
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
        Value(name="width", kind="int32", text="Width of its picture in pixels; 0: not known yet.", example=1280),
        Value(name="height", kind="int32", text="Height of its picture in pixels; 0: not known yet.", example=720),
        Value(name="fps", kind="number", text="Pictures per second over the last ten seconds.", example=14.9),
        Value(
            name="snapshot_uri",
            kind="text",
            text="Path of its newest picture on this device.",
            example=f"/v1/channels/{_CHANNEL_UUID}/snapshot.jpg",
        ),
        Value(name="rules", kind="schema", text="Its lines and zones.", schema="Rule", many=True),
    ),
)

RULE_TOTAL = Schema(
    "RuleTotal",
    "How many events a rule of a channel has; never zero.",
    (
        _CHANNEL_ID,
        _RULE_ID,
        _RULE_NAME,
        Value(name="rule_count", kind="int64", text="Number of events.", example=17, low=1),
    ),
)

TYPE_TOTAL = Schema(
    "TypeTotal",
    "How many events of a type a channel has; never zero.",
    (_CHANNEL_ID, _TYPE, Value(name="type_count", kind="int64", text="Number of events.", example=17, low=1)),
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

HEALTH = Schema(
    "Health",
    "Whether the device itself is well.",
    (Value(name="status", kind="text", text="In a word.", choices=("ok", "failing"), example="ok"),),
)

FAULT = Schema(
    "Fault",
    "Something that is lastingly wrong with the device.",
    (
        Value(name="name", kind="text", text="Name of the fault.", example="disk"),
        Value(name="text", kind="text", text="What to do.", example="the disk is full: free some space"),
    ),
)

LINE_COUNT = Schema(
    "LineCount",
    "How many crossed a line today.",
    (
        Value(name="rule_id", kind="text", text="Identity of the line.", example=_RULE_UUID),
        Value(name="rule_name", kind="text", text="Name of the line.", example="Line 1"),
        Value(name="a_to_b", kind="int32", text="From its left to its right, seen from its first point.", example=17),
        Value(name="b_to_a", kind="int32", text="The other way.", example=12),
    ),
)

CHANNEL_STATUS = Schema(
    "ChannelStatus",
    "How a channel is doing.",
    (
        _CHANNEL_ID,
        Value(name="name", kind="text", text="Name of the channel.", example="Front door"),
        Value(name="status", kind="text", text="How it is doing, in a word.", example="ok"),
        Value(name="detail", kind="text", text="More about it; empty: nothing to say.", example=""),
        Value(name="picture", kind="bool", text="Whether there is a picture to see.", example=True),
        Value(name="width", kind="int32", text="Width of its picture in pixels; 0: not known yet.", example=1280),
        Value(name="height", kind="int32", text="Height of its picture in pixels; 0: not known yet.", example=720),
        Value(name="fps", kind="number", text="Pictures per second over the last ten seconds.", example=14.9),
        Value(name="analysed_fps", kind="number", text="Analysed pictures per second.", example=5.0),
        Value(name="lines", kind="schema", text="Its lines with today's counts.", schema="LineCount", many=True),
    ),
)

STATUS = Schema(
    "Status",
    "How the device and its channels are.",
    (
        Value(name="device_name", kind="text", text="Name of the device.", example="edge-4f21c0"),
        Value(name="version", kind="text", text="Version of its program.", example="0.1.0"),
        Value(name="time", kind="text", text=_LOCAL_TIME, example="2026-01-19T16:22:25.4330000"),
        Value(name="clock_synced", kind="bool", text="Whether its clock is known to be right.", example=True),
        Value(name="healthy", kind="bool", text="Whether nothing is wrong with the device itself.", example=True),
        Value(name="faults", kind="schema", text="What is wrong with it.", schema="Fault", many=True),
        Value(name="last_event_id", kind="int64", text="The newest event_id; 0: none yet.", example=72, low=0),
        Value(name="channels", kind="schema", text="Its channels.", schema="ChannelStatus", many=True),
    ),
)

SCHEMAS: tuple[Schema, ...] = (
    EVENT,
    CHANNEL,
    RULE,
    RULE_TOTAL,
    TYPE_TOTAL,
    STATUS,
    CHANNEL_STATUS,
    LINE_COUNT,
    FAULT,
    HEALTH,
    ERROR,
    PROBLEM,
)
