"""The sender of one URL: one delivery after the other, each until it is done with."""

import logging
import random
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace

from edge.health import Health, OutputHealth
from edge.model.clock import Clock
from edge.outputs.webhooks.exchange import Request
from edge.outputs.webhooks.post import ATTEMPT_S, Answer, Poster, Verdict
from edge.outputs.webhooks.signature import SecretError
from edge.outputs.webhooks.stream import Stream
from edge.outputs.webhooks.subscription import Subscription
from edge.store.deliveries import NO_EVENT, TOO_OLD, Deliveries, Delivery
from edge.store.outbox import Outbox
from edge.store.windows import plausible

WAIT_S = 2.0
TICK_S = 0.1
DISK_S = 1.0
FIRST_BACKOFF_S = 2.0
LONGEST_BACKOFF_S = 900.0
SHORTEST_BACKOFF_S = 0.2
WAITING = "waits until the device knows the time (device.clock_wait_s)"
_HOUR_S = 3600
_SECOND_US = 1_000_000

LOG = logging.getLogger("edge.webhooks")


class WebhookWorker:
    """Sends what its stream gives to its URL, in order.

    What fails is tried again after a growing wait, drawn at random between nothing and its bound so that many devices
    do not come back at once. It holds all that comes after it, until it is delivered, refused or too old.
    """

    def __init__(
        self,
        subscription: Subscription,
        stream: Stream,
        poster: Poster,
        *,
        outbox: Outbox,
        deliveries: Deliveries,
        clock: Clock,
        health: Health,
        dice: random.Random | None = None,
    ) -> None:
        self.name = subscription.reader
        self._subscription = subscription
        self._retry = subscription.settings.retry
        self._stream = stream
        self._poster = poster
        self._outbox = outbox
        self._deliveries = deliveries
        self._clock = clock
        self._health = health
        self._dice = dice or random.Random()  # noqa: S311 - spreads retries, protects nothing
        self._figures = OutputHealth(address=subscription.shown)
        self._failures = 0
        self._due_s = 0.0
        self._again = False
        self._head: tuple[int, int] | None = None
        self._beat: Callable[[], None] = lambda: None

    def run(self, stop: threading.Event, beat: Callable[[], None]) -> None:
        """Send until told to stop; an attempt that is under way then is ended first. Raises StoreError."""
        self._stream.open()
        self._failures = self._outbox.state(self.name).attempts
        self._due_s = 0.0
        self._beat = beat
        self._show()
        while not stop.is_set():
            beat()
            self._turn(stop)

    def _turn(self, stop: threading.Event) -> None:
        """Take one step: send what somebody wants sent again, and what is next, in turns; else wait a moment."""
        after_again = self._again
        wanted = None if after_again else self._deliveries.again(self.name)
        self._again = wanted is not None
        if wanted is not None:
            self._send_again(wanted, stop)
            return
        if not self._time_is_known(0.0 if after_again else WAIT_S):
            return
        head = self._stream.head(0.0 if after_again else WAIT_S)
        if head is None:
            return
        if self._failures and self._is_new(head) and self._too_old(head):
            self._bury(replace(head, problem=self._age_text("not tried")), stop, given_up=True)
        elif self._due_s > self._clock.monotonic_s():
            stop.wait(0.0 if after_again else TICK_S)
        else:
            self._send(head, stop)

    def _time_is_known(self, wait_s: float) -> bool:
        """Tell whether what is due may go; while the clock may still be set right, it waits, and says so."""
        known = self._stream.ready(wait_s)
        if known is (self._figures.status == "waiting"):
            status, detail = ("ok", "") if known else ("waiting", WAITING)
            self._figures = replace(self._figures, status=status, detail=detail)
            self._show()
        return known

    def _is_new(self, head: Delivery) -> bool:
        """Tell, once, whether a delivery has become the head: its age is asked for then, and after each attempt."""
        key = (head.event_id, head.id)
        new, self._head = key != self._head, key
        return new

    def _send(self, head: Delivery, stop: threading.Event) -> None:
        state = self._outbox.state(self.name)
        tried = replace(head, attempts=state.attempts + 1)
        answer = self._post(tried)
        if answer.verdict is Verdict.DELIVERED:
            self._came_through(answer)
            self._until(lambda: self._stream.done(tried), stop)
        elif answer.verdict is Verdict.REFUSED:
            LOG.warning("%s: refused: %s (%s); now a dead letter", self.name, tried.title, answer.text)
            self._came_through(answer, delivered=0)
            self._bury(replace(tried, problem=answer.text), stop)
        elif answer.unsure and not self._retry.after_timeout:
            self._failed(answer)
            text = f"{answer.text}; it may have been received, and retry.after_timeout forbids to repeat it"
            self._bury(replace(tried, problem=text), stop)
        else:
            self._failed(answer)
            failing_s = state.failing_s or (self._now_s() if self._clock.synced() else 0)
            self._outbox.put(
                self.name, replace(state, attempts=tried.attempts, failing_s=failing_s, problem=answer.text)
            )
            if self._too_old(tried):
                self._bury(replace(tried, problem=self._age_text(answer.text)), stop, given_up=True)

    def _send_again(self, wanted: Delivery, stop: threading.Event) -> None:
        """Send a dead letter once more, as somebody asked: once, and it holds nothing else."""
        tried = replace(wanted, attempts=wanted.attempts + 1)
        answer = self._post(tried)
        state = self._outbox.state(self.name)
        if answer.verdict is Verdict.DELIVERED:
            self._figures = replace(self._figures, delivered=self._figures.delivered + 1)
            self._until(lambda: self._deliveries.delivered(tried, state), stop)
        else:
            dead = replace(tried, problem=answer.text)
            self._until(lambda: self._deliveries.give_up(dead, state), stop)
        self._show()

    def _post(self, delivery: Delivery) -> Answer:
        further = {"X-Edge-Attempt": str(delivery.attempts)}
        if not delivery.sure:
            further |= {"X-Edge-Clock-Synced": "false"}
        if delivery.event_id != NO_EVENT:
            further = {"X-Edge-Event-Id": str(delivery.event_id), **further}
        return post(self._subscription, self._poster, delivery.message_id, further, delivery.body, at_s=self._now_s())

    def _came_through(self, answer: Answer, delivered: int = 1) -> None:
        """Note that the receiver answers: what comes next is sent at once."""
        if self._failures:
            LOG.warning("%s: answers again (%s)", self.name, answer.text)
        self._failures, self._due_s = 0, 0.0
        count = self._figures.delivered + delivered
        detail = answer.text if answer.http_status and "result" in answer.text else ""
        self._figures = replace(self._figures, status="ok", detail=detail, delivered=count)
        self._show()

    def _failed(self, answer: Answer) -> None:
        if not self._failures:
            LOG.warning("%s: not delivered: %s; tried again until it is", self.name, answer.text)
        self._failures += 1
        self._due_s = self._clock.monotonic_s() + self._backoff_s(answer)
        failed = self._figures.failed + 1
        self._figures = replace(self._figures, status="retrying", detail=answer.text, failed=failed)
        self._show()

    def _backoff_s(self, answer: Answer) -> float:
        bound = min(LONGEST_BACKOFF_S, FIRST_BACKOFF_S * 2 ** min(self._failures - 1, 20))
        return max(SHORTEST_BACKOFF_S, answer.retry_after_s, self._dice.uniform(0, bound))

    def _too_old(self, delivery: Delivery) -> bool:
        """Tell whether a delivery has waited too long, by its own age, else by how long it has failed.

        A sum keeps the time that it was made at: by a clock that nobody had set, it is no age by one that is right.
        """
        if not plausible(self._clock.now_us()):
            return False
        comparable = delivery.event_id != NO_EVENT or delivery.sure is self._clock.synced()
        born_s = (self._stream.made_s(delivery) if comparable else 0) or self._outbox.state(self.name).failing_s
        return born_s > 0 and self._clock.now_us() / _SECOND_US - born_s >= self._retry.max_age_h * _HOUR_S

    def _age_text(self, last: str) -> str:
        return f"{TOO_OLD}: not delivered within {self._retry.max_age_h:g} h ({last})"

    def _bury(self, delivery: Delivery, stop: threading.Event, *, given_up: bool = False) -> None:
        self._until(lambda: self._stream.bury(delivery, given_up=given_up), stop)
        self._show()

    def _until(self, done: Callable[[], bool], stop: threading.Event) -> None:
        """Have something written; while the disk does not let it, nothing else is sent."""
        while not done() and not stop.wait(DISK_S):
            self._beat()

    def _now_s(self) -> int:
        """Return the time in seconds since 1970, 0 where it is not known."""
        now_us = self._clock.now_us()
        return now_us // _SECOND_US if plausible(now_us) else 0

    def _show(self) -> None:
        self._health.set_output(self.name, self._figures)


def post(
    subscription: Subscription,
    poster: Poster,
    message_id: str,
    further: Mapping[str, str],
    body: bytes,
    *,
    at_s: int,
    seconds: float = ATTEMPT_S,
) -> Answer:
    """Send one body to a subscription's URL once, with all its headers, and return what came of it in time."""
    try:
        headers = subscription.headers(message_id, further, at_s, body)
    except SecretError as error:
        return Answer(Verdict.AGAIN, str(error))
    return poster.post(Request("POST", headers, body), seconds)
