"""Latency and memory of long polls, with clients that drip bytes beside.

The clients are one process with one thread, the dripping ones another; the server runs in this process with the real
event log. Times are from `EventLog.append`, shortly before the commit, to the last byte of each answer; the 20 ms in
which the log gathers further events count in them.
"""

import argparse
import json
import selectors
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

from edge.settings import ApiSettings
from tests.bench.table import Table
from tests.support.rest import Device, event, serving

TIMEOUT_S = 60


def run(*, quick: bool) -> Table:
    """Measure with 200 and 1,000 clients, without and with 150 that drip."""
    events = 3 if quick else 7
    rows = [measure(clients, drippers, events) for clients in (200, 1000) for drippers in (0, 150)]
    return Table(
        "Long polls: how soon waiting clients have an event, and what they take",
        ("clients", "dripping clients", "first", "median", "last", "memory above none"),
        rows,
        (
            f"loopback; time from append to the last byte of each answer, median of {events} events",
            "bounds: 200 clients 100 ms, 1,000 clients 500 ms, and 150 dripping clients change neither",
        ),
    )


def main() -> None:
    """Be one of the client processes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--role", choices=("waiters", "drippers"), required=True)
    parser.add_argument("--clients", type=int, default=0)
    parser.add_argument("--drippers", type=int, default=0)
    parser.add_argument("--port", type=int, required=True)
    args = parser.parse_args()
    if args.role == "waiters":
        wait_for_events(args.port, args.clients)
    else:
        drip(args.port, args.drippers)


def measure(clients: int, drippers: int, events: int) -> list[str]:
    """Return one row: latencies over several events, and the memory."""
    api = ApiSettings(host="127.0.0.1", port=0)
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder), api=api) as device:
        rss_before = rss_mb()
        others = [_start("drippers", device.port, 0, drippers)] if drippers else []
        waiters = _start("waiters", device.port, clients, 0)
        try:
            times_ms = _measure_events(device, waiters, clients, events)
            grown_mb = rss_mb() - rss_before
        finally:
            for process in (waiters, *others):
                process.kill()
                process.wait()
    shown = (times_ms[0], statistics.median(times_ms), times_ms[-1])
    return [f"{clients:,}", str(drippers), *(f"{each:.0f} ms" for each in shown), f"{grown_mb:.1f} MB"]


def _measure_events(device: Device, waiters: "subprocess.Popen[str]", clients: int, events: int) -> list[float]:
    """Return the clients' times in order, each the median over the events, in ms."""
    assert waiters.stdin is not None
    assert waiters.stdout is not None
    rows: list[list[float]] = []
    for number in range(events):
        waiters.stdin.write(f"{device.context.log.last_event_id()}\n")
        waiters.stdin.flush()
        waiters.stdout.readline()
        while device.context.log.waiting() < clients:
            time.sleep(0.05)
        time.sleep(0.5)
        appended = time.monotonic()
        device.commit(event(object_id=number))
        rows.append([(each - appended) * 1000 for each in sorted(json.loads(waiters.stdout.readline()))])
    return [statistics.median(column) for column in zip(*rows, strict=True)]


def _start(role: str, port: int, clients: int, drippers: int) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "tests.bench.long_poll", "--role", role, "--port", str(port)]
    command += ["--clients", str(clients), "--drippers", str(drippers)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def rss_mb() -> float:
    """Return this process's resident memory in MB."""
    return float(psutil.Process().memory_info().rss / 1e6)


def wait_for_events(port: int, clients: int) -> None:
    """Ask with every client for what comes after the id read from standard input; print when each had its answer."""
    sockets = [socket.create_connection(("127.0.0.1", port)) for _ in range(clients)]
    selector = selectors.DefaultSelector()
    for each in sockets:
        selector.register(each, selectors.EVENT_READ)
    for line in sys.stdin:
        target = f"/v1/json/events?sinceId={int(line)}&timeout={TIMEOUT_S}"
        for each in sockets:
            each.sendall(f"GET {target} HTTP/1.1\r\nHost: edge\r\n\r\n".encode())
        print("asked", flush=True)
        times: list[float] = []
        while len(times) < clients:
            ready = selector.select()
            now = time.monotonic()
            for key, _ in ready:
                assert isinstance(key.fileobj, socket.socket)
                answer = key.fileobj.recv(65536)
                assert answer.startswith((b"HTTP/1.1 200", b"[")), answer[:200]
                if answer.endswith(b"]"):
                    times.append(now)
        print(json.dumps(times), flush=True)


def drip(port: int, drippers: int) -> None:
    """Send a request's header byte by byte on every connection, and begin anew where the server has had enough."""
    head = b"GET /v1/json/channels HTTP/1.1\r\nHost: edge\r\nX-Slow: " + b"x" * 4000
    places: dict[socket.socket, int] = {}
    while True:
        while len(places) < drippers:
            places[socket.create_connection(("127.0.0.1", port))] = 0
        for each, place in list(places.items()):
            try:
                each.send(head[place : place + 1])
            except OSError:
                each.close()
                del places[each]
            else:
                places[each] = place + 1
        time.sleep(0.3)


if __name__ == "__main__":
    main()
