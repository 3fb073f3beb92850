"""What the whole program needs beside CPU per frame: memory, time to start, CPU while the camera is away, disk."""

import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psutil

from tests.bench.clips import clip
from tests.bench.programs import cpu_s, edge, memory_mb
from tests.bench.table import Table
from tests.support.appliance import Appliance, appliance, until
from tests.support.ports import free_port
from tests.support.rtsp_server import RtspServer
from tests.support.rtsp_server import clip as playing

_CLIENTS = 200
_STARTS = 5
_AWAY_S = 20.0


def run(*, quick: bool) -> Table:
    """Measure one 720p camera."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        path, content = clip(720, folder)
        bare = stack.enter_context(interpreter())
        rows = [
            ["start to the first answer", f"{statistics.median(starts(folder, path, 1 if quick else _STARTS)):.2f} s"]
        ]
        server = stack.enter_context(RtspServer({"/live": playing(path)}))
        running = stack.enter_context(edge(folder, server.url()))
        rows += needs(running, bare, server, seconds=15.0 if quick else 60.0)
        bare_mb = memory_mb(bare)[0]
    return Table(
        "What the whole program needs, one 720p 10 fps camera",
        ("what", "measured"),
        rows,
        (
            f"camera: {content} over RTSP, analysed at 5 fps with one line; memory as the kernel counts it (MB = 10^6)",
            "PSS counts pages that are shared with other programs in part, RSS in whole",
            f"bounds: memory 95 MB above the bare interpreter ({bare_mb:.1f} MB RSS), start 3 s",
        ),
    )


def needs(running: Appliance, bare: int, server: RtspServer, *, seconds: float) -> list[list[str]]:
    """Return the rows that one running program gives."""
    pid, process = running.process.pid, psutil.Process(running.process.pid)
    until("pictures come", lambda: running.get("/v1/json/channels")[0]["status"] == "ok")
    before_bytes, before_events, begun_s = written(pid), last_event(running), time.monotonic()
    time.sleep(seconds)
    took_s, events, spent = time.monotonic() - begun_s, last_event(running) - before_events, written(pid) - before_bytes
    rows = [above("memory above a bare interpreter, one camera", pid, bare)]
    with waiting(running, _CLIENTS):
        rows.append(above(f"the same with {_CLIENTS} waiting clients", pid, bare))
        rows.append(["threads then", str(process.num_threads())])
    rows += [
        ["written per event, with its picture", f"{spent / max(1, events) / 1000:.1f} kB ({events} events)"],
        [
            "written per hour at this rate",
            f"{spent / took_s * 3600 / 1e6:.0f} MB ({events / took_s * 3600:.0f} events)",
        ],
    ]
    server.kill()
    until("the camera is known to be away", lambda: running.get("/v1/json/channels")[0]["status"] != "ok")
    time.sleep(2.0)
    idle_s, begun_s, quiet = cpu_s(pid), time.monotonic(), written(pid)
    time.sleep(_AWAY_S)
    took_s = time.monotonic() - begun_s
    rows.append(["CPU while the camera is away", f"{(cpu_s(pid) - idle_s) / took_s * 100:.1f} % of a core"])
    rows.append(["written per hour then", f"{(written(pid) - quiet) / took_s * 3600 / 1e6:.1f} MB"])
    return rows


def starts(folder: Path, path: Path, times: int) -> Iterator[float]:
    """Yield the seconds from the start of the process to its first answer over HTTP."""
    for number in range(times):
        place = folder / f"start{number}"
        place.mkdir()
        port = free_port()
        channel = f"\n  - name: Clip\n    source: {{file: {{path: {path}, realtime: true}}}}\n"
        begun_s = time.monotonic()
        with appliance(place, channel, port=port):
            while not answers(port):
                time.sleep(0.005)
            yield time.monotonic() - begun_s


def answers(port: int) -> bool:
    """Tell whether the API answers on a port; cheaper than a client, since it shares the machine with the start."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
            connection.sendall(b"GET /v1/json/channels HTTP/1.0\r\nHost: edge\r\n\r\n")
            return connection.recv(64).startswith(b"HTTP/1.")
    except OSError:
        return False


@contextmanager
def interpreter() -> Iterator[int]:
    """Yield a Python that has just started and does nothing."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        time.sleep(1.0)
        try:
            yield process.pid
        finally:
            process.kill()


@contextmanager
def waiting(running: Appliance, clients: int) -> Iterator[None]:
    """Have clients wait for an event that does not come meanwhile."""
    with ExitStack() as stack:
        for _ in range(clients):
            each = stack.enter_context(socket.create_connection(("127.0.0.1", running.port)))
            each.sendall(b"GET /v1/json/events?sinceId=999999999&timeout=50 HTTP/1.1\r\nHost: edge\r\n\r\n")
        until("all wait", lambda: waiting_clients(running.port) >= clients)
        yield


def waiting_clients(port: int) -> int:
    """Return how many clients wait, by /metrics."""
    with socket.create_connection(("127.0.0.1", port)) as connection, connection.makefile("rb") as answer:
        connection.sendall(b"GET /metrics HTTP/1.0\r\nHost: edge\r\n\r\n")
        found = re.search(rb"^edge_waiting_clients (\d+)", answer.read(), re.MULTILINE)
        return int(found[1]) if found else 0


def above(what: str, pid: int, bare: int) -> list[str]:
    """Return a row with a process's memory above that of the bare interpreter."""
    (rss, pss), (bare_rss, bare_pss) = memory_mb(pid), memory_mb(bare)
    return [what, f"{rss - bare_rss:.1f} MB RSS, {pss - bare_pss:.1f} MB PSS"]


def written(pid: int) -> int:
    """Return the bytes that a process has handed to the disk."""
    return int(psutil.Process(pid).io_counters().write_bytes)


def last_event(running: Appliance) -> int:
    """Return the newest event's id."""
    events = running.get("/v1/json/events?limit=1&order=DESC")
    return int(events[0]["event_id"]) if events else 0
