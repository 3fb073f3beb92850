"""Where things of the street stand in its picture: a camera on a wall, eight metres above the pavement.

Metres: x along the street to the right, y up, z away from the wall. The camera looks down the street and at the ground:

        z                 facades
        |  ______________________________ 26
        |     far pavement, parked cars
        |  ______________________________ 20.2
        |     road, two lanes   <--  /  -->
        |  ______________________________ 13
        |     pavement
        o--------------------------------- x
      camera, looking 20 degrees to the right and 24 down
"""

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
"""Places in metres, shape (n, 3)."""

WIDTH: Final = 1280
HEIGHT: Final = 720
EYE_HEIGHT: Final = 8.5
FOCAL: Final = 900.0
"""Pixels."""
YAW: Final = math.radians(20)
PITCH: Final = math.radians(24)

RIGHT: Final = np.array([math.cos(YAW), 0.0, -math.sin(YAW)])
UP: Final = np.array([math.sin(PITCH) * math.sin(YAW), math.cos(PITCH), math.sin(PITCH) * math.cos(YAW)])
FORWARD: Final = np.array([math.cos(PITCH) * math.sin(YAW), -math.sin(PITCH), math.cos(PITCH) * math.cos(YAW)])
AXES: Final = np.stack([RIGHT, -UP, FORWARD], axis=1)
EYE: Final = np.array([0.0, EYE_HEIGHT, 0.0])
SUN: Final = (0.50, 0.28)
"""How far a metre of height throws its shadow: to the right, and away from the camera."""


def project(points: Points) -> tuple[Points, Points]:
    """Return where (n, 3) places stand in the picture: (n, 2) pixels, and their depths in metres (n,)."""
    seen = (points - EYE) @ AXES
    depth = np.maximum(seen[:, 2], 0.2)
    pixels = seen[:, :2] * (FOCAL / depth)[:, None] + (WIDTH / 2, HEIGHT / 2)
    return pixels, depth


def depth_of(x: float, z: float) -> float:
    """Return how far away a place on the ground is along the camera's axis, metres."""
    return float(x * FORWARD[0] - EYE_HEIGHT * FORWARD[1] + z * FORWARD[2])


def fraction_of(x: float, y: float, z: float) -> tuple[float, float]:
    """Return where one place stands in the picture, in fractions of it."""
    pixels, _ = project(np.array([[x, y, z]]))
    return float(pixels[0, 0]) / WIDTH, float(pixels[0, 1]) / HEIGHT
