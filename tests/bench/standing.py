"""Six people come in one after another, stay 12 to 27 s nearly still and go: joins, leaves, dwell times, loitering."""

from collections.abc import Sequence

import cv2
import numpy as np

from tests.bench.table import Table
from tests.support.cut_outs import PERSONS, empty_background
from tests.support.standing import Visit, show, standing, true_scenes
from tests.support.stays import Polygon, Told, score, told
from tests.support.watching import watch

ZONE: Polygon = ((0.2, 0.4), (0.75, 0.4), (0.75, 0.9), (0.2, 0.9))
LIMIT_S = 15.0
_PLACES = ((0.3, 0.55), (0.42, 0.62), (0.55, 0.57), (0.36, 0.75), (0.5, 0.78), (0.62, 0.7))
_SHOWN: tuple[tuple[str, tuple[int, int] | None, float], ...] = (
    ("vtest.avi", None, 5.0),
    ("vtest.avi", None, 10.0),
    ("vtest.avi", (1280, 720), 5.0),
    ("vtest.avi", (320, 240), 8.0),
    ("road.avi", None, 5.0),
    ("road.avi", None, 10.0),
    ("road.avi", (1280, 720), 15.0),
)
_SEEDS = (1, 2, 3, 4, 5)


def six(seed: int) -> list[Visit]:
    """Return six visits, each by another person at another place; up to three or four stand at a time."""
    random = np.random.default_rng(seed)
    visits: list[Visit] = []
    enter_s = 2.0
    order, places = random.permutation(PERSONS), random.permutation(len(_PLACES))
    for person, at in zip(order, places, strict=True):
        x, foot = _PLACES[at] + random.uniform(-0.02, 0.02, 2)
        to_the_right, returns = bool(random.random() < 0.5), bool(random.random() < 0.3)
        stay_s = float(random.uniform(12, 27))
        visits.append(Visit(str(person), x, foot, enter_s, stay_s, returns=returns, to_the_right=to_the_right))
        enter_s += float(random.uniform(8, 14))
    return visits


def watched(seed: int, name: str, size: tuple[int, int] | None, fps: float) -> tuple[Told, Told, int]:
    """Return what the rules say of the zone, what they should, and how many ids there were."""
    visits, background = six(seed), empty_background(name, size)
    shape = (background[0].shape[1], background[0].shape[0])
    seconds = max(standing(visit, shape).gone_s for visit in visits) + 3
    scenes = list(watch(show(visits, seconds, fps, background, seed=seed)))
    ids = {track.object_id for scene in scenes for track in scene.tracks}
    true = told(true_scenes(visits, seconds, fps, shape), [ZONE], LIMIT_S)[0]
    return told(scenes, [ZONE], LIMIT_S)[0], true, len(ids)


def run(*, quick: bool) -> Table:
    """Show six visits before each background, at several sizes and rates."""
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    seeds = _SEEDS[:1] if quick else _SEEDS
    rows = [_row(name, size, fps, seeds) for name, size, fps in (_SHOWN[::4] if quick else _SHOWN)]
    cv2.setNumThreads(threads)
    return Table(
        "Six people who stay nearly still",
        ("before", "size", "fps", "joins + leaves right", "wrong", "dwell right", "worst, s", "loitering right", "ids"),
        rows,
        (
            f"{len(seeds)} times six people cut out of vtest.avi, each at another place for 12 to 27 s",
            f"dwell right: to 10 % or 1 s; loitering: whether the same stays are told as over {LIMIT_S:.0f} s",
            "bounds: all of them right; as many ids as people",
        ),
    )


def _row(name: str, size: tuple[int, int] | None, fps: float, seeds: Sequence[int]) -> list[str]:
    results = [watched(seed, name, size, fps) for seed in seeds]
    scores = [score(seen.stays, true.stays) for seen, true, _ in results]
    off = [abs(one - other) for each in scores for one, other in each.dwell]
    loiter = [_over(seen) == _over(true) for seen, true, _ in results]
    return [
        name,
        "own" if size is None else f"{size[0]}x{size[1]}",
        f"{fps:.0f}",
        f"{sum(each.right for each in scores)} of {sum(each.true for each in scores)}",
        str(sum(each.told - each.right for each in scores)),
        f"{sum(each.dwell_right for each in scores)} of {6 * len(seeds)}",
        f"{max(off, default=0.0):.1f}",
        f"{sum(loiter)} of {len(loiter)}",
        " ".join(str(ids) for _, _, ids in results),
    ]


def _over(seen: Told) -> list[int]:
    """Return which stays, by their order, loiter."""
    left = list(enumerate(seen.stays))
    result = []
    for key in seen.loiter:
        own = next((each for each in left if each[1].object_id == key and each[1].dwell_s >= LIMIT_S - 0.5), None)
        if own is not None:
            left.remove(own)
        result.append(-1 if own is None else own[0])
    return sorted(result)
