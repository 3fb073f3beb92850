"""The worker that makes sums: at each full hour and midnight one body for each channel and subscription."""

import logging
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo

import schedule

from edge.model.clock import Clock
from edge.model.event import NO_RULE, EventType
from edge.outputs.payload import offset_time
from edge.outputs.webhooks.due import Now, is_due, next_window, settled
from edge.outputs.webhooks.payload import RuleSum, Span, Sums, sums_body
from edge.outputs.webhooks.subscription import Subscription
from edge.outputs.webhooks.watch import LOOK_S, Watch
from edge.settings import ChannelSettings, LineSettings
from edge.store.deliveries import Delivery
from edge.store.event_log import EventLog
from edge.store.query import EventQuery, RuleTotal, TotalsQuery
from edge.store.sum_rows import Key, Summed, SumRows
from edge.store.windows import SECOND_US, plausible

CLOSE_S = 1
TICK_S = 0.25
FLUSH_S = 1.0
RECENT_US = 60 * SECOND_US
MOST_WINDOWS = 24
"""So many are made before the worker shows that it is alive."""

LOG = logging.getLogger("edge.webhooks")


@dataclass(frozen=True, slots=True)
class _Asked:
    """One channel's sums for one subscription; `channel` is None where the settings do not have it any more."""

    subscription: Subscription
    channel_id: str
    channel: ChannelSettings | None

    @property
    def key(self) -> Key:
        return self.subscription.reader, self.channel_id

    @property
    def silent(self) -> bool:
        """Tell whether a window without events is passed over: nobody expects news of this channel."""
        return self.channel is None or not self.channel.enabled


@dataclass(frozen=True, slots=True)
class _Counted:
    """What all channels had in one window."""

    types: Mapping[str, Mapping[EventType, int]]
    rules: Mapping[str, Sequence[RuleTotal]]


