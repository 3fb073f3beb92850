"""The state of every worker and channel in one place: for /healthz, /metrics, the status page and the watchdog."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from edge.model.calibration import Calibration


@dataclass(frozen=True, slots=True)
class ChannelHealth:
    """How one channel is doing. Rates are means over the last ten seconds.

    `fps` are the pictures that were decoded, `skipped_fps` those that were not since decoding was behind,
    `analysed_fps` those that were looked at; what is wanted stands in the settings. `dropped` were decoded and passed
    over for a newer one. `bytes_per_s` is video alone. `last_frame_s` is on the monotonic clock, 0 before the first.

    `calibration` is what has been learnt of its scale; None where nothing is learnt, since its settings have rulers.
    """

    status: str = "starting"
    detail: str = ""
    width: int = 0
    height: int = 0
    fps: float = 0.0
    skipped_fps: float = 0.0
    analysed_fps: float = 0.0
    frames: int = 0
    analysed: int = 0
    dropped: int = 0
    skipped: int = 0
    received_bytes: int = 0
    bytes_per_s: int = 0
    reconnects: int = 0
    decode_errors: int = 0
    last_frame_s: float = 0.0
    calibration: Calibration | None = None
    profile_name: str = ""
    profile_token: str = ""

    @property
    def left_out(self) -> int:
        """How many pictures were left out because of load."""
        return self.dropped + self.skipped


@dataclass(frozen=True, slots=True)
class WorkerHealth:
    """How one worker is doing. `finished`: it has done all it had to; `advanced_s` is on the monotonic clock."""

    running: bool = False
    finished: bool = False
    advanced_s: float = 0.0
    restarts: int = 0
    error: str = ""


@dataclass(frozen=True, slots=True)
class ProgramHealth:
    """How one program of the settings is doing: how often it was run since the start, and with what end.

    `command` is its file's name. `passed_over` counts events for which it was not run since it fell behind; `waiting`
    are those for which it will be.
    """

    command: str = ""
    well: int = 0
    failed: int = 0
    timed_out: int = 0
    not_started: int = 0
    passed_over: int = 0
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class BrokerHealth:
    """How the connection to the MQTT broker is. `detail` is what is wrong, in words; empty while nothing is.

    `behind` events are not acknowledged yet; `published` messages were, since the program started, `refused` were not
    taken.
    """

    connected: bool = False
    detail: str = ""
    behind: int = 0
    published: int = 0
    refused: int = 0


@dataclass(frozen=True, slots=True)
class OutputHealth:
    """How one receiver of events is doing, since the start. `address` is what people may see of it.

    `status` is `ok`, or `retrying` while a delivery fails, with the reason in `detail`.
    """

    address: str = ""
    status: str = "ok"
    detail: str = ""
    delivered: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True)
class DiskHealth:
    """What is written to the disk, or card, that the state lies on, in bytes a day.

    `written_a_day` is since the start of the machine, the others are over the last day that was measured; `own` is of
    that by this program. `lasts_years` is a cautious estimate for a card.
    """

    name: str = ""
    size_bytes: int = 0
    written_a_day: int = 0
    written_last_day: int = 0
    own_last_day: int = 0
    lasts_years: float = 0.0


@dataclass(frozen=True, slots=True)
class HttpsHealth:
    """What HTTPS is served with: the port, and the SHA-256 of the certificate that was seen there."""

    port: int = 0
    fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class HealthSnapshot:
    """Everything at one moment. `flags` are lasting faults by name, each with a text that says what to do.

    `notices` are what people should know although nothing is at fault, in the same form.
    Programs stand under their numbers in the settings, from 1. `broker` is None where there is no MQTT,
    `disk` where it is not known, `https` where it is not asked for or not served.
    """

    channels: Mapping[str, ChannelHealth] = field(default_factory=dict)
    workers: Mapping[str, WorkerHealth] = field(default_factory=dict)
    flags: Mapping[str, str] = field(default_factory=dict)
    notices: Mapping[str, str] = field(default_factory=dict)
    programs: Mapping[int, ProgramHealth] = field(default_factory=dict)
    broker: BrokerHealth | None = None
    outputs: Mapping[str, OutputHealth] = field(default_factory=dict)
    disk: DiskHealth | None = None
    https: HttpsHealth | None = None

    @property
    def healthy(self) -> bool:
        """Tell whether nothing is wrong with the device itself; a lost camera is the channel's status, not ours."""
        return not self.flags and all(worker.running or worker.finished for worker in self.workers.values())


