"""`/metrics`: figures for Prometheus, in its text format 0.0.4 (written here: its library costs 13 MB)."""

import os
import platform
import threading
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from bottle import response

from edge import __version__
from edge.health import BrokerHealth, ChannelHealth, HealthSnapshot, ProgramHealth
from edge.model.event import StoredEvent
from edge.outputs.delivery_payload import receivers_json
from edge.outputs.payload import JsonObject
from edge.outputs.rest.context import RestContext, Route
from edge.outputs.tally import Tally
from edge.settings import ChannelSettings
from edge.store.database import FILE_NAME
from edge.store.query import EventQuery

MEDIA = "text/plain; version=0.0.4; charset=utf-8"
EventKey = tuple[str, str]

Labels = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Family:
    """One metric with its samples."""

    name: str
    kind: Literal["counter", "gauge"]
    text: str
    samples: Iterable[tuple[Labels, float]]


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


def render(families: Iterable[Family]) -> bytes:
    """Return the text of some metrics."""
    lines: list[str] = []
    for family in families:
        lines += [f"# HELP {family.name} {_escaped(family.text)}", f"# TYPE {family.name} {family.kind}"]
        lines += [f"{family.name}{_labels(labels)} {value:.17g}" for labels, value in family.samples]
    return ("\n".join(lines) + "\n").encode("utf-8", "replace")


def _labels(labels: Labels) -> str:
    if not labels:
        return ""
    return "{" + ",".join(f'{name}="{_escaped(value, quote=True)}"' for name, value in labels.items()) + "}"


def _escaped(text: str, *, quote: bool = False) -> str:
    text = text.replace("\\", "\\\\").replace("\n", "\\n")
    return text.replace('"', '\\"') if quote else text


def _event_key(stored: StoredEvent) -> EventKey:
    return stored.event.channel_id, stored.event.type.value


def _families(context: RestContext, events: Mapping[EventKey, int]) -> list[Family]:
    health = context.health.snapshot()
    channels = context.settings().channels
    return [
        *_device(context, health),
        *_channels(channels, health.channels),
        Family(
            "edge_events_total",
            "counter",
            "Events committed since these figures were first asked for.",
            [({"channel_id": channel_id, "type": kind}, count) for (channel_id, kind), count in events.items()],
        ),
        *_programs(health.programs),
        *_broker(health.broker),
        *_receivers(receivers_json(health.outputs, context.outbox, context.deliveries)),
        *_own(),
    ]


def _device(context: RestContext, health: HealthSnapshot) -> list[Family]:
    build = {"version": __version__, "python": platform.python_version()}
    workers = health.workers.items()
    return [
        Family("edge_build_info", "gauge", "Version of the program.", [(build, 1)]),
        Family("edge_healthy", "gauge", "1 where nothing is wrong with the device.", [({}, health.healthy)]),
        Family("edge_fault", "gauge", "Lasting faults by name.", [({"fault": name}, 1) for name in health.flags]),
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


def _channels(channels: Iterable[ChannelSettings], health: Mapping[str, ChannelHealth]) -> list[Family]:
    known = [(channel, health.get(channel.id, ChannelHealth())) for channel in channels if channel.enabled]
    rows = [({"channel_id": channel.id, "channel": channel.name}, state) for channel, state in known]

    def family(name: str, kind: Literal["counter", "gauge"], text: str, field: str) -> Family:
        return Family(name, kind, text, [(labels, float(getattr(state, field))) for labels, state in rows])

    return [
        Family(
            "edge_channel_status",
            "gauge",
            "1 for the status the channel has.",
            [({**labels, "status": state.status}, 1) for labels, state in rows],
        ),
        family("edge_channel_frames_total", "counter", "Pictures received.", "frames"),
        family("edge_channel_dropped_total", "counter", "Pictures passed over for a newer one.", "dropped"),
        family("edge_channel_analysed_total", "counter", "Pictures analysed.", "analysed"),
        family("edge_channel_reconnects_total", "counter", "Times the source was opened again.", "reconnects"),
        family("edge_channel_decode_errors_total", "counter", "Pictures that could not be decoded.", "decode_errors"),
        family("edge_channel_fps", "gauge", "Pictures per second over the last ten seconds.", "fps"),
        family("edge_channel_analysed_fps", "gauge", "Analysed pictures per second.", "analysed_fps"),
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
