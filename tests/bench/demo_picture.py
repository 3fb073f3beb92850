"""Makes docs/images/demo.jpg: the built-in camera with all that the program understands of it drawn in.

Run from the repository's root: `python -m tests.bench.demo_picture`.
"""

from collections import Counter
from datetime import UTC
from pathlib import Path

from edge.capture.demo import DemoSource
from edge.config.loader import load
from edge.model.event import Direction, EventType
from edge.picture.board import View
from edge.picture.draw import draw
from edge.picture.jpeg import encode_bgr
from edge.picture.trails import Trails
from edge.pipeline import build_pipeline
from tests.support.clock import HandClock

MOMENT_S = 230.6
"""A suitcase lies by the planter, people pass, wait and come, a car is on the road."""
WIDTH = 1280
QUALITY = 70
TARGET = Path("docs/images/demo.jpg")


def main() -> None:
    """Play the demo up to the moment and write its picture."""
    channel = load(Path("edge/cli/demo.yaml")).channels[0]
    demo = channel.source.demo
    if demo is None:
        raise SystemExit("edge/cli/demo.yaml has no demo source")
    source = DemoSource(channel.id, demo, HandClock(1_780_041_600_000_000), realtime=False)
    source.open()
    pipeline, trails = build_pipeline(channel, 1, UTC), Trails()
    counts: Counter[tuple[str, Direction]] = Counter()
    while (frame := source.read()) is not None:
        result = pipeline.process(frame)
        trails.update(result.scene)
        for event in result.events:
            if event.type is EventType.TRIPWIRE_CROSSED and event.direction is not None:
                counts[event.rule_id, event.direction] += 1
        if frame.stream_s >= MOMENT_S:
            view = View(frame, result.scene)
            image = draw(view, channel.rules, counts, trails=trails.points(), max_width=WIDTH)
            TARGET.parent.mkdir(parents=True, exist_ok=True)
            print(TARGET, TARGET.write_bytes(encode_bgr(image, quality=QUALITY)), "bytes")
            return


if __name__ == "__main__":
    main()
