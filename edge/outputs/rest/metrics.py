"""`/metrics`: figures for Prometheus, in its text format 0.0.4 (written here: its library costs 13 MB)."""

import os
import platform
import threading
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Literal

from bottle import response

from edge import __version__
from edge.health import BrokerHealth, DiskHealth, HealthSnapshot, ProgramHealth
from edge.model.event import StoredEvent
from edge.outputs.delivery_payload import receivers_json
from edge.outputs.payload import JsonObject
from edge.outputs.rest.context import RestContext, Route
from edge.outputs.rest.metric import Family, render
from edge.outputs.rest.metrics_channels import channel_families
from edge.outputs.tally import Tally
from edge.store.database import FILE_NAME
from edge.store.query import EventQuery

MEDIA = "text/plain; version=0.0.4; charset=utf-8"
EventKey = tuple[str, str]


def routes(context: RestContext) -> list[Route]:
    """Return the call. Events are counted from its first use on: what a counter means is its growth."""
    tallies: list[Tally[EventKey]] = []
    lock = threading.Lock()

    def events() -> Mapping[EventKey, int]:
        with lock:
            if not tallies:
                start = EventQuery(since_id=context.log.last_event_id())
                tallies.append(Tally(context.log.select, start, _event_key))
        return tallies[0].counts()

    def answer() -> bytes:
        response.content_type = MEDIA
        response.headers["Cache-Control"] = "no-store"
        return render(_families(context, events()))

    return [Route("GET", "/metrics", answer)]


def _event_key(stored: StoredEvent) -> EventKey:
    return stored.event.channel_id, stored.event.type.value


def _families(context: RestContext, events: Mapping[EventKey, int]) -> list[Family]:
    health = context.health.snapshot()
    channels = context.settings().channels
    return [
        *_device(context, health),
        *channel_families(channels, health.channels, context.clock.monotonic_s()),
        Family(
            "edge_events_total",
            "counter",
            "Events committed since these figures were first asked for.",
            [({"channel_id": channel_id, "type": kind}, count) for (channel_id, kind), count in events.items()],
        ),
        *_programs(health.programs),
        *_broker(health.broker),
        *_receivers(receivers_json(health.outputs, context.outbox, context.deliveries)),
        *_disk(health.disk),
        *_own(),
    ]


def _device(context: RestContext, health: HealthSnapshot) -> list[Family]:
    build = {"version": __version__, "python": platform.python_version()}
    workers = health.workers.items()
    return [
        Family("edge_build_info", "gauge", "Version of the program.", [(build, 1)]),
        Family("edge_healthy", "gauge", "1 where nothing is wrong with the device.", [({}, health.healthy)]),
        Family("edge_fault", "gauge", "Lasting faults by name.", [({"fault": name}, 1) for name in health.flags]),
        Family(
            "edge_notice", "gauge", "What to know beside faults.", [({"notice": name}, 1) for name in health.notices]
        ),
        Family("edge_clock_synced", "gauge", "1 where the clock is known to be right.", [({}, context.clock.synced())]),
        Family(
            "edge_worker_running",
            "gauge",
            "1 where the worker runs.",
            [({"worker": name}, worker.running) for name, worker in workers],
        ),
        Family(
            "edge_worker_restarts_total",
            "counter",
            "How often the worker was started again.",
            [({"worker": name}, worker.restarts) for name, worker in workers],
        ),
        Family("edge_waiting_clients", "gauge", "Clients that wait for an event.", [({}, context.log.waiting())]),
        Family("edge_last_event_id", "gauge", "The newest event's id.", [({}, context.log.last_event_id())]),
        Family(
            "edge_store_bytes",
            "gauge",
            "Size of the event log on the disk, without its pictures.",
            [({}, _size(Path(context.settings().state_dir)))],
        ),
    ]


