"""The description of what is on its way out."""

from edge.outputs.rest.describe import Schema, Value

_ID = Value(name="delivery_id", kind="int64", text="Number of the delivery.", example=7, low=0)
_STATE = Value(
    name="state",
    kind="text",
    text="Whether it waits for its turn, or was given up and is kept.",
    choices=("waiting", "dead"),
    example="dead",
)
_RECEIVER_NAME = "webhook:example.org-1a2b3c4d"

DELIVERY = (
    Schema(
        "Deliveries",
        "What is on its way out.",
        (
            Value(name="receivers", kind="schema", text="Who gets events.", schema="Receiver", many=True),
            Value(
                name="deliveries",
                kind="schema",
                text="Sums that wait and dead letters, the newest first.",
                schema="Delivery",
                many=True,
            ),
        ),
    ),
    Schema(
        "Receiver",
        "How a receiver of events is, with counts since the start of the program.",
        (
            Value(name="name", kind="text", text="Its name on this device.", example=_RECEIVER_NAME),
            Value(name="address", kind="text", text="Its address, without secrets.", example="https://example.org"),
            Value(
                name="status",
                kind="text",
                text="Whether it takes what it is sent.",
                choices=("ok", "retrying"),
                example="ok",
            ),
            Value(name="detail", kind="text", text="Why not, or what it said; empty: nothing.", example=""),
            Value(name="delivered", kind="int64", text="Delivered.", example=1204, low=0),
            Value(name="failed_attempts", kind="int64", text="Attempts that failed.", example=3, low=0),
            Value(name="last_event_id", kind="int64", text="The last event it is done with.", example=1300, low=0),
            Value(name="waiting", kind="int64", text="Sums that wait for it.", example=0, low=0),
            Value(name="dead", kind="int64", text="Its dead letters.", example=0, low=0),
            Value(name="given_up", kind="int64", text="Events and sums that it will never get.", example=0, low=0),
        ),
    ),
    Schema(
        "Delivery",
        "One event, or one window's sums, on the way to one receiver.",
        (
            _ID,
            Value(name="receiver", kind="text", text="Name of the receiver.", example=_RECEIVER_NAME),
            _STATE,
            Value(name="title", kind="text", text="What it is, in words.", example="Line crossed, Gate"),
            Value(name="event_id", kind="int64", text="The event's id; -1 for sums.", example=72),
            Value(
                name="time",
                kind="text",
                text="When it was committed, in the device's time; 1970 where that is not known.",
                example="2026-01-19T16:22:25.0000000",
            ),
            Value(name="attempts", kind="int32", text="How often it was tried.", example=1, low=0),
            Value(name="problem", kind="text", text="What came of the last attempt.", example="HTTP 404"),
        ),
    ),
    Schema("DeliveryRetry", "A dead letter that is sent once more.", (_ID, _STATE)),
)
