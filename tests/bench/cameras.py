"""Eight cameras on one board: their rates, what each further one costs, and that one that fails harms no other."""

import re
import statistics
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.bench.clips import clip
from tests.bench.programs import cpu_s, memory_mb
from tests.bench.table import Table
from tests.support.appliance import Appliance, appliance, until, write_config
from tests.support.rtsp_server import RtspServer
from tests.support.rtsp_server import clip as playing

_CAMERAS = 8
_FPS = 5
_CHANNEL = """
  - name: Camera {number}
    source: {{rtsp: {{url: "{url}"}}}}
    analysis: {{fps: {fps}}}
    rules: [{{line: A, points: [[0.332, 0.33], [0.332, 0.729]]}}]
"""
_LOOPS = 20
_SETTLE_S = 15.0
_FIGURE = re.compile(r'^edge_channel_(\w+)\{channel_id="[^"]*",channel="([^"]*)"\} (\S+)$', re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Window:
    """What was seen over some seconds: analysed and received pictures a second by camera, CPU of the process."""

    analysed: Mapping[str, float]
    received: Mapping[str, float]
    cores: float

    def shown(self, but: Sequence[str] = ()) -> str:
        """Return the lowest, middle and highest rate of the cameras that are not left out."""
        rates = [rate for name, rate in self.analysed.items() if name not in but]
        return f"{min(rates):.2f} / {statistics.median(rates):.2f} / {max(rates):.2f}"


def run(*, quick: bool) -> Table:
    """Measure eight 360p cameras."""
    seconds = 15.0 if quick else 30.0
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        path, content = endless(folder)
        servers = [stack.enter_context(RtspServer({"/live": playing(path)})) for _ in range(_CAMERAS)]
        running = stack.enter_context(appliance(folder, channels(servers[:1])))
        running.serve()
        memory = growth(running, servers)
        rows = [[f"memory with {count} cameras", f"{rss:.1f} MB RSS, {pss:.1f} MB PSS"] for count, rss, pss in memory]
        per_camera = (memory[-1][1] - memory[0][1]) / (_CAMERAS - 1)
        rows.append(["memory of each further camera", f"{per_camera:.1f} MB"])
        before = watch(running, seconds)
        rows.append(["CPU of the process", f"{before.cores:.2f} cores"])
        rows.append(["pictures received a second, least and most", spread(before.received)])
        rows.append(["analysed a second: all 8", before.shown()])
        servers[7].kill()
        until("the killed camera is known to be lost", lambda: lost(running, 8))
        rows.append(["the other 7 while camera 8 is killed", watch(running, seconds).shown(["Camera 8"])])
        servers[6].stall()
        until("the stalled camera is known to be lost", lambda: lost(running, 7))
        rows.append(
            ["the other 6 while camera 7 is stalled, too", watch(running, seconds).shown(["Camera 7", "Camera 8"])]
        )
        servers[6].go_on()
        servers[7].start()
        until("both are back", lambda: not lost(running, 7) and not lost(running, 8))
        time.sleep(_SETTLE_S)
        rows.append(["all 8 when they are back", watch(running, seconds).shown()])
        rows.append(["memory at the end", f"{memory_mb(running.process.pid)[0]:.1f} MB RSS"])
    return Table(
        f"{_CAMERAS} cameras of 640x360 at 10 fps, analysed at {_FPS} fps",
        ("what", "measured"),
        rows,
        (
            f"cameras: {content}, H.264 over RTSP, encoded before; one server process each, outside what is measured",
            f"analysed pictures a second: least / median / most of the cameras, over {seconds:.0f} s",
            "bounds: memory of each further camera 45 MB; the rate of the others unchanged",
        ),
    )


def endless(folder: Path) -> tuple[Path, str]:
    """Write a clip that outlasts the measurement; return it, and what it shows."""
    short, content = clip(360, folder)
    path = folder / "long.mp4"
    copying = ["ffmpeg", "-v", "error", "-y", "-stream_loop", str(_LOOPS), "-i", str(short), "-c", "copy", str(path)]
    subprocess.run(copying, check=True)
    return path, content


def channels(servers: Sequence[RtspServer], fps: float = _FPS) -> str:
    """Return the YAML of a channel for each server."""
    return "".join(
        _CHANNEL.format(number=number, url=server.url(), fps=fps) for number, server in enumerate(servers, 1)
    )


def growth(running: Appliance, servers: Sequence[RtspServer]) -> list[tuple[int, float, float]]:
    """Add one camera after the other; return count, RSS and PSS in MB of each step."""
    rows = []
    for count in range(1, len(servers) + 1):
        write_config(running.config, channels(servers[:count]), running.port)
        running.process.send_signal(1)
        until(
            f"camera {count} gives pictures",
            partial(seen, running, count),
        )
        time.sleep(_SETTLE_S)
        rows.append((count, *memory_mb(running.process.pid)))
    return rows


def watch(running: Appliance, seconds: float) -> Window:
    """Return what the appliance does over some seconds from now on."""
    pid = running.process.pid
    begun_s, spent_s = time.monotonic(), cpu_s(pid)
    analysed, received = figures(running, "analysed_total"), figures(running, "frames_total")
    time.sleep(seconds)
    took_s = time.monotonic() - begun_s
    cores = (cpu_s(pid) - spent_s) / took_s
    return Window(
        {name: (count - analysed[name]) / took_s for name, count in figures(running, "analysed_total").items()},
        {name: (count - received[name]) / took_s for name, count in figures(running, "frames_total").items()},
        cores,
    )


def figures(running: Appliance, name: str) -> dict[str, float]:
    """Return one figure of /metrics by the channel's name."""
    text = running.text("/metrics")
    return {channel: float(value) for kind, channel, value in _FIGURE.findall(text) if kind == name}


def seen(running: Appliance, number: int) -> bool:
    """Tell whether pictures of a camera are analysed."""
    return figures(running, "analysed_total").get(f"Camera {number}", 0.0) > 0.0


def lost(running: Appliance, number: int) -> bool:
    """Tell whether a camera is known to be away."""
    states = {each["name"]: each["status"] for each in running.get("/v1/json/channels")}
    return bool(states[f"Camera {number}"] != "ok")


def spread(rates: Mapping[str, float]) -> str:
    """Return the least and the highest of some rates."""
    return f"{min(rates.values()):.2f} to {max(rates.values()):.2f}"
