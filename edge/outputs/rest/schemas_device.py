"""What the answers about the device itself are made of, value by value."""

from edge.outputs.rest.describe import Schema, Value
from edge.outputs.rest.schemas_event import CHANNEL_ID, LOCAL_TIME, RULE_UUID

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
        Value(name="rule_id", kind="text", text="Identity of the line.", example=RULE_UUID),
        Value(name="rule_name", kind="text", text="Name of the line.", example="Line 1"),
        Value(name="a_to_b", kind="int32", text="From its left to its right, seen from its first point.", example=17),
        Value(name="b_to_a", kind="int32", text="The other way.", example=12),
    ),
)

ZONE_COUNT = Schema(
    "ZoneCount",
    "How many are inside a zone.",
    (
        Value(name="rule_id", kind="text", text="Identity of the zone.", example=RULE_UUID),
        Value(name="rule_name", kind="text", text="Name of the zone.", example="Yard"),
        Value(name="inside", kind="int32", text="Objects inside at this moment that count there.", example=3),
    ),
)

CHANNEL_HEALTH = Schema(
    "ChannelHealth",
    "Figures of how a channel is doing. Counts are since the program's start, rates means over the last ten seconds.",
    (
        Value(name="wanted_fps", kind="number", text="Pictures per second to be analysed, at most.", example=10.0),
        Value(name="analysed_fps", kind="number", text="Pictures per second that are analysed.", example=9.9),
        Value(name="left_out", kind="int64", text="Pictures left out since the board was too slow.", example=0, low=0),
        Value(name="decode_errors", kind="int64", text="Pictures that could not be decoded.", example=0, low=0),
        Value(name="reconnects", kind="int32", text="How often the camera came back.", example=1, low=0),
        Value(name="bytes_per_s", kind="int64", text="Video received, bytes per second.", example=52500, low=0),
        Value(
            name="picture_age_s",
            kind="int64",
            text="Seconds since the last picture came; absent: none yet.",
            example=0,
            low=0,
            optional=True,
        ),
    ),
)

CHANNEL_STATUS = Schema(
    "ChannelStatus",
    "How a channel is doing.",
    (
        CHANNEL_ID,
        Value(name="name", kind="text", text="Name of the channel.", example="Front door"),
        Value(name="enabled", kind="bool", text="Whether it is looked at.", example=True),
        Value(name="status", kind="text", text="How it is doing, in a word.", example="ok"),
        Value(name="detail", kind="text", text="More about it; empty: nothing to say.", example=""),
        Value(name="picture", kind="bool", text="Whether there is a picture to see.", example=True),
        Value(name="width", kind="int32", text="Width of its picture in pixels; 0: not known yet.", example=1280),
        Value(name="height", kind="int32", text="Height of its picture in pixels; 0: not known yet.", example=720),
        Value(name="fps", kind="number", text="Pictures per second over the last ten seconds.", example=14.9),
        Value(name="analysed_fps", kind="number", text="Analysed pictures per second.", example=5.0),
        Value(name="health", kind="schema", text="The figures of its health.", schema="ChannelHealth"),
        Value(name="lines", kind="schema", text="Its lines with today's counts.", schema="LineCount", many=True),
        Value(name="zones", kind="schema", text="Its zones, and who is inside.", schema="ZoneCount", many=True),
    ),
)

DISK = Schema(
    "Disk",
    "What is written to the disk, or card, that the device's state lies on; nought and empty: not known.",
    (
        Value(name="name", kind="text", text="The kernel's name of it.", example="mmcblk0"),
        Value(name="size_bytes", kind="int64", text="Its size.", example=31_914_983_424, low=0),
        Value(name="written_a_day", kind="int64", text="Bytes a day since power on.", example=412_000_000, low=0),
        Value(name="written_last_day", kind="int64", text="Bytes over the last day.", example=398_000_000, low=0),
        Value(name="own_last_day", kind="int64", text="Of that, by this program.", example=310_000_000, low=0),
        Value(name="lasts_years", kind="number", text="How long a card bears that, cautiously.", example=20.1),
    ),
)

STATUS = Schema(
    "Status",
    "How the device and its channels are.",
    (
        Value(name="device_name", kind="text", text="Name of the device.", example="edge-4f21c0"),
        Value(name="version", kind="text", text="Version of its program.", example="0.1.0"),
        Value(name="time", kind="text", text=LOCAL_TIME, example="2026-01-19T16:22:25.4330000"),
        Value(name="clock_synced", kind="bool", text="Whether its clock is known to be right.", example=True),
        Value(name="healthy", kind="bool", text="Whether nothing is wrong with the device itself.", example=True),
        Value(name="faults", kind="schema", text="What is wrong with it.", schema="Fault", many=True),
        Value(name="notices", kind="schema", text="What to know beside faults.", schema="Fault", many=True),
        Value(name="update", kind="schema", text="How it stands with updates.", schema="UpdateState"),
        Value(name="receivers", kind="schema", text="Who gets events.", schema="Receiver", many=True),
        Value(name="disk", kind="schema", text="What is written to its card.", schema="Disk"),
        Value(name="last_event_id", kind="int64", text="The newest event_id; 0: none yet.", example=72, low=0),
        Value(name="channels", kind="schema", text="Its channels.", schema="ChannelStatus", many=True),
    ),
)
