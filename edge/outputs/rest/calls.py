"""Every call of the API: the one table from which both definitions are made."""

from edge.outputs.rest.calls_backup import BACKUP_CALLS
from edge.outputs.rest.calls_update import UPDATE_CALLS
from edge.outputs.rest.describe import Answer, Call
from edge.outputs.rest.parameters import (
    BOM,
    CHANNEL,
    CHANNEL_PATH,
    DELIVERY_PATH,
    EVENT_PATH,
    FPS,
    LAST_EVENT_ID,
    LIMIT,
    LIMIT_OF_FILE,
    ORDER,
    ORIGIN,
    OVERLAY,
    SINCE_ID,
    SINCE_TIME,
    TIMEOUT,
    UNTIL_ID,
    UNTIL_TIME,
    WIDTH,
)
from edge.outputs.rest.refusals import COMPATIBLE, OURS

_ASKED_TWICE = "A parameter that is not listed is ignored."


_CHECKED = (COMPATIBLE[400], COMPATIBLE[401], COMPATIBLE[503])
_PICTURE = (OURS[400], OURS[401], OURS[404], OURS[503])

CALLS: tuple[Call, ...] = (
    Call(
        path="/v1/json/channels",
        name="getChannels",
        group="Events",
        title="The channels",
        text="All cameras with their rules and state, in the order of the configuration.",
        answers=(Answer(status=200, text="The channels.", schema="Channel", many=True), COMPATIBLE[401]),
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
        parameters=(CHANNEL, SINCE_ID, UNTIL_ID, SINCE_TIME, UNTIL_TIME, LIMIT, ORDER, TIMEOUT),
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
        parameters=(CHANNEL, SINCE_TIME, UNTIL_TIME, ORIGIN),
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
        parameters=(CHANNEL, SINCE_TIME, UNTIL_TIME, ORIGIN),
        answers=(
            Answer(status=200, text="The sums that are not zero.", schema="TypeTotal", many=True),
            *_CHECKED,
        ),
    ),
    Call(
        path="/v1/csv/events",
        name="getEventsFile",
        group="Events",
        title="Events as a file for spreadsheets",
        text=(
            "All that is asked for, up to the newest event at the time of the call, as CSV (RFC 4180, UTF-8): a row of "
            "column names, then one row an event with the values of `/v1/json/events`. What does not apply is empty. "
            "An apostrophe stands before a name that a spreadsheet would take for a formula. A file that breaks off "
            f"ends without the end of its transfer: the client sees that it is not whole. {_ASKED_TWICE}"
        ),
        parameters=(CHANNEL, SINCE_ID, UNTIL_ID, SINCE_TIME, UNTIL_TIME, LIMIT_OF_FILE, ORDER, TIMEOUT, BOM),
        answers=(
            Answer(status=200, text="The file.", media="text/csv"),
            OURS[400],
            OURS[401],
            OURS[503],
        ),
    ),
    Call(
        path="/v1/json/events/{event_id}/evidence",
        name="getEventEvidence",
        group="Events",
        title="What led to an event",
        text=(
            "What its rule saw and what it asked for, as it was at the time. The rule itself, as it is set up now, is "
            "in `/v1/json/channels`. 404 where an event has none, or is gone."
        ),
        parameters=(EVENT_PATH,),
        answers=(
            Answer(status=200, text="The evidence.", schema="EventEvidence"),
            COMPATIBLE[401],
            COMPATIBLE[404],
            COMPATIBLE[503],
        ),
    ),
    Call(
        path="/v1/json/suppressed",
        name="getSuppressed",
        group="Events",
        title="What did not become an event, and why",
        text=(
            "The newest candidates that a rule looked at and did not count, the newest first. Each channel's last "
            f"hundred are kept, in memory only. {_ASKED_TWICE}"
        ),
        parameters=(CHANNEL, LIMIT),
        answers=(
            Answer(status=200, text="The candidates; `[]`: none.", schema="Suppressed", many=True),
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
        parameters=(CHANNEL, SINCE_ID, SINCE_TIME, LAST_EVENT_ID),
        answers=(
            Answer(status=200, text="The stream.", media="text/event-stream"),
            OURS[400],
            OURS[401],
            OURS[503],
        ),
    ),
    Call(
        path="/v1/json/test-alarm",
        name="sendTestAlarm",
        group="Device",
        title="A test alarm",
        text=(
            "Sends a marked event to every webhook, broker and program that gets those of the rule, and answers within "
            "6 s what came of it at each. It is in no event log and in no count, and has no event id."
        ),
        method="POST",
        writes=True,
        body="TestAlarmRequest",
        answers=(
            Answer(status=200, text="It was sent; what came of it.", schema="TestAlarm"),
            *_CHECKED,
            COMPATIBLE[404],
            COMPATIBLE[413],
            COMPATIBLE[415],
        ),
    ),
    Call(
        path="/v1/json/deliveries",
        name="getDeliveries",
        group="Device",
        title="What is on its way out",
        text="Receivers of events, and what waits for them or was given up.",
        parameters=(LIMIT,),
        answers=(Answer(status=200, text="All of it.", schema="Deliveries"), *_CHECKED),
    ),
    Call(
        path="/v1/json/deliveries/{delivery_id}/retry",
        name="retryDelivery",
        group="Device",
        title="A dead letter once more",
        text="It is sent once, as it was; if that fails, it is a dead letter again.",
        method="POST",
        writes=True,
        parameters=(DELIVERY_PATH,),
        answers=(
            Answer(status=200, text="It is sent.", schema="DeliveryRetry"),
            *_CHECKED[1:],
            COMPATIBLE[404],
        ),
    ),
    Call(
        path="/v1/snapshots/{event_id}.jpg",
        name="getEventSnapshot",
        group="Pictures",
        title="Picture of an event",
        text="It never changes, so it may be kept for as long as one likes.",
        parameters=(EVENT_PATH,),
        answers=(
            Answer(status=200, text="The picture.", media="image/jpeg", body="binary"),
            OURS[401],
            OURS[404],
        ),
    ),
    Call(
        path="/v1/channels/{channel_id}/snapshot.jpg",
        name="getChannelSnapshot",
        group="Pictures",
        title="Newest picture of a channel",
        text="503 while the channel has given none yet.",
        parameters=(CHANNEL_PATH, OVERLAY, WIDTH),
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
        parameters=(CHANNEL_PATH, OVERLAY, WIDTH, FPS),
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
        answers=(Answer(status=200, text="The state.", schema="Status"), OURS[401], OURS[503]),
    ),
    *UPDATE_CALLS,
    *BACKUP_CALLS,
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
        answers=(Answer(status=200, text="The figures.", media="text/plain"), OURS[401], OURS[503]),
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
