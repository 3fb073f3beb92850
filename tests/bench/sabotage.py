"""Attacks on the view and what only looks like one, on three clips at two sizes: what is told, and when."""

import copy
from collections.abc import Iterator
from itertools import islice

from edge.model.event import Event
from tests.bench.table import Table
from tests.support.attacks import ATTACKS, NEGATIVES, Bgr, Change
from tests.support.shared_data import shared
from tests.support.spoiling import FROM_S, SECONDS, Watcher, clip_pictures, spoilt, told

FPS = 2.0
CLIPS = ("vtest.avi", "road.avi", "bottle-detection.mp4")
SIZES = ((320, 240), (1280, 720))
UNTIL_S, AGAIN_S, END_S = 33.0, 45.0, 52.0
NEGATIVE_S = 60.0
HOW = (
    f"Attacks from {FROM_S:.0f} to {UNTIL_S:.0f} s and from {AGAIN_S:.0f} to {END_S:.0f} s; `seconds` is "
    f"{SECONDS:.0f}: each is to be told once, at most 2 s later."
)


def run(*, quick: bool) -> Table:
    """Try all attacks; `quick` leaves the large size out."""
    rows: dict[str, list[str]] = {name: [name] for name in [*ATTACKS, *(f"no: {name}" for name in NEGATIVES)]}
    head = ["what is done"]
    for clip in CLIPS:
        for size in SIZES[: 1 if quick else None]:
            head.append(f"{clip.split('.')[0].split('-')[0]} {size[1]}p")
            pictures = clip_pictures(shared(f"data/video/{clip}"), size, NEGATIVE_S, FPS)
            for name, cell in cells(pictures):
                rows[name].append(cell)
    return Table(
        "What is told of a spoilt view",
        head,
        list(rows.values()),
        (
            HOW,
            "ok: so it was, with the reason and how long after the beginning, at worst; `!` is behind what was wrong.",
            "What is only like an attack (`no:`) must tell nothing (-).",
            "Defocus is in pixels of a picture 768 wide. The view is looked at once a second, twice where it is odd.",
        ),
    )


def cells(pictures: list[Bgr]) -> Iterator[tuple[str, str]]:
    """Give each attack's and negative's name with what came of it."""
    begun = Watcher(FPS)
    begin = round(FROM_S * FPS)
    begun.see(pictures[:begin])
    for name, (change, reasons) in ATTACKS.items():
        yield name, verdict(attacked(copy.deepcopy(begun), pictures, change), reasons)
    for name, change in NEGATIVES.items():
        events = told(spoilt(pictures, change, FPS, spans=[(20.0, NEGATIVE_S)]), FPS)
        yield f"no: {name}", ", ".join(f"{event.reason} at {event.stream_s:.0f} s!" for event in events) or "-"


def attacked(watcher: Watcher, pictures: list[Bgr], change: Change) -> list[Event]:
    """Return what is told of two attacks by a watcher that has seen the pictures before them."""
    spans = [(FROM_S, UNTIL_S), (AGAIN_S, END_S)]
    changed = spoilt(pictures[: round(END_S * FPS)], change, FPS, spans=spans)
    watcher.see(islice(changed, round(FROM_S * FPS), None))
    return watcher.events


def verdict(events: list[Event], reasons: frozenset[str]) -> str:
    """Return what came of two attacks, in a few words."""
    after_s = [event.stream_s - begin_s for event, begin_s in zip(events, (FROM_S, AGAIN_S), strict=False)]
    said = "/".join(dict.fromkeys(str(event.reason) for event in events)) or "nothing"
    in_time = all(SECONDS - 0.1 <= each <= SECONDS + 2.0 for each in after_s)
    if len(events) == len((FROM_S, AGAIN_S)) and in_time and all(event.reason in reasons for event in events):
        return f"ok {said} {max(after_s):.1f} s"
    return f"{said} {len(events)} times!"
