"""What all outputs together cost while nothing happens: a device with them against one without."""

import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

import psutil

from tests.bench.table import Table
from tests.support.appliance import Appliance, appliance, until
from tests.support.broker import Broker, Listener
from tests.support.receivers import Receiver

CHANNELS = "  - {name: Gate, enabled: false, source: {file: {path: /nowhere.mp4}}}\n"
"""No camera: what it costs would hide the rest."""
SETTLE_S = 5.0


def all_outputs(broker: Broker, receivers: list[Receiver]) -> str:
    """Return settings with one of each, and a second webhook."""
    first, second, third = (receiver.url for receiver in receivers)
    return (
        f"mqtt: {{host: 127.0.0.1, port: {broker.port}, commands: true}}\nprograms: [{{command: [/bin/true]}}]\n"
        f"webhooks:\n  - {{url: '{first}'}}\n  - {{url: '{second}', events: [Sabotage]}}\n"
        f"  - {{url: '{third}', when: hourly}}\n"
    )


def used(running: Appliance) -> float:
    """Return the seconds of a core that the process has used."""
    times = psutil.Process(running.process.pid).cpu_times()
    return float(times.user + times.system)


def run(*, quick: bool) -> Table:
    """Measure both in turns, side by side in time, so that the machine is the same for them."""
    span_s = 15.0 if quick else 120.0
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        broker = stack.enter_context(Broker(folder / "broker"))
        listener = stack.enter_context(Listener(broker))
        sinks = [stack.enter_context(Receiver()) for _ in range(3)]
        devices = []
        for name, more in (("without", ""), ("with", all_outputs(broker, sinks))):
            (folder / name).mkdir()
            devices.append(stack.enter_context(appliance(folder / name, CHANNELS, more=more)))
            devices[-1].serve()
        until("the broker has it", lambda: any(each.payload == b"online" for each in listener.heard()))
        time.sleep(SETTLE_S)
        before = [used(each) for each in devices]
        time.sleep(span_s)
        without, together = ((used(each) - last) / span_s for each, last in zip(devices, before, strict=True))
    return Table(
        "All outputs while nothing happens",
        ("without outputs, of a core", "with all", "the outputs"),
        [[f"{without:.2%}", f"{together:.2%}", f"{together - without:.2%}"]],
        (
            "outputs: two webhooks, hourly sums, MQTT with commands, a program; REST runs in both, without clients",
            f"two devices side by side for {span_s:.0f} s, without a camera; bound: 0.5 %",
        ),
    )
