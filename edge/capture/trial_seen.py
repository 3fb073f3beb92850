"""What is noted while a camera is tried, and what follows from it. Pure."""

from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median

from edge.model.scene import Picture

_ENOUGH = 10


@dataclass(frozen=True, slots=True)
class Trial:
    """What was seen of a stream. Rates are a second, times are seconds.

    `delay_s` is how old pictures are when they arrive: by the camera's own clock where its stream tells that, or by the
    kernel's for USB; None: not told.
    `varies` tells a frame rate that is not constant.
    `fps` is what arrives, `stamped_fps` what the stream's own time stamps say; 0: nothing to tell it by.
    `keyframe_s` is the longest time from one key frame to the next; where `keyframes` is below 2, it is how long none
    came. `falls_behind` is the share by which pictures come later and later; `jitter_s` how much they come unevenly, at
    the 95th of a hundred. `decode_s` is CPU for one picture.
    """

    codec: str
    picture: Picture
    fps: float
    stamped_fps: float
    keyframes: int
    keyframe_s: float
    first_picture_s: float
    bits: float
    decode_errors: int
    lost_packets: int
    jitter_s: float
    falls_behind: float
    decode_s: float
    delay_s: float | None = None
    varies: bool = False


@dataclass(slots=True)
class Seen:
    """What is noted while the stream plays: the stream's time and the arrival of packets, in seconds."""

    came_s: list[float] = field(default_factory=list)
    arrivals: list[tuple[float, float]] = field(default_factory=list)
    delays: list[float] = field(default_factory=list)
    keyframes: list[float] = field(default_factory=list)
    size: int = 0
    frames: int = 0
    errors: int = 0
    cpu_s: float = 0.0
    first_s: float = 0.0
    picture: Picture | None = None


def summed(seen: Seen, picture: Picture, codec: str, lost: int) -> Trial:
    """Return what was seen; at least one picture was."""
    arrivals = seen.arrivals or [(came_s, came_s) for came_s in seen.came_s]
    (first_s, _), (last_s, _) = arrivals[0], arrivals[-1]
    passed_s = seen.came_s[-1] - seen.came_s[0]
    settled = [(at, came) for at, came in arrivals if came - seen.came_s[0] >= passed_s / 5] or arrivals
    behind, jitter_s = _evenness(settled)
    gaps = [after - before for before, after in pairwise(seen.keyframes)]
    open_s = last_s - (seen.keyframes[-1] if seen.keyframes else first_s)
    return Trial(
        codec=codec,
        picture=picture,
        fps=_rate([came for _, came in settled]),
        stamped_fps=_rate([at for at, _ in seen.arrivals]),
        keyframes=len(seen.keyframes),
        keyframe_s=max(gaps) if gaps else open_s,
        first_picture_s=seen.first_s,
        bits=seen.size * 8 / passed_s if passed_s > 0 else 0.0,
        decode_errors=seen.errors,
        lost_packets=lost,
        jitter_s=jitter_s,
        falls_behind=behind,
        decode_s=seen.cpu_s / max(1, seen.frames),
        delay_s=median(seen.delays) if seen.delays else None,
        varies=_varies([at for at, _ in seen.arrivals]),
    )


def _varies(moments_s: list[float]) -> bool:
    """Tell whether the slowest tenth of steps takes twice as long as the fastest: a camera that waits for light."""
    steps = sorted(after - before for before, after in pairwise(sorted(moments_s)))
    return len(steps) >= _ENOUGH and steps[int(0.9 * len(steps))] > 2.0 * max(steps[int(0.1 * len(steps))], 1e-3)


def _rate(moments_s: list[float]) -> float:
    span_s = moments_s[-1] - moments_s[0] if moments_s else 0.0
    return (len(moments_s) - 1) / span_s if span_s > 0 else 0.0


def _evenness(arrivals: list[tuple[float, float]]) -> tuple[float, float]:
    """Return by what share arrivals fall behind the stream's own time, and how far they scatter around that."""
    span_s = arrivals[-1][0] - arrivals[0][0]
    if span_s <= 0:
        return 0.0, 0.0
    late = [came - at for at, came in arrivals]
    third = max(1, len(late) // 3)
    behind = (min(late[-third:]) - min(late[:third])) / span_s
    scatter = sorted(each - min(late) for each in late)
    return max(0.0, behind), scatter[int(0.95 * (len(scatter) - 1))]
