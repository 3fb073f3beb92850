"""Clients that leave while they wait: how soon their threads are free, and whether memory grows over many such rounds.

By hand: `python -m tests.bench.abandoned_polls --clients N --rounds N --stack-kb N`.
"""

import argparse
import socket
import tempfile
import threading
import time
from pathlib import Path

import psutil

from edge.outputs.rest import server
from edge.settings import ApiSettings
from tests.bench.long_poll import rss_mb
from tests.support.calls import ask, eventually
from tests.support.rest import Device, event, serving

QUIET_S = 5.0


def main() -> None:
    """Print what is seen in each round."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--stack-kb", type=int, default=server.STACK_BYTES // 1024)
    args = parser.parse_args()
    server.STACK_BYTES = args.stack_kb * 1024
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(Path(folder), api=ApiSettings(host="127.0.0.1", port=0)) as made,
    ):
        print(f"{rss_mb():.1f} MB before")
        for _ in range(args.rounds):
            _round(made, args.clients)


def _round(device: Device, clients: int) -> None:
    log = device.context.log
    asked = _wait_all(device, clients)
    busy = psutil.Process().cpu_times()
    time.sleep(QUIET_S)
    now = psutil.Process().cpu_times()
    cpu = (now.user + now.system - busy.user - busy.system) / QUIET_S
    threads, memory = threading.active_count(), rss_mb()
    for each in asked:
        each.close()
    left_s = time.monotonic()
    eventually(lambda: log.waiting() == 0)
    freed_s = time.monotonic() - left_s
    answered = _wait_all(device, clients)
    device.commit(event())
    for each in answered:
        each.recv(65536)
        each.close()
    print(
        f"{clients} waiting: {cpu:.1%} of a core, {threads} threads, {memory:.1f} MB; "
        f"left: free after {freed_s:.1f} s; answered as many more: {rss_mb():.1f} MB"
    )


def _wait_all(device: Device, clients: int) -> list[socket.socket]:
    last = device.context.log.last_event_id()
    asked = [ask(device.port, f"/v1/json/events?sinceId={last}&timeout=60") for _ in range(clients)]
    eventually(lambda: device.context.log.waiting() == clients)
    return asked


if __name__ == "__main__":
    main()
