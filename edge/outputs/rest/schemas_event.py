"""What an answer says of an event, value by value; what other answers share with it."""

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
LOCAL_TIME = "Local time of the device, seven fraction digits, no offset."
CHANNEL_UUID = "ddbbe807-8560-4bc7-b04b-4b3b04c69339"
RULE_UUID = "471fa55d-967b-46a7-b77f-5b9ce6af82ee"

CHANNEL_ID = Value(name="channel_id", kind="text", text="Identity of the channel.", example=CHANNEL_UUID)
CHANNEL_NAME = Value(name="channel_name", kind="text", text="Name of the channel at the time.", example="Front door")
RULE_ID = Value(name="rule_id", kind="text", text='Identity of the rule; "-1": no rule.', example=RULE_UUID)
RULE_NAME = Value(name="rule_name", kind="text", text="Name of the rule; empty: no rule.", example="Line 1")
TYPE = Value(
    name="type", kind="text", text=f"What happened:\n\n{_TYPES}", choices=_EVENT_TYPES, example="TripwireCrossed"
)

TIME = Value(
    name="time",
    kind="text",
    text=f"When it became true. {LOCAL_TIME} It need not rise with event_id.",
    example="2026-01-19T16:22:25.4330000",
)
TIMESTAMP = Value(name="timestamp", kind="text", text="The same moment in seconds into the stream.", example="1.877")
OBJECT_ID = Value(
    name="object_id",
    kind="text",
    text='Number of the object within its channel, as a text; "-1": no single object.',
    example="9",
)
ORIGIN = Value(name="origin", kind="text", text="What kind of object it is.", choices=_ORIGINS, example="Pedestrian")
TIME_UTC = Value(
    name="time_utc", kind="moment", text="`time` in UTC, ending in Z.", example="2026-01-19T15:22:25.4330000Z"
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
        TYPE,
        TIME,
        TIMESTAMP,
        CHANNEL_ID,
        CHANNEL_NAME,
        OBJECT_ID,
        ORIGIN,
        RULE_ID,
        RULE_NAME,
        Value(
            name="snapshot_path",
            kind="text",
            text="Path of the event's picture on this device; empty: none.",
            example="/v1/snapshots/72.jpg",
        ),
        Value(name="recording_path", kind="text", text="Always empty: nothing is recorded.", example=""),
        Value(name="video_file_name", kind="text", text="Always empty.", example=""),
        Value(name="video_file_time", kind="text", text="Always empty.", example=""),
        TIME_UTC,
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
            text=f"When it truly happened, where `time` was moved into the open window of the sums. {LOCAL_TIME}",
            example="2026-01-19T15:59:58.0000000",
            optional=True,
        ),
    ),
)
