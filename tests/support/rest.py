"""A REST server on a free port, over a real event log, for tests."""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

from edge.app.backup import subject_of
from edge.backup.desk import Desk
from edge.health import Health
from edge.model.clock import Clock
from edge.model.event import Event, EventType
from edge.model.scene import Origin
from edge.outputs.alarm.sound import Alarms
from edge.outputs.alarm.target import AlarmTarget
from edge.outputs.rest.app import all_routes
from edge.outputs.rest.context import RestContext
from edge.outputs.rest.guard import Limits
from edge.outputs.rest.server import RestServer
from edge.picture.board import Board
from edge.settings import ApiSettings, ChannelSettings, DemoSettings, RetentionSettings, Settings, SourceSettings
from edge.store.deliveries import Deliveries
from edge.store.event_log import EventLog
from edge.store.outbox import Outbox
from edge.store.tokens import Tokens
from edge.update.desk import UpdateDesk

CHANNEL = "ddbbe807-8560-4bc7-b04b-4b3b04c69339"
BERLIN = ZoneInfo("Europe/Berlin")
START_US = 1_780_000_000_000_000


@dataclass(slots=True)
class SettableClock:
    """A clock that stands where it is put; the monotonic one is real."""

    wall_us: int = START_US

    def now_us(self) -> int:
        return self.wall_us

    def monotonic_s(self) -> float:
        return time.monotonic()

    def synced(self) -> bool:
        return True

    def started_us(self) -> int:
        return self.wall_us - 1_000_000_000

    def boot(self) -> str:
        return "first"


@dataclass(slots=True)
class Device:
    """What a test works with; `settings` may be put anew, `targets` of test alarms added while the server runs.

    `restarted` is set where the program would end to be started anew.
    """

    context: RestContext
    clock: SettableClock
    port: int = 0
    settings: list[Settings] = field(default_factory=list)
    targets: list[AlarmTarget] = field(default_factory=list)
    restarted: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def commit(self, *events: Event) -> None:
        """Append events and wait until they are committed."""
        self.context.log.append(events, self.clock.now_us())
        assert self.context.log.flush(120.0)


def event(kind: EventType = EventType.OBJECT_APPEAR, **changes: object) -> Event:
    """Return an event of CHANNEL at START_US unless changed."""
    values: dict[str, object] = {
        "channel_id": CHANNEL,
        "channel_name": "Gate",
        "time_us": START_US,
        "stream_s": 1.877,
        "object_id": 1,
        "origin": Origin.PEDESTRIAN,
    }
    return Event(type=kind, **(values | changes))  # type: ignore[arg-type] # values by name, checked by the tests' own use


def demo_channel(name: str = "Gate", channel_id: str = CHANNEL) -> ChannelSettings:
    """Return a channel with the built-in scene."""
    return ChannelSettings(name=name, id=channel_id, source=SourceSettings(demo=DemoSettings()))


def context_of(log: EventLog, outbox: Outbox, clock: Clock, folder: Path, zone: tzinfo) -> RestContext:
    """Return what the API needs, over a log that is there already, with settings that say nothing."""
    return RestContext(
        settings=Settings,
        log=log,
        outbox=outbox,
        deliveries=Deliveries(outbox, 64),
        board=Board(),
        health=Health(),
        tokens=Tokens(folder / "tokens.json"),
        clock=clock,
        device_id="0123456789ab",
        timezone=zone,
        alarms=Alarms(Settings, lambda _: (), clock),
    )


@contextmanager
def resting(
    folder: Path,
    *,
    api: ApiSettings | None = None,
    channels: Sequence[ChannelSettings] = (),
    zone: tzinfo = UTC,
    wall_us: int = START_US,
) -> Iterator[Device]:
    """Yield the parts behind the API, where nothing runs: `commit` and `flush` write at once."""
    clock = SettableClock(wall_us)
    health = Health()
    log = EventLog(folder, clock, timezone=zone, retention=RetentionSettings(), health=health)
    outbox = Outbox(folder, clock, health=health, newest_id=log.last_event_id)
    log.open()
    outbox.open()
    targets: list[AlarmTarget] = []
    settings = [Settings(api=api or ApiSettings(), channels=tuple(channels))]
    restarted = threading.Event()
    (folder / "device-id").write_text("0123456789ab\n")
    file = folder / "etc" / "edge.yaml"
    file.parent.mkdir(exist_ok=True)
    file.write_text(f"state_dir: {folder}\n")
    context = replace(
        context_of(log, outbox, clock, folder, zone),
        settings=lambda: settings[-1],
        health=health,
        alarms=Alarms(lambda: settings[-1], lambda _: targets, clock),
        desk=Desk(file, folder, lambda: subject_of(file), restarted.set),
    )
    try:
        yield Device(context, clock, settings=settings, targets=targets, restarted=restarted)
    finally:
        outbox.close()
        log.close()


@contextmanager
def device(folder: Path, *, api: ApiSettings, channels: Sequence[ChannelSettings], zone: tzinfo) -> Iterator[Device]:
    """Yield the parts behind the API with the store's worker running, but no server."""
    with resting(folder, api=api, channels=channels, zone=zone) as made:
        stop = threading.Event()
        store = threading.Thread(target=made.context.log.run, args=(stop, lambda: None))
        store.start()
        try:
            yield made
        finally:
            made.context.log.release_waiters()
            stop.set()
            store.join(30)


@contextmanager
def serving(
    folder: Path,
    *,
    api: ApiSettings | None = None,
    limits: Limits | None = None,
    channels: Sequence[ChannelSettings] = (),
    zone: tzinfo = UTC,
    updates: UpdateDesk | None = None,
) -> Iterator[Device]:
    """Yield a device whose API is served on a free port of 127.0.0.1."""
    api = api or ApiSettings(host="127.0.0.1", port=0)
    with device(folder, api=api, channels=channels or [demo_channel()], zone=zone) as made:
        if updates is not None:
            made.context = replace(made.context, updates=updates)
        server = RestServer(made.context, all_routes(made.context), limits=limits)
        stop = threading.Event()
        thread = threading.Thread(target=server.run, args=(stop, lambda: None))
        thread.start()
        try:
            made.port = server.address(10.0)[1]
            yield made
        finally:
            stop.set()
            thread.join(30)
            assert not thread.is_alive()
