"""Moments of a device from which states are made."""

from datetime import datetime
from zoneinfo import ZoneInfo

from edge.health import ChannelHealth
from edge.outputs.mqtt.states import Moment
from edge.settings import Settings
from tests.support.mqtt import CHANNEL, channel

MIDNIGHT = datetime(2026, 10, 25, tzinfo=ZoneInfo("Europe/Berlin"))


def moment(**changes: object) -> Moment:
    values: dict[str, object] = {
        "settings": Settings(channels=(channel(),)),
        "health": {CHANNEL: ChannelHealth(status="ok", fps=10.0)},
        "moving": frozenset(),
        "spoilt": frozenset(),
        "crossings": {},
        "since": MIDNIGHT,
        "views": {},
    }
    return Moment(**(values | changes))  # type: ignore[arg-type] # by name, as a test gives them
