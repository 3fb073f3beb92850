"""Latency and memory of long polls: `python -m tests.bench.long_poll --clients N --drippers N`.

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
from tests.support.rest import Device, event, serving

TIMEOUT_S = 60


def main() -> None:
    """Measure, or be one of the client processes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=1000)
    parser.add_argument("--drippers", type=int, default=0)
    parser.add_argument("--events", type=int, default=7)
    parser.add_argument("--role", choices=("server", "waiters", "drippers"), default="server")
    parser.add_argument("--port", type=int, default=0)
    args = parser.parse_args()
    if args.role == "waiters":
        wait_for_events(args.port, args.clients)
    elif args.role == "drippers":
        drip(args.port, args.drippers)
    else:
        measure(args.clients, args.drippers, args.events)


def measure(clients: int, drippers: int, events: int) -> None:
    """Print the latencies over several events, and the memory."""
    api = ApiSettings(host="127.0.0.1", port=0)
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder), api=api) as device:
        rss_before = rss_mb()
        others = [_start("drippers", device.port, 0, drippers)] if drippers else []
        waiters = _start("waiters", device.port, clients, 0)
        try:
            _measure_events(device, waiters, clients, events)
            print(f"memory: {rss_before:.1f} MB before, {rss_mb():.1f} MB with {clients} clients")
        finally:
            for process in (waiters, *others):
                process.kill()
                process.wait()


def _measure_events(device: Device, waiters: "subprocess.Popen[str]", clients: int, events: int) -> None:
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
        committed = time.monotonic()
        times = sorted(json.loads(waiters.stdout.readline()))
        rows.append([(each - appended) * 1000 for each in times])
        print(f"flushed after {(committed - appended) * 1000:.1f} ms; answered: {_summary(rows[-1])}")
    middle = [statistics.median(column) for column in zip(*rows, strict=True)]
    print(f"{clients} clients, median over {events} events: {_summary(middle)}")


def _summary(times_ms: list[float]) -> str:
    return f"first {times_ms[0]:.1f}, median {statistics.median(times_ms):.1f}, last {times_ms[-1]:.1f} ms"


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
