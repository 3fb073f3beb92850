"""Rules: lines and zones with their options."""

from dataclasses import dataclass, field
from typing import Annotated, Literal

from edge.settings.checks import NOT_BLANK_PATTERN, distinct_points, not_blank, simple_polygon
from edge.settings.marks import Check, Doc, Length, Pattern, Range

Fraction = Annotated[float, Range(0.0, 1.0)]
Stay = Annotated[float, Range(0.5, 86400)]
Corner = tuple[Fraction, Fraction]
ObjectClass = Literal["Pedestrian", "Vehicle", "Unknown"]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

ID = Pattern(
    r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}", "an id of letters, digits, - and _, at most 64 characters, such as a UUID"
)
TIME_OF_DAY = Pattern(r"([01][0-9]|2[0-3]):[0-5][0-9]|24:00", "a time of day, HH:MM, from 00:00 to 24:00")

ALL_CLASSES: tuple[ObjectClass, ...] = ("Pedestrian", "Vehicle", "Unknown")
ALL_DAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleSettings:
    """When a rule is watched: device-local times of some days of the week; `to` before `from` runs over midnight."""

    days: Annotated[tuple[Weekday, ...], Doc("days of the week"), Length(1)] = ALL_DAYS
    from_: Annotated[str, Doc("begin, HH:MM"), TIME_OF_DAY] = "00:00"
    to: Annotated[str, Doc("end, HH:MM"), TIME_OF_DAY] = "24:00"


@dataclass(frozen=True, slots=True, kw_only=True)
class TailgatingSettings:
    """A second object follows the first over the line."""

    seconds: Annotated[float, Doc("the longest time between the two"), Range(0.5, 60)] = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class MotionSettings:
    """Motion in a zone."""

    min_area: Annotated[float, Doc("least share of the zone that a moving object covers"), Range(0, 1)] = 0.0002
    on_delay_s: Annotated[float, Doc("motion for so long starts an episode"), Range(0, 60)] = 0.2
    off_delay_s: Annotated[float, Doc("rest for so long ends it"), Range(0, 3600)] = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LoiteringSettings:
    """Someone stays too long in a zone."""

    seconds: Annotated[Stay, Doc("the longest allowed stay")] = 10.0
    per_class: Annotated[dict[ObjectClass, Stay], Doc("the same for single classes")] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class CrowdSettings:
    """Many objects at once in a zone."""

    size: Annotated[int, Doc("as many are a crowd"), Range(2, 1000)] = 5
    hysteresis: Annotated[int, Doc("so many fewer end it"), Range(0, 999)] = 1
    on_s: Annotated[float, Doc("for so long before it starts"), Range(0, 3600)] = 2.0
    off_s: Annotated[float, Doc("for so long before it ends"), Range(0, 3600)] = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class AbandonedSettings:
    """Something is left behind in a zone."""

    seconds: Annotated[float, Doc("it lies still for so long"), Range(1, 86400)] = 60.0
    owner_radius: Annotated[float, Doc("a person within this share of the frame's height owns it"), Range(0, 2)] = 0.3
    owner_s: Annotated[float, Doc("the owner is away for so long"), Range(0, 3600)] = 10.0
    min_size: Annotated[float, Doc("share of the frame's height"), Range(0, 1)] = 0.02
    max_size: Annotated[float, Doc("share of the frame's height"), Range(0, 1)] = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleOptions:
    """Options of every rule."""

    id: Annotated[str, Doc("identity on the wire; empty: made from the channel's id and the name"), ID] = ""
    enabled: Annotated[bool, Doc("watch at all")] = True
    objects: Annotated[tuple[ObjectClass, ...], Doc("classes that count"), Length(1)] = ALL_CLASSES
    schedule: Annotated[tuple[ScheduleSettings, ...], Doc("when it is watched; empty: always")] = ()
    anchor: Annotated[Literal["bottom_center", "center"], Doc("the point of a box that is judged")] = "bottom_center"
    min_size: Annotated[float, Doc("height of the smallest object, share of the frame's height"), Range(0, 1)] = 0.0
    max_size: Annotated[float, Doc("height of the largest object, share of the frame's height"), Range(0, 1)] = 1.0
    cooldown_s: Annotated[float, Doc("quiet time after an event"), Range(0, 86400)] = 0.0
    snapshot: Annotated[bool, Doc("keep a picture of each event")] = True


@dataclass(frozen=True, slots=True, kw_only=True)
class LineSettings(RuleOptions):
    """A line that counts who crosses it."""

    line: Annotated[str, Doc("name of the line"), Length(1, 200), Check(not_blank, NOT_BLANK_PATTERN)]
    points: Annotated[
        tuple[Corner, ...],
        Doc("2 to 10 points, each [x, y] in fractions of the frame"),
        Length(2, 10),
        Check(distinct_points),
    ]
    direction: Annotated[Literal["any", "a_to_b", "b_to_a"], Doc("which crossings count")] = "any"
    margin: Annotated[float, Doc("how far beyond the line counts, share of the frame's diagonal"), Range(0, 0.5)] = (
        0.015
    )
    frames: Annotated[int, Doc("for so many frames at 5 per second"), Range(1, 50)] = 2
    min_angle: Annotated[float, Doc("least angle between path and line, degrees"), Range(0, 89)] = 5.0
    count_once: Annotated[bool, Doc("each object counts once a direction")] = False
    tailgating: Annotated[TailgatingSettings | None, Doc("watch for followers")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneSettings(RuleOptions):
    """A part of the picture that is watched; it gives only the events whose sections it has."""

    zone: Annotated[str, Doc("name of the zone"), Length(1, 200), Check(not_blank, NOT_BLANK_PATTERN)]
    polygon: Annotated[
        tuple[Corner, ...],
        Doc("3 or more corners, each [x, y] in fractions of the frame"),
        Length(3, 100),
        Check(simple_polygon),
    ]
    margin: Annotated[float, Doc("how far inside counts, share of the frame's diagonal"), Range(0, 0.5)] = 0.01
    frames: Annotated[int, Doc("for so many frames at 5 per second"), Range(1, 50)] = 3
    motion: Annotated[MotionSettings | None, Doc("motion starts and ends")] = None
    join_leave: Annotated[bool, Doc("objects come and go")] = False
    loitering: Annotated[LoiteringSettings | None, Doc("objects stay too long")] = None
    crowd: Annotated[CrowdSettings | None, Doc("many objects at once")] = None
    abandoned: Annotated[AbandonedSettings | None, Doc("things left behind")] = None


RuleSettings = LineSettings | ZoneSettings
