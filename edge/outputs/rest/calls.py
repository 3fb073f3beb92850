"""Every call of the API: the one table from which both definitions are made."""

from edge.outputs.rest.describe import Answer, Call, Parameter, Value
from edge.outputs.rest.query import DEFAULT_LIMIT, MAX_LIMIT

_TIME_FORMS = (
    "ISO 8601 with an offset or `Z`. Also taken: no offset (then local time of the device), a space for the `T`, "
    "0 to 9 fraction digits."
)
_ASKED_TWICE = "A parameter that is not listed is ignored."


def _refusals(schema: str, media: str) -> dict[int, Answer]:
    texts = {
        400: "A parameter has a value that cannot be understood.",
        401: "The device asks for a token: send `Authorization: Bearer TOKEN`.",
        404: "There is no such thing.",
        503: "Too many clients are served, there is nothing yet, or the log is being repaired: try again after the "
        "seconds in `Retry-After`.",
    }
    return {status: Answer(status=status, text=text, schema=schema, media=media) for status, text in texts.items()}


_COMPATIBLE = _refusals("Error", "application/json")
_OURS = _refusals("Problem", "application/problem+json")
_CHECKED = (_COMPATIBLE[400], _COMPATIBLE[401], _COMPATIBLE[503])
_PICTURE = (_OURS[400], _OURS[401], _OURS[404], _OURS[503])

_CHANNEL = Parameter(
    place="query",
    value=Value(name="channelId", kind="text", text="Only this channel; one that is not known has none."),
)
_SINCE_TIME = Parameter(
    place="query", value=Value(name="sinceTime", kind="moment", text=f"Not before this time. {_TIME_FORMS}")
)
_UNTIL_TIME = Parameter(
    place="query", value=Value(name="untilTime", kind="moment", text=f"Before this time. {_TIME_FORMS}")
)
_SINCE_ID = Parameter(
    place="query",
    value=Value(
        name="sinceId",
        kind="int64",
        text="Only events with a greater event_id: give the last one you have, and you miss none and get none twice.",
        low=0,
    ),
)
_UNTIL_ID = Parameter(
    place="query", value=Value(name="untilId", kind="int64", text="Only events with a smaller event_id.", low=0)
)
_LIMIT = Parameter(
    place="query",
    value=Value(
        name="limit",
        kind="whole",
        text=f"At most so many events. A greater number than {MAX_LIMIT} counts as {MAX_LIMIT}.",
        low=0,
        default=DEFAULT_LIMIT,
    ),
)
_ORDER = Parameter(
    place="query",
    value=Value(
        name="order",
        kind="text",
        text="ASC: the oldest first, from the cursor on. DESC: the newest first. In capitals or not.",
        choices=("ASC", "DESC"),
        default="ASC",
    ),
)
_TIMEOUT = Parameter(
    place="query",
    value=Value(
        name="timeout",
        kind="number",
        text="Where nothing matches yet, wait so many seconds for the first event that does, at most 60.",
        low=0,
        default=0,
    ),
)
_ORIGIN = Parameter(
    place="query",
    value=Value(
        name="origin",
        kind="text",
        text="Only events of this kind of object. In capitals or not; `Pedestrians` and `Uknown` are taken too.",
        choices=("Pedestrian", "Vehicle", "Unknown"),
    ),
)
_OVERLAY = Parameter(
    place="query",
    value=Value(name="overlay", kind="text", text="1: with boxes, lines and counts.", choices=("0", "1"), default="0"),
)
_WIDTH = Parameter(
    place="query",
    value=Value(
        name="width",
        kind="whole",
        text="Scaled down to at most so many pixels across; numbers out of 64 to 1920 count as the nearest of these.",
        low=0,
        default=960,
    ),
)
_FPS = Parameter(
    place="query",
    value=Value(
        name="fps",
        kind="number",
        text="At most so many pictures per second; numbers out of 0.2 to 15 count as the nearest of these.",
        low=0,
        default=5,
    ),
)
_CHANNEL_PATH = Parameter(place="path", value=Value(name="channel_id", kind="text", text="Identity of the channel."))
_EVENT_PATH = Parameter(place="path", value=Value(name="event_id", kind="int64", text="Identity of the event.", low=0))
_LAST_EVENT_ID = Parameter(
    place="header",
    value=Value(
        name="Last-Event-ID",
        kind="int64",
        text="The last event the client has: the stream goes on after it. Browsers send it by themselves.",
        low=0,
    ),
)

