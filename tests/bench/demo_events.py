"""The demo's ten minutes against the street's script, for any seeds and rates.

Run from the repository's root: `python -m tests.bench.demo_events SEED:FPS ...`, such as `7:10 1:5 2:15`.
"""

import sys
import time
from collections.abc import Sequence
from typing import TypeVar

from edge.model.event import EventType
from tests.support.street_truth import (
    Matched,
    Play,
    crossings,
    joins,
    leaves,
    loitering,
    motion_in_common,
    play,
    tailgating,
)

Truth = TypeVar("Truth")

SPAN_S = 600.0
KINDS = ("pavement", "road", "tailgating", "joins", "leaves", "loitering", "motion")
COUNTED = {
    "crowds": EventType.CROWD_ON,
    "things": EventType.ABANDONED,
    "sabotage": EventType.SABOTAGE,
    "disconnected": EventType.DISCONNECTED,
}


def main(runs: Sequence[str]) -> None:
    """Play each and print a row: found, missed and extra of each kind."""
    columns = ("seed", "fps", *KINDS, *COUNTED, "CPU s")
    print(f"| {' | '.join(columns)} |")
    print("|---" * len(columns) + "|")
    for run in runs:
        seed, fps = run.split(":")
        began_s = time.process_time()
        played = play(SPAN_S, fps=float(fps), seed=int(seed))
        taken_s = time.process_time() - began_s
        print(f"| {seed} | {fps} | {' | '.join(row(played))} | {taken_s:.0f} |", flush=True)


def row(played: Play) -> list[str]:
    """Return one run's figures."""
    lines = [told(crossings(played, line)) for line in ("Pavement", "Road")]
    matched = [told(tailgating(played)), *(told(compare(played)) for compare in (joins, leaves, loitering))]
    counted = [str(len(played.of(kind))) for kind in COUNTED.values()]
    return [*lines, *matched, f"{motion_in_common(played):.2f}", *counted]


def told(found: Matched[Truth]) -> str:
    """Return found, missed and extra."""
    return f"{len(found.pairs)} -{len(found.missed)} +{len(found.extra)}"


if __name__ == "__main__":
    main(sys.argv[1:])
