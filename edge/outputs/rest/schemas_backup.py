"""The description of backups that are taken in."""

from edge.outputs.rest.describe import Schema, Value

_BEGUN = Value(name="begun", kind="bool", text="Whether it is being restored: the program restarts.", example=False)
_BECOMES = Value(
    name="becomes",
    kind="text",
    text="Who the device is then: the same, itself as new, or the one that it replaces; empty: not begun.",
    choices=("", "same", "as-new", "replace"),
    example="",
)
BACKUP = (
    Schema(
        "RestoreOffer",
        "A backup that can be restored, and what it would make of this device.",
        (
            Value(name="device_id", kind="text", text="Whose it is.", example="6b5fd1cb0608"),
            Value(name="device_name", kind="text", text="Name of that device.", example="front-door"),
            Value(name="version", kind="text", text="Version of the program that made it.", example="0.1.0"),
            Value(name="time_utc", kind="moment", text="When it was made.", example="2026-11-26T08:56:00Z"),
            Value(name="events", kind="int64", text="How many events it has.", example=214377, low=0),
            Value(name="last_event_id", kind="int64", text="Id of the newest; 0: none.", example=231904, low=0),
            Value(name="pictures", kind="int64", text="How many pictures it has.", example=1204, low=0),
            Value(name="same_device", kind="bool", text="Whether it is a backup of this device.", example=False),
            Value(name="keep", kind="text", text="What `identity=keep` makes of this device.", example="..."),
            Value(name="replace", kind="text", text="What `identity=replace` makes of it.", example="..."),
            Value(name="notes", kind="text", text="What else to know.", many=True),
            _BEGUN,
            _BECOMES,
        ),
    ),
    Schema("Restore", "Whether a restore is begun.", (_BEGUN, _BECOMES)),
)