def _programs(programs: Mapping[int, ProgramHealth]) -> list[Family]:
    rows = [({"program": str(number), "command": each.command}, each) for number, each in sorted(programs.items())]
    ends = ("well", "failed", "timed_out", "not_started")
    return [
        Family(
            "edge_program_runs_total",
            "counter",
            "Runs of a program of the settings, by their end.",
            [({**labels, "end": end}, getattr(each, end)) for labels, each in rows for end in ends],
        ),
        Family(
            "edge_program_passed_over_total",
            "counter",
            "Events for which a program was not run, since it fell behind.",
            [(labels, each.passed_over) for labels, each in rows],
        ),
        Family(
            "edge_program_waiting",
            "gauge",
            "Events for which a program will be run.",
            [(labels, each.waiting) for labels, each in rows],
        ),
    ]


def _disk(disk: DiskHealth | None) -> list[Family]:
    if disk is None:
        return []
    label = {"disk": disk.name}
    return [
        Family(
            "edge_disk_written_bytes_per_day", "gauge", "Over the last day, by all.", [(label, disk.written_last_day)]
        ),
        Family("edge_disk_own_bytes_per_day", "gauge", "Over the last day, by edge.", [(label, disk.own_last_day)]),
        Family(
            "edge_disk_lasts_years", "gauge", "How long a card bears that, cautiously.", [(label, disk.lasts_years)]
        ),
    ]


def _broker(broker: BrokerHealth | None) -> list[Family]:
    if broker is None:
        return []
    return [
        Family("edge_mqtt_connected", "gauge", "1 where the MQTT broker is connected.", [({}, broker.connected)]),
        Family("edge_mqtt_behind", "gauge", "Events that the broker has not acknowledged.", [({}, broker.behind)]),
        Family("edge_mqtt_published_total", "counter", "Messages that the broker took.", [({}, broker.published)]),
        Family("edge_mqtt_refused_total", "counter", "Messages that the broker refused.", [({}, broker.refused)]),
    ]


def _receivers(receivers: Iterable[JsonObject]) -> list[Family]:
    rows = [({"receiver": str(each["name"])}, each) for each in receivers]

    def family(name: str, kind: Literal["counter", "gauge"], text: str, key: str) -> Family:
        return Family(name, kind, text, [(labels, float(str(each[key]))) for labels, each in rows])

    return [
        Family(
            "edge_deliveries_failing",
            "gauge",
            "1 where a receiver does not take what it is sent.",
            [(labels, each["status"] != "ok") for labels, each in rows],
        ),
        family("edge_deliveries_total", "counter", "Events and sums that were delivered.", "delivered"),
        family("edge_deliveries_attempts_failed_total", "counter", "Attempts that failed.", "failed_attempts"),
        family("edge_deliveries_last_event_id", "gauge", "The last event a receiver is done with.", "last_event_id"),
        family("edge_deliveries_waiting", "gauge", "Sums that wait.", "waiting"),
        family("edge_deliveries_dead", "gauge", "Dead letters.", "dead"),
        family("edge_deliveries_given_up", "gauge", "Events and sums that will never be delivered.", "given_up"),
    ]


def _own() -> list[Family]:
    page = os.sysconf("SC_PAGE_SIZE")
    resident = int(Path("/proc/self/statm").read_text().split()[1]) * page
    return [
        Family("process_resident_memory_bytes", "gauge", "Memory in use.", [({}, resident)]),
        Family("process_cpu_seconds_total", "counter", "Processor time used.", [({}, time.process_time())]),
        Family("process_start_time_seconds", "gauge", "When the program started.", [({}, _start_s())]),
        Family("process_threads", "gauge", "Threads.", [({}, threading.active_count())]),
        Family("process_open_fds", "gauge", "Open files.", [({}, len(list(Path("/proc/self/fd").iterdir())))]),
    ]


def _start_s() -> float:
    """Return when this program started: seconds since 1970."""
    ticks = int(Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19])
    age_s = time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")
    return time.time() - age_s


def _size(folder: Path) -> int:
    """Return the size of the event log's files; one that goes away meanwhile does not count."""
    total = 0
    for path in folder.glob(f"{FILE_NAME}*"):
        with suppress(FileNotFoundError):
            total += path.stat().st_size
    return total
