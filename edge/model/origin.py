"""What kind of thing an object is."""

from enum import StrEnum


class Origin(StrEnum):
    """What kind of thing an object is, by the wire's names."""

    PEDESTRIAN = "Pedestrian"
    VEHICLE = "Vehicle"
    UNKNOWN = "Unknown"
