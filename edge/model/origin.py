"""What kind of thing an object is."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Origin(StrEnum):
    """What kind of thing an object is, by the wire's names."""

    PEDESTRIAN = "Pedestrian"
    VEHICLE = "Vehicle"
    UNKNOWN = "Unknown"


OF_LABELS: Mapping[str, Origin] = MappingProxyType(
    dict.fromkeys(("person", "pedestrian", "people", "rider"), Origin.PEDESTRIAN)
    | dict.fromkeys(
        ("bicycle", "car", "motorcycle", "motorbike", "bus", "train", "truck", "van", "tram", "vehicle"),
        Origin.VEHICLE,
    )
)
"""What networks call people and vehicles, in lower case; what has another name is Unknown."""


def origin_of_label(label: str) -> Origin:
    """Return what kind of thing a network means by one of its class names."""
    return OF_LABELS.get(label.lower(), Origin.UNKNOWN)