class Health:
    """Where workers say how they are; safe from every thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._channels: dict[str, ChannelHealth] = {}
        self._workers: dict[str, WorkerHealth] = {}
        self._flags: dict[str, str] = {}
        self._notices: dict[str, str] = {}
        self._programs: dict[int, ProgramHealth] = {}
        self._broker: BrokerHealth | None = None
        self._outputs: dict[str, OutputHealth] = {}
        self._disk: DiskHealth | None = None
        self._https: HttpsHealth | None = None

    def failing_workers(self) -> list[str]:
        """Return the names of workers that do not run although they are not done."""
        with self._lock:
            return [name for name, each in self._workers.items() if not (each.running or each.finished)]

    def snapshot(self) -> HealthSnapshot:
        """Return everything as it is now."""
        with self._lock:
            return HealthSnapshot(
                channels=dict(self._channels),
                workers=dict(self._workers),
                flags=dict(self._flags),
                notices=dict(self._notices),
                programs=dict(self._programs),
                broker=self._broker,
                outputs=dict(self._outputs),
                disk=self._disk,
                https=self._https,
            )

    def set_channel(self, channel_id: str, **changes: str | float | Calibration | None) -> None:
        """Change some values of a channel, by the field names of ChannelHealth."""
        with self._lock:
            self._channels[channel_id] = replace(self._channels.get(channel_id, ChannelHealth()), **changes)  # type: ignore[arg-type]

    def turn_status(self, channel_id: str, was: str, now: str, detail: str) -> bool:
        """Change a channel's status where it still is `was`; False, and nothing changed, where it is another."""
        with self._lock:
            known = self._channels.get(channel_id)
            if known is None or known.status != was:
                return False
            self._channels[channel_id] = replace(known, status=now, detail=detail)
            return True

    def remove_channel(self, channel_id: str) -> None:
        """Forget a channel."""
        with self._lock:
            self._channels.pop(channel_id, None)

    def set_worker(self, name: str, worker: WorkerHealth) -> None:
        """Put a worker's state."""
        with self._lock:
            self._workers[name] = worker

    def remove_worker(self, name: str) -> None:
        """Forget a worker."""
        with self._lock:
            self._workers.pop(name, None)

    def set_program(self, number: int, program: ProgramHealth) -> None:
        """Put a program's state."""
        with self._lock:
            self._programs[number] = program

    def remove_program(self, number: int) -> None:
        """Forget a program."""
        with self._lock:
            self._programs.pop(number, None)

    def set_broker(self, broker: BrokerHealth | None) -> None:
        """Put how the MQTT broker is; None where there is none any more."""
        with self._lock:
            self._broker = broker

    def set_disk(self, disk: DiskHealth | None) -> None:
        """Put what is written to the disk; None where that is not known."""
        with self._lock:
            self._disk = disk

    def set_https(self, https: HttpsHealth | None) -> None:
        """Put what HTTPS is served with; None where it is not."""
        with self._lock:
            self._https = https

    def set_output(self, name: str, output: OutputHealth) -> None:
        """Put the state of a receiver, by its worker's name."""
        with self._lock:
            self._outputs[name] = output

    def remove_output(self, name: str) -> None:
        """Forget a receiver."""
        with self._lock:
            self._outputs.pop(name, None)

    def raise_flag(self, name: str, text: str) -> None:
        """Report a lasting fault; the text says what to do."""
        with self._lock:
            self._flags[name] = text

    def clear_flag(self, name: str) -> None:
        """Take a fault back."""
        with self._lock:
            self._flags.pop(name, None)

    def set_notice(self, name: str, text: str) -> None:
        """Tell what people should know although nothing is at fault; an empty text takes it back."""
        with self._lock:
            if text:
                self._notices[name] = text
            else:
                self._notices.pop(name, None)
