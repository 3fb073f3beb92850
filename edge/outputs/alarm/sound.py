"""Sends a test alarm to all its targets at once and reports what came of it; nothing of it is ever in the event log."""

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from edge.model.clock import Clock
from edge.model.event import Event
from edge.outputs.alarm.subject import AlarmRefused, find_subject
from edge.outputs.alarm.target import AlarmTarget, Outcome
from edge.outputs.payload import JsonObject
from edge.settings import Settings

LOG = logging.getLogger("edge.alarm")
SEND_S = 5.0
"""How long one target has in all."""
GRACE_S = 0.5
"""So long after that the report is made, whoever has not answered by then: it is there within 6 s."""

Targets = Callable[[Settings], Sequence[AlarmTarget]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is to be tested: a rule or channel by id or name; `channel` and `target` choose among several."""

    rule: str
    channel: str = ""
    target: str = ""


class Alarms:
    """Sends test alarms, one call at a time. `targets` gives all receivers that some settings name."""

    def __init__(
        self, settings: Callable[[], Settings], targets: Targets, clock: Clock, *, send_s: float = SEND_S
    ) -> None:
        self._settings = settings
        self._targets = targets
        self._clock = clock
        self._send_s = send_s
        self._busy = threading.Lock()
        self._hanging: list[threading.Thread] = []

    def sound(self, asked: Asked) -> JsonObject:
        """Send the test, wait for the answers and return the report, within 6 s.

        Raises AlarmRefused where the rule or target is not known, and where another test is on its way.
        """
        if not self._busy.acquire(blocking=False):
            raise AlarmRefused("another test alarm is on its way; try again in some seconds")
        try:
            return self._sound(asked)
        finally:
            self._busy.release()

    def _sound(self, asked: Asked) -> JsonObject:
        settings = self._settings()
        subject = find_subject(settings, asked.rule, asked.channel)
        events = subject.events(self._clock.now_us())
        self._hanging = [thread for thread in self._hanging if thread.is_alive()]
        if self._hanging:
            raise AlarmRefused("a target still holds the test alarm before this one; try again in a minute")
        attempts = list(self._attempts(self._targets(settings), events, asked.target))
        self._wait_for(attempts)
        channel = subject.channel
        LOG.info("test alarm of %s, %s: %s", channel.name, subject.rule_name, "; ".join(map(str, attempts)) or "nobody")
        return {
            "channel_id": channel.id,
            "channel_name": channel.name,
            "rule_id": subject.rule_id,
            "rule_name": subject.rule_name,
            "targets": [attempt.report() for attempt in attempts],
        }

    def _wait_for(self, attempts: Sequence["_Attempt"]) -> None:
        end_s = time.monotonic() + self._send_s + GRACE_S
        for attempt in attempts:
            attempt.thread.start()
        for attempt in attempts:
            attempt.thread.join(max(0.0, end_s - time.monotonic()))
        self._hanging = [attempt.thread for attempt in attempts if attempt.thread.is_alive()]

    def _attempts(self, targets: Sequence[AlarmTarget], events: Sequence[Event], name: str) -> Iterator["_Attempt"]:
        """Yield one attempt for each target that would get one of the events; with `name`, for that one only."""
        named = [target for target in targets if name in ("", target.name)]
        if name and not named:
            known = ", ".join(target.name for target in targets) or "none"
            raise AlarmRefused(f"there is no target {name!r}; there are: {known}", "target")
        for target in named:
            event = next((event for event in events if target.wants(event)), None)
            if event is not None:
                yield _Attempt(target, event, self._send_s)
            elif name:
                text = f"{name} gets no events of this rule: its settings leave them out (sums have no test)"
                raise AlarmRefused(text, "target")


class _Attempt:
    """One target's test, on a thread of its own: one that hangs keeps no other waiting."""

    def __init__(self, target: AlarmTarget, event: Event, send_s: float) -> None:
        self._target = target
        self._event = event
        self._send_s = send_s
        self._outcome = Outcome(delivered=False, text=f"no answer within {send_s:g} s")
        self._took_s = send_s
        self.thread = threading.Thread(target=self._run, name=f"test:{target.name}", daemon=True)

    def __str__(self) -> str:
        return f"{self._target.name} {self._outcome.text}"

    def report(self) -> JsonObject:
        """Return what the caller is told of this target; `http_status` is absent where there is none."""
        outcome = self._outcome
        body: JsonObject = {
            "target": self._target.name,
            "address": self._target.address,
            "event_type": self._event.type.value,
            "delivered": outcome.delivered,
            "text": outcome.text,
            "seconds": round(self._took_s, 3),
        }
        return body if outcome.http_status is None else body | {"http_status": outcome.http_status}

    def _run(self) -> None:
        began_s = time.monotonic()
        outcome = Outcome(delivered=False, text="failed in a way that was not foreseen; the device's log has it")
        try:
            outcome = self._target.send(self._event, self._send_s)
        finally:
            self._took_s, self._outcome = time.monotonic() - began_s, outcome
