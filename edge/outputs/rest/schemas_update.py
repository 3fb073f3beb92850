"""What is said of updates, described."""

from typing import get_args

from edge.outputs.rest.describe import Schema, Value
from edge.update.attempt import Stage
from edge.update.progress import Phase

_RESTART = ("now", "later")

UPDATE = (
    Schema(
        "UpdateState",
        "How the device stands with updates.",
        (
            Value(name="supported", kind="bool", text="Whether it takes bundles; else apt updates it.", example=True),
            Value(name="board", kind="text", text="Which bundles are for it; empty: none.", example="edge-rpi4"),
            Value(name="version", kind="text", text="The system that runs.", example="0.1.0+4f21c0d3a5b7"),
            Value(name="slot", kind="text", text="Where it runs from, a or b; empty: no slots.", example="a"),
            Value(name="phase", kind="text", text="What goes on.", choices=get_args(Phase), example="idle"),
            Value(name="percent", kind="int32", text="How far the phase is.", example=0, low=0),
            Value(name="error", kind="text", text="Why the newest attempt ended; empty: it did not fail.", example=""),
            Value(name="last_version", kind="text", text="What was installed last; empty: nothing yet.", example=""),
            Value(
                name="last_result",
                kind="text",
                text="What became of it; empty: nothing yet.",
                choices=("", *get_args(Stage)),
                example="good",
            ),
            Value(name="text", kind="text", text="The same in words; empty: nothing to say.", example=""),
        ),
    ),
    Schema(
        "UpdateFromUrl",
        "Where a bundle is to be fetched.",
        (
            Value(
                name="url",
                kind="text",
                text="Its address, http or https.",
                example="https://example.com/edge-rpi4-0.2.0.edgeup",
            ),
            Value(
                name="restart",
                kind="text",
                text="When the new system is tried; absent: now.",
                choices=_RESTART,
                example="now",
                optional=True,
            ),
        ),
    ),
    Schema(
        "UpdateBegun",
        "What has become of a bundle.",
        (
            Value(
                name="text", kind="text", text="In words.", example="0.2.0 is in slot b; it is tried at the next start"
            ),
            Value(
                name="version",
                kind="text",
                text="What was installed; absent: not fetched yet.",
                example="0.2.0",
                optional=True,
            ),
            Value(name="slot", kind="text", text="Where it was written to.", example="b", optional=True),
            Value(name="restart", kind="text", text="When it is tried.", choices=_RESTART, example="now"),
        ),
    ),
)
