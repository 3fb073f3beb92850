"""Sums made over a real log and outbox, on a clock that is moved by hand through any night."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path

from edge.health import Health
from edge.model.event import Event
from edge.outputs.webhooks.subscription import subscriptions
from edge.outputs.webhooks.sums import SumMaker
from edge.outputs.webhooks.watch import LOOK_S, Watch
from edge.settings import ChannelSettings, DemoSettings, LineSettings, Settings, SourceSettings, WebhookSettings
from edge.settings.ids import with_ids
from edge.store.deliveries import Deliveries, DeliveryState
from edge.store.event_log import EventLog
from edge.store.outbox import Outbox
from edge.store.sum_rows import SumRows
from tests.support.clock import HandClock
from tests.support.events import CHANNEL, RULE, new_log
from tests.support.hooks import DEVICE
from tests.support.typed import AggregateHook

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
GATE = ChannelSettings(
    name="Gate",
    id=CHANNEL,
    source=SourceSettings(demo=DemoSettings()),
    rules=(
        LineSettings(line="Line 1", points=((0.5, 0.2), (0.5, 0.9)), id=RULE),
        LineSettings(line="Line 2", points=((0.7, 0.2), (0.7, 0.9)), id="line-2"),
    ),
)
HOURLY = WebhookSettings(url="http://192.0.2.7/hourly", when="hourly")
DAILY = WebhookSettings(url="http://192.0.2.7/daily", when="daily")


def us(text: str) -> int:
    """Return an ISO time with its offset in microseconds UTC."""
    return (datetime.fromisoformat(text) - EPOCH) // timedelta(microseconds=1)


@dataclass
class Ledger:
    """A log, an outbox and what makes sums of the one into the other; `settings` may be put anew."""

    settings: Settings
    log: EventLog
    outbox: Outbox
    deliveries: Deliveries
    clock: HandClock
    health: Health
    maker: SumMaker
    watch: Watch

    def append(self, *events: Event) -> None:
        """Commit events with the time that the clock shows."""
        now_us = self.clock.now_us()
        self.log.append([replace(event, time_us=now_us) for event in events], now_us)
        assert self.log.flush(10)

    def pass_time(self, seconds: float, step_s: float = 60.0) -> None:
        """Let time pass, the maker awake all along."""
        while seconds > 0:
            step_s = min(step_s, seconds)
            self.clock.move(step_s)
            seconds -= step_s
            self.maker.close_due()

    def look(self, seconds: float, *, status: str = "ok", every: int = 1) -> None:
        """Let time pass with looks at the camera; while it is ok, each `every`-th finds a new picture."""
        for number in range(round(seconds / LOOK_S)):
            count = self.health.snapshot().channels[CHANNEL].frames if CHANNEL in self.health.snapshot().channels else 0
            fresh = status == "ok" and number % every == 0
            self.health.set_channel(CHANNEL, status=status, frames=count + fresh)
            self.clock.move(LOOK_S)
            self.watch.look()
            self.maker.close_due()

    def bodies(self) -> list[bytes]:
        """Return all bodies that wait, oldest first."""
        waiting = [each for each in self.deliveries.select(10_000) if each.state is DeliveryState.DUE]
        return [each.body for each in waiting[::-1]]

    def sums(self) -> list[AggregateHook]:
        """Return them parsed by a strict consumer."""
        return [AggregateHook.parse(body) for body in self.bodies()]

    def windows(self) -> list[tuple[str, str]]:
        """Return when each begins and ends, to the minute and with the offset."""
        return [(short(each.since_time), short(each.until_time)) for each in self.sums()]

    def counts(self) -> list[int]:
        """Return the number of events of each."""
        return [sum(row.event_count for row in each.event_type_aggregate) for each in self.sums()]


def short(moment: datetime) -> str:
    return moment.isoformat(timespec="minutes")


@contextmanager
def ledger(
    folder: Path,
    now: str,
    zone: tzinfo,
    *,
    hooks: Sequence[WebhookSettings] = (HOURLY,),
    channels: Sequence[ChannelSettings] = (GATE,),
    clock: HandClock | None = None,
    clock_wait_s: float = 0.0,
) -> Iterator[Ledger]:
    """A ledger whose clock shows `now`, begun with one look at what is due."""
    clock = clock or HandClock(us(now))
    health = Health()
    log = new_log(folder, clock, zone=zone, health=health)
    log.wait_for_clock(clock_wait_s)
    outbox = Outbox(folder, clock, health=health, newest_id=log.last_event_id)
    deliveries = Deliveries(outbox, 64)
    rows = SumRows(outbox, deliveries)
    outbox.open()
    for (_, channel_id), row in rows.load().items():
        log.seal(channel_id, row.since_us, row.until_us)
    log.open()
    watch = Watch(rows, clock, health)
    settings = with_ids(Settings(webhooks=tuple(hooks), channels=tuple(channels)))
    made: list[Ledger] = []
    maker = SumMaker(
        subscriptions(settings, DEVICE),
        lambda: made[0].settings.channels,
        log=log,
        rows=rows,
        watch=watch,
        clock=clock,
        zone=zone,
    )
    made.append(Ledger(settings, log, outbox, deliveries, clock, health, maker, watch))
    maker.close_due()
    try:
        yield made[0]
    finally:
        watch.save()
        outbox.close()
        log.close()