CALLS: tuple[Call, ...] = (
    Call(
        path="/v1/json/channels",
        name="getChannels",
        group="Events",
        title="The channels",
        text="All cameras with their rules and state, in the order of the configuration.",
        answers=(Answer(status=200, text="The channels.", schema="Channel", many=True), _COMPATIBLE[401]),
    ),
    Call(
        path="/v1/json/events",
        name="getEvents",
        group="Events",
        title="Stored events, or the next one",
        text=(
            "Real time: with `timeout` the answer comes the moment a matching event is committed, or as `[]` at the "
            "timeout. To receive every event once, ask with `sinceId` set to the last event_id you have, `order=ASC` "
            f"and a `timeout`, and ask again with each answer. {_ASKED_TWICE}"
        ),
        parameters=(_CHANNEL, _SINCE_ID, _UNTIL_ID, _SINCE_TIME, _UNTIL_TIME, _LIMIT, _ORDER, _TIMEOUT),
        answers=(
            Answer(status=200, text="The events in the asked order; `[]`: none.", schema="Event", many=True),
            *_CHECKED,
        ),
    ),
    Call(
        path="/v1/json/events/totals/rule",
        name="getTotalsByRule",
        group="Events",
        title="Sums by rule",
        text=f'Events without a rule stand under rule_id "-1". {_ASKED_TWICE}',
        parameters=(_CHANNEL, _SINCE_TIME, _UNTIL_TIME, _ORIGIN),
        answers=(
            Answer(status=200, text="The sums that are not zero.", schema="RuleTotal", many=True),
            *_CHECKED,
        ),
    ),
    Call(
        path="/v1/json/events/totals/type",
        name="getTotalsByType",
        group="Events",
        title="Sums by type",
        text=f"For the same parameters these sums add up to the same as those by rule. {_ASKED_TWICE}",
        parameters=(_CHANNEL, _SINCE_TIME, _UNTIL_TIME, _ORIGIN),
        answers=(
            Answer(status=200, text="The sums that are not zero.", schema="TypeTotal", many=True),
            *_CHECKED,
        ),
    ),
    Call(
        path="/v1/sse/events",
        name="streamEvents",
        group="Events",
        title="Events as server-sent events",
        text=(
            "An endless stream for `EventSource`: each event's `id` is its event_id, its `data` the event as in "
            "`/v1/json/events`. Without a cursor it begins with the next event."
        ),
        parameters=(_CHANNEL, _SINCE_ID, _SINCE_TIME, _LAST_EVENT_ID),
        answers=(
            Answer(status=200, text="The stream.", media="text/event-stream"),
            _OURS[400],
            _OURS[401],
            _OURS[503],
        ),
    ),
    Call(
        path="/v1/snapshots/{event_id}.jpg",
        name="getEventSnapshot",
        group="Pictures",
        title="Picture of an event",
        text="It never changes, so it may be kept for as long as one likes.",
        parameters=(_EVENT_PATH,),
        answers=(
            Answer(status=200, text="The picture.", media="image/jpeg", body="binary"),
            _OURS[401],
            _OURS[404],
        ),
    ),
    Call(
        path="/v1/channels/{channel_id}/snapshot.jpg",
        name="getChannelSnapshot",
        group="Pictures",
        title="Newest picture of a channel",
        text="503 while the channel has given none yet.",
        parameters=(_CHANNEL_PATH, _OVERLAY, _WIDTH),
        answers=(
            Answer(status=200, text="The picture.", media="image/jpeg", body="binary"),
            *_PICTURE,
        ),
    ),
    Call(
        path="/v1/mjpeg/{channel_id}",
        name="streamChannelPictures",
        group="Pictures",
        title="Live pictures of a channel",
        text="An endless row of JPEG pictures for an `img` element of a page. The number of viewers is limited.",
        parameters=(_CHANNEL_PATH, _OVERLAY, _WIDTH, _FPS),
        answers=(
            Answer(status=200, text="The stream.", media="multipart/x-mixed-replace", body="binary"),
            *_PICTURE,
        ),
    ),
    Call(
        path="/v1/status",
        name="getStatus",
        group="Device",
        title="How the device and its channels are",
        text="What the status page shows. The counts of lines are those of the current local day.",
        answers=(Answer(status=200, text="The state.", schema="Status"), _OURS[401], _OURS[503]),
    ),
    Call(
        path="/healthz",
        name="getHealth",
        group="Device",
        title="Whether the device is well",
        text="Open to everyone and without details. A lost camera is the channel's state, not the device's.",
        answers=(
            Answer(status=200, text="All is well.", schema="Health"),
            Answer(status=503, text="Something is wrong; `edge status` says what.", schema="Health"),
        ),
        open=True,
    ),
    Call(
        path="/metrics",
        name="getMetrics",
        group="Device",
        title="Figures for Prometheus",
        text="Text format 0.0.4.",
        answers=(Answer(status=200, text="The figures.", media="text/plain"), _OURS[401], _OURS[503]),
    ),
    Call(
        path="/openapi.json",
        name="getOpenApi",
        group="Device",
        title="This definition as OpenAPI 3",
        text="For generators of client code.",
        answers=(Answer(status=200, text="The definition.", body="object"),),
        open=True,
    ),
    Call(
        path="/swagger.json",
        name="getSwagger",
        group="Device",
        title="This definition as Swagger 2.0",
        text="For older generators of client code.",
        answers=(Answer(status=200, text="The definition.", body="object"),),
        open=True,
    ),
)

GROUPS: dict[str, str] = {
    "Events": "What happened, stored and live. The calls under /v1/json are compatible with existing clients.",
    "Pictures": "What the cameras see.",
    "Device": "How the device is, and the definition of this API.",
}
