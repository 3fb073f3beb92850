"""A burst of events while cameras are looked at: does the pipeline keep its frame rate, and who waits how long?"""

import json
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import cast

from tests.bench.table import Table
from tests.support.broker import Broker
from tests.support.burst_device import Phase, Told
from tests.support.receivers import Receiver
from tests.support.rtsp_server import RtspServer, live

ROOT = Path(__file__).parents[2]
RATE, FPS, RECEIVERS = 1000, 10, 2
PHASES = ("before", "burst", "delivering", "after")


def play(folder: Path, cameras: int, seconds: float, span_s: float) -> Told:
    """Run a device with cameras, webhooks and a broker, all of which are other processes but the receivers."""
    with ExitStack() as stack:
        server = stack.enter_context(RtspServer({"/live": live(640, 360, FPS)}))
        broker = stack.enter_context(Broker(folder / "broker"))
        sinks = [stack.enter_context(Receiver()) for _ in range(RECEIVERS)]
        config = folder / "edge.yaml"
        config.write_text(settings(folder, server, broker, sinks, cameras))
        words = [sys.executable, "-m", "tests.support.burst_device", str(config), str(RATE), str(seconds), str(span_s)]
        done = subprocess.run(words, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True, timeout=400)
    return cast(Told, json.loads(done.stdout.splitlines()[-1]))


def settings(folder: Path, server: RtspServer, broker: Broker, sinks: list[Receiver], cameras: int) -> str:
    """Return the device's settings."""
    hooks = "".join(f"  - {{url: '{sink.url}'}}\n" for sink in sinks)
    channels = "".join(
        f"  - name: Gate {number}\n    source: {{rtsp: {{url: '{server.url()}'}}}}\n"
        "    rules: [{line: Middle, points: [[0.5, 0.0], [0.5, 1.0]]}]\n"
        for number in range(1, cameras + 1)
    )
    return (
        f"state_dir: {folder / 'state'}\napi: {{enabled: false}}\nmqtt: {{host: 127.0.0.1, port: {broker.port}}}\n"
        f"webhooks:\n{hooks}channels:\n{channels}"
    )


def row(cameras: int, told: Told) -> list[str]:
    """Return a row of the table."""
    phases = cast(dict[str, Phase], told)
    rates = [f"{phases[name]['analysed'] / phases[name]['seconds'] / cameras:.2f}" for name in PHASES]
    dropped = " ".join(str(phases[name]["dropped"]) for name in PHASES)
    cores = phases["burst"]["cpu_s"] / phases["burst"]["seconds"]
    return [
        str(cameras),
        *rates,
        dropped,
        f"{told['stored_s']:.2f} s",
        f"{told['delivered_s']:.1f} s",
        f"{cores:.2f}",
    ]


def run(*, quick: bool) -> Table:
    """Measure with one camera and with two."""
    rows = []
    for cameras in (1, 2):
        with tempfile.TemporaryDirectory() as folder:
            rows.append(row(cameras, play(Path(folder), cameras, *((3.0, 5.0) if quick else (10.0, 20.0)))))
    head = ("cameras", *(f"frames/s {name}" for name in PHASES), "dropped in each")
    return Table(
        "A burst of 1,000 events a second for 10 s, and the pipeline's frame rate",
        (*head, "stored after its end", "delivered after its end", "cores in the burst"),
        rows,
        (
            f"cameras of 640x360 over RTSP at {FPS} frames a second; {RECEIVERS} webhooks and a broker get every event",
            "cameras, broker and receivers run on the same two cores, outside of the device's process",
        ),
    )
