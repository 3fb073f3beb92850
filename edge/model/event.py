"""Events: what happened, as the log keeps it."""

from dataclasses import dataclass, field
from enum import StrEnum

from edge.model.geometry import Box, Point
from edge.model.origin import Origin

NO_RULE = "-1"
NO_OBJECT = -1


class EventType(StrEnum):
    """The fourteen kinds of event, in the order of the aggregate webhook."""

    TRIPWIRE_CROSSED = "TripwireCrossed"
    REGION_JOIN = "RegionJoin"
    REGION_LEAVE = "RegionLeave"
    MOTION_ON = "MotionInRegionOn"
    MOTION_OFF = "MotionInRegionOff"
    LOITERING = "Loitering"
    CROWD_ON = "CrowdOn"
    CROWD_OFF = "CrowdOff"
    TAILGATING = "Tailgating"
    ABANDONED = "AbandonedObject"
    OBJECT_APPEAR = "ObjectAppear"
    OBJECT_DISAPPEAR = "ObjectDisappear"
    SABOTAGE = "Sabotage"
    DISCONNECTED = "CameraDisconnected"


EVENT_NAMES: dict[EventType, str] = {
    EventType.TRIPWIRE_CROSSED: "Line crossed",
    EventType.REGION_JOIN: "Zone joined",
    EventType.REGION_LEAVE: "Zone left",
    EventType.MOTION_ON: "Motion started",
    EventType.MOTION_OFF: "Motion finished",
    EventType.LOITERING: "Object dwell",
    EventType.CROWD_ON: "Crowd appear",
    EventType.CROWD_OFF: "Crowd disappear",
    EventType.TAILGATING: "Tailgating",
    EventType.ABANDONED: "Abandoned item",
    EventType.OBJECT_APPEAR: "Object appear",
    EventType.OBJECT_DISAPPEAR: "Object disappear",
    EventType.SABOTAGE: "Camera obstructed",
    EventType.DISCONNECTED: "Camera disconnected",
}

FIRING_ORDER: tuple[EventType, ...] = (
    EventType.REGION_LEAVE,
    EventType.CROWD_OFF,
    EventType.MOTION_OFF,
    EventType.OBJECT_DISAPPEAR,
    EventType.OBJECT_APPEAR,
    EventType.REGION_JOIN,
    EventType.MOTION_ON,
    EventType.TRIPWIRE_CROSSED,
    EventType.TAILGATING,
    EventType.LOITERING,
    EventType.CROWD_ON,
    EventType.ABANDONED,
    EventType.SABOTAGE,
    EventType.DISCONNECTED,
)
"""The order of events within one frame."""


class Direction(StrEnum):
    """Which way a line was crossed: a_to_b goes from its left to its right, looking along it from its first point."""

    A_TO_B = "a_to_b"
    B_TO_A = "b_to_a"


@dataclass(frozen=True, slots=True)
class Measure:
    """One number that a rule looked at, with the limit that it was held against; None where there is none.

    The name carries the unit: `angle_deg`, `beyond_s`.
    """

    name: str
    value: float
    limit: float | None = None


@dataclass(frozen=True, slots=True)
class Waypoint:
    """Where an object's anchor was at a moment of the stream, in fractions of the frame."""

    stream_s: float
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why a rule decided as it did: what it saw and what it asked for.

    `path` is where the object's anchor was of late, oldest first; `place` is where the condition became true: the
    crossing point of a line, the way into a zone. What does not apply is empty or None.
    """

    path: tuple[Waypoint, ...] = ()
    place: Point | None = None
    box: Box | None = None
    measures: tuple[Measure, ...] = ()


class Why(StrEnum):
    """Why a candidate did not become an event."""

    TOO_SHORT = "too short"
    SWAYING = "swaying"
    ROUND_THE_END = "round the end of the line"
    WRONG_WAY = "wrong way"
    SMALL_ANGLE = "along the line"
    MASKED = "masked"
    LIGHT_CHANGE = "light change"
    OUTSIDE_SCHEDULE = "outside schedule"
    OTHER_CLASS = "class does not count"
    OTHER_SIZE = "size does not count"
    TOO_LATE = "too late"
    COOLDOWN = "cooldown"
    COUNTED_BEFORE = "counted before"
    NOT_MOVED = "has not moved"
    SAME_OBJECT = "same object, divided"
    OWNER_NEAR = "owner near"
    PERSON = "a person or vehicle"


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened on a channel, before the log has given it an id.

    `time_us` is when it became true (microseconds UTC), `stream_s` the same moment in seconds into the stream.
    The fields from `direction` on are None where they do not apply.
    """

    type: EventType
    channel_id: str
    channel_name: str
    time_us: int
    stream_s: float
    object_id: int = NO_OBJECT
    origin: Origin = Origin.UNKNOWN
    rule_id: str = NO_RULE
    rule_name: str = ""
    direction: Direction | None = None
    dwell_seconds: float | None = None
    count: int | None = None
    reason: str | None = None
    confidence: float | None = None
    label: str | None = None
    evidence: Evidence | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Suppressed:
    """A candidate that did not become an event, and why; kept in memory for those who ask why something did not count.

    The fields are those of the event that it would have been.
    """

    type: EventType
    why: Why
    channel_id: str
    time_us: int
    stream_s: float
    object_id: int = NO_OBJECT
    origin: Origin = Origin.UNKNOWN
    rule_id: str = NO_RULE
    rule_name: str = ""
    evidence: Evidence | None = field(default=None, compare=False, repr=False)


Told = Event | Suppressed
"""What a rule tells."""


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event as committed: with its id, its picture's URL path and the state of the clock.

    `true_time_us` is set where `event.time_us` was moved to the start of the open aggregate window.
    """

    event_id: int
    event: Event
    snapshot_path: str = ""
    clock_synced: bool = True
    true_time_us: int | None = None
