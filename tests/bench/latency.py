"""From light to committed event: a camera that draws and encodes as time passes, and the whole program behind it."""

import statistics
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC
from pathlib import Path
from typing import Literal

import cv2
import numpy as np

from edge.analysis.worker import AnalysisWorker
from edge.app.compose import build_capture, build_parts
from edge.app.system import SystemClock
from edge.capture.open import make_source
from edge.model.event import Event, EventType, Suppressed
from edge.model.scene import Frame
from edge.settings import (
    AnalysisSettings,
    ChannelSettings,
    LineSettings,
    MaskSettings,
    RtspSettings,
    Settings,
    SourceSettings,
)
from edge.store.event_log import EventLog
from edge.store.query import EventQuery
from tests.bench.table import Table
from tests.support.appliance import appliance
from tests.support.cameras import RealClock
from tests.support.odd_camera import Line, OddCamera
from tests.support.rtp import Encoder, Planes

_FRAMES = 150
WIDTH, HEIGHT, FPS = 640, 360, 10
SPEED = 0.16
"""How fast the walker goes, in widths of the picture a second: a person at eight metres."""
LINES = (0.31, 0.43, 0.57, 0.69)
TALL, FOOT = 100, 270
STRIP = 24
CHANNEL = """
  - name: Walk
    source: {{rtsp: {{url: "{url}", transport: {transport}}}}}
    analysis: {{fps: 10}}
    masks: [{{kind: exclude, polygon: [[0, 0], [1, 0], [1, 0.1], [0, 0.1]]}}]
    rules: [{lines}]
"""


