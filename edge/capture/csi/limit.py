"""Keeps the exposure time below a limit: libcamera's automatic exposure knows none but the frame's own duration."""

from edge.model.exposure import Exposure

_NO_GAIN = 1.05
"""At so little gain there is light enough: the automatic exposure would choose a shorter time by itself."""
AUTOMATIC = 0


class ExposureLimit:
    """One camera's. `limit_us` is the longest exposure in microseconds, 0 for none.

    ```
     automatic ── exposed for longer than the limit ──> held at the limit, the gain goes on by itself
         ^                                                   │
         └────────────── no gain is needed any more ─────────┘
    ```
    """

    def __init__(self, limit_us: float) -> None:
        self._limit_us = limit_us
        self._held = False

    def next_us(self, exposure: Exposure | None) -> int | None:
        """Return the exposure time to be set after a picture exposed so; AUTOMATIC to set none, None for no change."""
        if not self._limit_us or exposure is None:
            return None
        if not self._held and exposure.time_us > self._limit_us:
            self._held = True
            return round(self._limit_us)
        if self._held and exposure.time_us <= self._limit_us and exposure.gain <= _NO_GAIN:
            self._held = False
            return AUTOMATIC
        return None