class SumMaker:
    """Makes sums for all subscriptions that want them and puts them into the outbox, where their workers find them.

    `schedule` only wakes it; what is due is asked of the rows each time, so it does not matter what the clock did, or
    for how long the power was off. `channels` gives those of the settings in force. `subscribed` does not follow them:
    while another takes a reader's place, windows are summed for one of the two.
    """

    name = "sums"

    def __init__(
        self,
        subscribed: Sequence[Subscription],
        channels: Callable[[], Sequence[ChannelSettings]],
        *,
        log: EventLog,
        rows: SumRows,
        watch: Watch,
        clock: Clock,
        zone: tzinfo,
    ) -> None:
        self._subscribed = subscribed
        self._channels = channels
        self._log = log
        self._rows = rows
        self._watch = watch
        self._clock = clock
        self._zone = zone
        self._waited_s: float | None = None

    def run(self, stop: threading.Event, beat: Callable[[], None]) -> None:
        """Make what is due until told to stop. Raises StoreError."""
        jobs = self._jobs()
        while not stop.is_set():
            beat()
            jobs.run_pending()
            if (jobs.idle_seconds or 0.0) > LOOK_S + CLOSE_S:  # the clock was set back: it would sleep until then
                jobs = self._jobs()
            stop.wait(TICK_S)
        self._watch.save()

    def _jobs(self) -> schedule.Scheduler:
        jobs = schedule.Scheduler()
        jobs.every(CLOSE_S).seconds.do(self.close_due)
        jobs.every(LOOK_S).seconds.do(self._watch.look)
        return jobs

    def close_due(self) -> None:
        """Make the sums of all windows that are over, oldest first, up to a number of them; raises StoreError."""
        now_us, synced = self._clock.now_us(), self._clock.synced()
        if not self._log.time_settled():  # asked last: what was read before is of the same clock
            if self._waited_s is None:
                self._waited_s = self._clock.monotonic_s()
            return
        now = Now(now_us, synced, self._zone, now_us - self._waited_us())
        if not plausible(now.us):
            return
        self._waited_s = None
        for _ in range(MOST_WINDOWS):
            if not self._close_oldest(now):
                return

    def _waited_us(self) -> int:
        """Return for how long no sums were made, since the time was not known."""
        return 0 if self._waited_s is None else round((self._clock.monotonic_s() - self._waited_s) * SECOND_US)

    def _close_oldest(self, now: Now) -> bool:
        """Make the sums of the oldest window that is over, for all who ask for it; False where none is."""
        kept = self._rows.load()
        rows: dict[Key, Summed] = {}
        windows: dict[Span, list[_Asked]] = {}
        for asked in self._asked(kept):
            when = asked.subscription.settings.when
            rows[asked.key] = settled(kept.get(asked.key), when, now)
            window = next_window(rows[asked.key], when, self._zone)
            if is_due(window, now):
                windows.setdefault(window, []).append(asked)
        begun = {key: row for key, row in rows.items() if kept.get(key) != row}
        if begun and not self._rows.put(begun, ()):
            return False
        if not windows:
            return False
        window = min(windows, key=lambda each: (each.until_us, -each.since_us))
        return self._close(window, windows[window], rows, now)

    def _asked(self, kept: Mapping[Key, Summed]) -> Iterator[_Asked]:
        """Yield whose sums are asked for: channels in the order of the settings, then those that are gone."""
        channels = {channel.id: channel for channel in self._channels()}
        for each in self._subscribed:
            if each.immediate:
                continue
            gone = [channel_id for reader, channel_id in kept if reader == each.reader and channel_id not in channels]
            for channel_id in [*(name for name in channels if each.wants_channel(name)), *gone]:
                yield _Asked(each, channel_id, channels.get(channel_id))

    def _close(self, window: Span, asked: Sequence[_Asked], rows: Mapping[Key, Summed], now: Now) -> bool:
        if now.us - window.until_us < RECENT_US:
            self._log.flush(FLUSH_S)
        for each in asked:  # from here on no event falls into this window
            self._log.seal(each.channel_id, window.since_us, window.until_us)
        counted = self._count(window)
        made: list[Delivery] = []
        changes: dict[Key, Summed | None] = {}
        for each in asked:
            row = rows[each.key]
            changes[each.key] = Summed(row.since_us, window.until_us, row.sure and now.synced)
            if each.silent and not counted.types.get(each.channel_id):
                changes[each.key] = changes[each.key] if each.channel else None
                continue
            made.append(self._delivery(each, window, counted, sure=now.synced))
        done = self._rows.put(changes, made)
        if done and made:
            LOG.info("sums of %s for %d receivers and channels", offset_time(window.since_us, self._zone), len(made))
        return done

    def _count(self, window: Span) -> _Counted:
        query = TotalsQuery(since_us=window.since_us, until_us=window.until_us)
        types: dict[str, dict[EventType, int]] = {}
        for kind in self._log.totals_by_type(query):
            types.setdefault(kind.channel_id, {})[kind.type] = kind.type_count
        rules: dict[str, list[RuleTotal]] = {}
        for rule in self._log.totals_by_rule(query):
            rules.setdefault(rule.channel_id, []).append(rule)
        return _Counted(types, rules)

    def _delivery(self, asked: _Asked, window: Span, counted: _Counted, *, sure: bool) -> Delivery:
        hook = asked.subscription.settings
        name = asked.channel.name if asked.channel else self._last_name(asked.channel_id, window)
        sums = Sums(
            channel_id=asked.channel_id,
            channel_name=name,
            window=window,
            types=counted.types.get(asked.channel_id, {}),
            rules=rule_sums(asked.channel, counted.rules.get(asked.channel_id, ()), zero_rules=hook.zero_rules),
            sure=sure,
        )
        gaps = self._watch.gaps(asked.channel_id, window) if hook.extended else None
        until_s = window.until_us // SECOND_US
        return Delivery(
            reader=asked.subscription.reader,
            message_id=f"{asked.subscription.device_id}-{hook.when}-{asked.channel_id}-{until_s}",
            title=f"{hook.when} sums, {name}, {offset_time(window.since_us, self._zone)[:16].replace('T', ' ')}",
            body=sums_body(sums, self._zone, gaps),
            made_s=until_s,
            sure=sure,
        )

    def _last_name(self, channel_id: str, window: Span) -> str:
        """Return the last name of a channel that the settings do not have any more; it had events in this window."""
        query = EventQuery(channel_id, since_us=window.since_us, until_us=window.until_us, limit=1, newest_first=True)
        return next((stored.event.channel_name for stored in self._log.select(query)), "")


def rule_sums(channel: ChannelSettings | None, counted: Sequence[RuleTotal], *, zero_rules: bool) -> list[RuleSum]:
    """Return the rows of a channel's rules: those of the settings in their order, then deleted ones that had events."""
    counts = {row.rule_id: row for row in counted if row.rule_id != NO_RULE}
    rows = []
    for rule in channel.rules if channel else ():
        count = counts.pop(rule.id).rule_count if rule.id in counts else 0
        if count or zero_rules:
            rows.append(RuleSum(rule.id, rule.line if isinstance(rule, LineSettings) else rule.zone, count))
    return rows + [RuleSum(row.rule_id, row.rule_name, row.rule_count) for row in counts.values()]