@dataclass
class Walk:
    """A picture in which somebody walks from left to right, again and again; knows when what was seen."""

    light_s: dict[int, float] = field(default_factory=dict)
    encode_s: list[float] = field(default_factory=list)

    def play(self, line: Line) -> None:
        """Draw, encode and send, in real time."""
        encoder, begun_s, number = Encoder(size=(WIDTH, HEIGHT), fps=FPS, gop=FPS * 2), time.time(), 0
        ground = np.random.default_rng(1).integers(96, 160, (HEIGHT // 8, WIDTH // 8), np.uint8)
        still = np.kron(ground, np.ones((8, 8), np.uint8))
        while line.wait(max(0.0, begun_s + number / FPS - time.time())):
            light_s = time.time()
            self.light_s[number] = light_s
            picture = self._drawn(still, number, light_s - begun_s)
            for coded in encoder.add_picture(picture):
                self.encode_s.append(time.time() - light_s)
                line.unit(coded.unit, coded.stamp)
            number += 1

    def crossed(self, place: float, near_s: float) -> float:
        """Return when the walker was truly at a line, the last time before a moment."""
        lap_s, first_s = 1.4 / SPEED, self.light_s[0] + 3.0 + (place + 0.2) / SPEED
        return first_s + (near_s - first_s) // lap_s * lap_s

    def _drawn(self, still: Planes, number: int, now_s: float) -> Planes:
        planes = np.full((HEIGHT * 3 // 2, WIDTH), 128, np.uint8)
        planes[:HEIGHT] = still
        bar = WIDTH // 16
        for bit in range(16):
            planes[:STRIP, bit * bar : (bit + 1) * bar] = 235 if number >> bit & 1 else 16
        middle = round(((now_s - 3.0) * SPEED % 1.4 - 0.2) * WIDTH) if now_s > 3.0 else -TALL
        body, swing = planes[:HEIGHT], round(9 * np.sin(now_s * 7))
        cv2.circle(body, (middle, FOOT - TALL + 9), 9, 30, -1)
        cv2.ellipse(body, (middle, FOOT - TALL + 40), (12, 24), 0, 0, 360, 40, -1)
        for leg in (-swing, swing):
            cv2.line(body, (middle, FOOT - TALL + 58), (middle + leg, FOOT - 4), 35, 8)
        return planes


@dataclass
class Crossing:
    """One crossing, seconds since 1970: when it truly was, when the picture that proved it was taken (its light), when
    that was analysed, when the event was committed.
    """

    true_s: float
    light_s: float
    analysed_s: float
    committed_s: float = 0.0


@dataclass
class Noted:
    """The event log, with a note of when what comes in and what is committed."""

    log: EventLog
    walk: Walk
    crossings: list[Crossing] = field(default_factory=list)

    def append(self, events: Sequence[Event], now_us: int, jpeg: bytes | None = None) -> None:
        now_s = time.time()
        for event in events:
            if event.type is EventType.TRIPWIRE_CROSSED:
                light_s = min(self.walk.light_s.values(), key=lambda each_s: abs(each_s - now_us / 1e6))
                self.crossings.append(Crossing(self.walk.crossed(float(event.rule_name), now_s), light_s, now_s))
        self.log.append(events, now_us, jpeg)

    def suppress(self, candidates: Sequence[Suppressed]) -> None:
        self.log.suppress(candidates)

    def last_object_id(self, channel_id: str) -> int:
        return self.log.last_object_id(channel_id)

    def follow(self, stop: threading.Event) -> None:
        """Note what is committed."""
        cursor, count = 0, 0
        while not stop.is_set():
            for stored in self.log.wait(EventQuery(since_id=cursor, limit=1000), 1.0):
                cursor = stored.event_id
                if stored.event.type is EventType.TRIPWIRE_CROSSED:
                    self.crossings[count].committed_s = time.time()
                    count += 1


def run(*, quick: bool) -> Table:
    """Measure by TCP and by UDP."""
    seconds = 30.0 if quick else 60.0
    return Table(
        f"From light to committed event, {WIDTH}x{HEIGHT} at {FPS} fps",
        ("what", "tcp: median", "p95", "udp: median", "p95"),
        [
            [what, *by_tcp, *by_udp]
            for (what, by_tcp), (_, by_udp) in zip(measured("tcp", seconds), measured("udp", seconds), strict=True)
        ],
        (
            "milliseconds; a camera that draws, encodes (x264, zerolatency) and sends H.264 as time passes, four lines",
            "light: when the picture was drawn in which the walker had been beyond the line for long enough",
            "(margin 0.01, two sightings at 5 a second); crossing: when the walker's foot truly was on the line",
            "program: a process of its own, asked by long-poll; the steps: its parts in one process with the camera",
            "bound: 400 ms in the median from light to committed event",
        ),
    )


def measured(transport: Literal["tcp", "udp"], seconds: float) -> list[tuple[str, list[str]]]:
    """Return the figures of one transport."""
    walk = Walk()
    with OddCamera([walk.play]) as camera:
        channel = channel_of(camera.url(), transport)
        lags = capture(channel, walk)
        crossings = noted(channel, walk, seconds)
        with tempfile.TemporaryDirectory() as folder:
            known = by_clients(Path(folder), camera.url(), transport, walk, seconds)
    return [
        ("drawing and encoding", figures(walk.encode_s)),
        ("light to frame in hand", figures(lags)),
        ("light to analysed", figures([each.analysed_s - each.light_s for each in crossings])),
        ("light to committed event", figures([each.committed_s - each.light_s for each in crossings])),
        ("crossing to committed event", figures([each.committed_s - each.true_s for each in crossings])),
        ("crossing to a client of the program", figures(known)),
        ("crossings", [str(len(crossings)), str(len(known))]),
    ]


def channel_of(url: str, transport: Literal["tcp", "udp"]) -> ChannelSettings:
    """Return the channel with its lines."""
    rules = tuple(
        LineSettings(line=str(place), points=((place, 0.2), (place, 1.0)), id=f"line-{place}") for place in LINES
    )
    return ChannelSettings(
        id="walk",
        name="Walk",
        source=SourceSettings(rtsp=RtspSettings(url=url, transport=transport)),
        analysis=AnalysisSettings(fps=FPS),
        masks=(MaskSettings(kind="exclude", polygon=((0, 0), (1, 0), (1, 0.1), (0, 0.1))),),
        rules=rules,
    )


def noted(channel: ChannelSettings, walk: Walk, seconds: float) -> list[Crossing]:
    """Return what capture, analysis and event log do in this process."""
    with tempfile.TemporaryDirectory() as folder:
        settings, clock = Settings(state_dir=folder, channels=(channel,)), SystemClock()
        parts = build_parts(settings, lambda: settings, clock, UTC)
        parts.log.open()
        log, stop = Noted(parts.log, walk), threading.Event()
        analysis = AnalysisWorker(parts.mailboxes, log, parts.board, parts.health, clock, zone=UTC)
        analysis.add(channel)
        works = [
            lambda: build_capture(channel, parts).run(stop, nothing),
            lambda: analysis.run(stop, nothing),
            lambda: parts.log.run(stop, nothing),
            lambda: log.follow(stop),
        ]
        threads = [threading.Thread(target=work) for work in works]
        for thread in threads:
            thread.start()
        time.sleep(seconds)
        stop.set()
        for thread in threads:
            thread.join()
        parts.log.close()
    return [each for each in log.crossings if each.committed_s]


def nothing() -> None:
    """Tell nobody that work goes on."""


def by_clients(folder: Path, url: str, transport: Literal["tcp", "udp"], walk: Walk, seconds: float) -> list[float]:
    """Return the seconds from each crossing to a client's having its event, the whole program in between."""
    lines = ", ".join(f"{{line: '{place}', points: [[{place}, 0.2], [{place}, 1.0]]}}" for place in LINES)
    known: list[float] = []
    with appliance(folder, CHANNEL.format(url=url, transport=transport, lines=lines)) as running:
        running.serve()
        end_s, cursor = time.monotonic() + seconds, 0
        while time.monotonic() < end_s:
            for event in running.get(f"/v1/json/events?sinceId={cursor}&timeout=2") or []:
                now_s, cursor = time.time(), event["event_id"]
                if event["type"] == "TripwireCrossed":
                    known.append(now_s - walk.crossed(float(event["rule_name"]), now_s))
    return known


def figures(seconds: Sequence[float]) -> list[str]:
    """Return median and 95th of a hundred, in milliseconds."""
    ordered = sorted(value * 1000 for value in seconds)
    return [f"{statistics.median(ordered):.0f}", f"{ordered[int(len(ordered) * 0.95)]:.0f}"]


def capture(channel: ChannelSettings, walk: Walk) -> list[float]:
    """Return how long after its light each frame is in the program's hands."""
    source = make_source(channel, RealClock())
    lags: list[float] = []
    source.open()
    while len(lags) < _FRAMES:
        frame = source.read()
        if isinstance(frame, Frame):
            number = sum(1 << bit for bit in range(16) if frame.picture.y[STRIP // 2, bit * 40 + 20] > 128)
            lags.append(time.time() - walk.light_s[number])
    source.close()
    return lags[30:]
