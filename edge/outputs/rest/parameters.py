"""The parameters of the calls, described."""

from edge.outputs.rest.describe import Parameter, Value
from edge.outputs.rest.query import DEFAULT_LIMIT, MAX_LIMIT

_TIME_FORMS = (
    "ISO 8601 with an offset or `Z`. Also taken: no offset (then local time of the device), a space for the `T`, "
    "0 to 9 fraction digits."
)
CHANNEL = Parameter(
    place="query",
    value=Value(name="channelId", kind="text", text="Only this channel; one that is not known has none."),
)
SINCE_TIME = Parameter(
    place="query", value=Value(name="sinceTime", kind="moment", text=f"Not before this time. {_TIME_FORMS}")
)
UNTIL_TIME = Parameter(
    place="query", value=Value(name="untilTime", kind="moment", text=f"Before this time. {_TIME_FORMS}")
)
SINCE_ID = Parameter(
    place="query",
    value=Value(
        name="sinceId",
        kind="int64",
        text="Only events with a greater event_id: give the last one you have, and you miss none and get none twice.",
        low=0,
    ),
)
UNTIL_ID = Parameter(
    place="query", value=Value(name="untilId", kind="int64", text="Only events with a smaller event_id.", low=0)
)
LIMIT = Parameter(
    place="query",
    value=Value(
        name="limit",
        kind="whole",
        text=f"At most so many events. A greater number than {MAX_LIMIT} counts as {MAX_LIMIT}.",
        low=0,
        default=DEFAULT_LIMIT,
    ),
)
LIMIT_OF_FILE = Parameter(
    place="query",
    value=Value(name="limit", kind="whole", text="At most so many events; without it all that are asked for.", low=0),
)
BOM = Parameter(
    place="query",
    value=Value(
        name="bom",
        kind="text",
        text="1: the file begins with a byte order mark, by which Excel knows that it is UTF-8.",
        choices=("0", "1"),
        default="0",
    ),
)
ORDER = Parameter(
    place="query",
    value=Value(
        name="order",
        kind="text",
        text="ASC: the oldest first, from the cursor on. DESC: the newest first. In capitals or not.",
        choices=("ASC", "DESC"),
        default="ASC",
    ),
)
TIMEOUT = Parameter(
    place="query",
    value=Value(
        name="timeout",
        kind="number",
        text="Where nothing matches yet, wait so many seconds for the first event that does, at most 60.",
        low=0,
        default=0,
    ),
)
ORIGIN = Parameter(
    place="query",
    value=Value(
        name="origin",
        kind="text",
        text="Only events of this kind of object. In capitals or not; `Pedestrians` and `Uknown` are taken too.",
        choices=("Pedestrian", "Vehicle", "Unknown"),
    ),
)
OVERLAY = Parameter(
    place="query",
    value=Value(name="overlay", kind="text", text="1: with boxes, lines and counts.", choices=("0", "1"), default="0"),
)
WIDTH = Parameter(
    place="query",
    value=Value(
        name="width",
        kind="whole",
        text="Scaled down to at most so many pixels across; numbers out of 64 to 1920 count as the nearest of these.",
        low=0,
        default=960,
    ),
)
FPS = Parameter(
    place="query",
    value=Value(
        name="fps",
        kind="number",
        text="At most so many pictures per second; numbers out of 0.2 to 15 count as the nearest of these.",
        low=0,
        default=5,
    ),
)
CHANNEL_PATH = Parameter(place="path", value=Value(name="channel_id", kind="text", text="Identity of the channel."))
EVENT_PATH = Parameter(place="path", value=Value(name="event_id", kind="int64", text="Identity of the event.", low=0))
DELIVERY_PATH = Parameter(
    place="path", value=Value(name="delivery_id", kind="int64", text="Number of the dead letter.", low=0)
)
LAST_EVENT_ID = Parameter(
    place="header",
    value=Value(
        name="Last-Event-ID",
        kind="int64",
        text="The last event the client has: the stream goes on after it. Browsers send it by themselves.",
        low=0,
    ),
)
PICTURES = Parameter(
    place="query",
    value=Value(name="pictures", kind="text", text="0: without pictures.", choices=("0", "1"), default="1"),
)
SECRETS = Parameter(
    place="query",
    value=Value(name="secrets", kind="text", text="0: no passwords and tokens.", choices=("0", "1"), default="1"),
)
IDENTITY = Parameter(
    place="query",
    value=Value(
        name="identity",
        kind="text",
        text=(
            "Of a backup of another device. keep: this one keeps its own id, the other may go on running. replace: "
            "this one takes its id and place, the other must never run again."
        ),
        choices=("keep", "replace"),
    ),
)
