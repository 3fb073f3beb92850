"""Someone in the street at one moment: from his plan to place, pose and box."""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from edge.capture.street.body import RADII, Car, Person, Suitcase, joints, solid
from edge.capture.street.plans import Plan
from edge.capture.street.view import FOCAL, HEIGHT, WIDTH, Points, depth_of, project
from edge.model.geometry import Box
from edge.model.scene import Origin

TURN_S: Final = 0.5


@dataclass(frozen=True, slots=True)
class Actor:
    """Someone at one moment: place and pose in metres and radians, and his box as far as it lies in the picture."""

    object_id: int
    origin: Origin
    look: Person | Car | Suitcase
    x: float
    z: float
    heading: float
    steps: float
    gait: float
    box: Box

    @property
    def depth(self) -> float:
        """How far away, metres along the camera's axis."""
        return depth_of(self.x, self.z)


def actor_at(plan: Plan, t: float) -> Actor | None:
    """Return someone as he is at a moment of his plan, None where the picture does not show him."""
    if not plan.starts_s <= t <= plan.ends_s:
        return None
    x, z, walked = plan.place(t)
    before, after = plan.place(t - TURN_S / 2), plan.place(t + TURN_S / 2)
    moved = math.hypot(after[0] - before[0], after[1] - before[1])
    gait = min(1.0, moved / (TURN_S * 0.9))
    heading = math.atan2(after[1] - before[1], after[0] - before[0]) if moved > 0.02 else plan.rest_heading(t)  # noqa: PLR2004 - two centimetres: he stands
    steps = 0.0
    if isinstance(plan.look, Person):
        steps = walked / (0.86 * plan.look.height) + plan.object_id * 0.37
    box = _box(plan.look, x, z, heading, steps, gait)
    if box is None:
        return None
    return Actor(plan.object_id, plan.origin, plan.look, x, z, heading, steps, gait, box)


def _box(look: Person | Car | Suitcase, x: float, z: float, heading: float, steps: float, gait: float) -> Box | None:
    if isinstance(look, Person):
        body = joints(look, x, z, heading, steps, gait)
        reach = RADII * (look.height / 1.75)
    else:
        body = solid(look, x, z, heading, gait)
        if isinstance(look, Car):
            body = np.concatenate([body, body * (1.0, 0.0, 1.0)])
        reach = np.zeros(len(body))
    return _clipped(body, reach)


def _clipped(body: Points, reach: Points) -> Box | None:
    pixels, depth = project(body)
    around = (reach * FOCAL / depth)[:, None]
    low = np.maximum((pixels - around).min(axis=0) / (WIDTH, HEIGHT), 0.0)
    high = np.minimum((pixels + around).max(axis=0) / (WIDTH, HEIGHT), 1.0)
    if (high <= low).any():
        return None
    return Box(float(low[0]), float(low[1]), float(high[0]), float(high[1]))
