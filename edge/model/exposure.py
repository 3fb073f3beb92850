"""How a camera exposed one picture."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Exposure:
    """What a camera says of one picture: for how long it was exposed, how much amplified, how bright the scene is.

    `gain` is analogue times digital, 1 for none; `lux` is the camera's own estimate, None where it gives none.
    """

    time_us: float
    gain: float
    lux: float | None = None

    @property
    def sensitivity(self) -> float:
        """Exposure time times gain: twice as much makes the same scene twice as bright."""
        return self.time_us * self.gain
