"""The worker `mqtt`: one connection to a broker; what is kept is shown, what happens is fed, what is asked is done."""

import logging
import random
import threading
from collections.abc import Callable

from edge.health import BrokerHealth
from edge.outputs.alarm.target import Outcome
from edge.outputs.mqtt.alarm import Ring
from edge.outputs.mqtt.commands import BadCommandError, obey
from edge.outputs.mqtt.context import WORKER, MqttContext
from edge.outputs.mqtt.events import alarm_messages, event_messages
from edge.outputs.mqtt.feed import Feed
from edge.outputs.mqtt.link import Link, Pace
from edge.outputs.mqtt.message import Acknowledged, Arrived, Connected, Happening, Lost, Message, Subscribed
from edge.outputs.mqtt.refusals import FLAG, Refusals
from edge.outputs.mqtt.sender import Sender
from edge.outputs.mqtt.show import Show
from edge.outputs.mqtt.states import OFFLINE, ONLINE
from edge.outputs.mqtt.topics import BIRTH, topics_of
from edge.outputs.mqtt.words import place

LOG = logging.getLogger("edge.mqtt")
TURN_S = 0.2
"""An event waits so long at most until it is noticed."""
MOST_A_TURN = 500
MESSAGES_AN_EVENT = 2
AWAY_S = 60.0
"""A broker may be away for so long, to be started anew, before the device says that something is wrong."""
GREET_S = (0.5, 4.0)
"""Home Assistant is answered after a random time between these: many devices hear it start at once."""
FAREWELL_S = 2.0
REFUSED_PAUSE_S = 5.0


class MqttWorker:
    """Works until it is told to stop. What it needs of the program is handed in once."""

    name = WORKER

    def __init__(self, context: MqttContext, *, pace: Pace | None = None) -> None:
        self._context = context
        self._topics = topics_of(context.broker.topic_prefix, context.device_name, context.device_id)
        will = Message(self._topics.status, OFFLINE, retain=True)
        self._pace = pace or Pace()
        self._link = Link(context.broker, f"edge-{context.device_id}", will, self._pace)
        self._sender = Sender(self._link)
        self._feed = Feed(context.log, context.outbox)
        self._show = Show(context, self._topics, self._sender)
        self._refusals = Refusals(context.broker, self._topics, context.health)
        self._rings: dict[int, Ring] = {}
        self._terms: Connected | None = None
        self._said = ""
        self._away_since_s: float | None = None
        self._greet_s: float | None = None
        self._paused_until_s = 0.0
        self._published = 0

    @property
    def room(self) -> int:
        """How many messages may be sent now; none without a connection."""
        return self._sender.room

    def run(self, stop: threading.Event, beat: Callable[[], None]) -> None:
        """Connect, and go on until `stop`; then say that the device is offline. Raises BrokerError and StoreError."""
        self._feed.begin()
        self._show.begin()
        self._away_since_s = self._context.clock.monotonic_s()
        orderly = False
        try:
            self._link.open()
            while not stop.is_set():
                beat()
                self._turn()
            self._farewell(beat)
            orderly = True
        finally:
            self._link.close(orderly=orderly)
            self._show.end()
            self._sender.end()
            self._terms = None
            self._context.health.set_broker(None)
            self._context.health.clear_flag(FLAG)

    def _turn(self) -> None:
        self._take_what_happened(TURN_S)
        now_s = self._context.clock.monotonic_s()
        if self._terms is not None:
            if self._greet_s is not None and now_s >= self._greet_s:
                self._greet_s = None
                self._show.anew()
            if self._refusals.is_due(now_s, self._pace.ask_again_s):
                self._subscribe()
                self._show.anew()
            self._show.update(self._terms.address, now_s)
            self._feed_events(now_s)
        self._ring()
        self._feed.save(now_s)
        self._report(now_s)

    def _farewell(self, beat: Callable[[], None]) -> None:
        """Say goodbye oneself: the will is for those who cannot."""
        clock = self._context.clock
        end_s = clock.monotonic_s() + FAREWELL_S
        number = self._sender.send_last(Message(self._topics.status, OFFLINE, retain=True))
        while number is not None and self._sender.is_waiting(number) and clock.monotonic_s() < end_s:
            beat()
            self._take_what_happened(TURN_S)
        self._feed.save(clock.monotonic_s(), now=True)

    def _take_what_happened(self, wait_s: float) -> None:
        """Take all that has happened; waits for the first of it."""
        for count in range(MOST_A_TURN):
            happening = self._link.take(0.0 if count else wait_s)
            if happening is None:
                return
            self._take(happening)

    def _take(self, happening: Happening) -> None:
        match happening:
            case Connected():
                self._begin(happening)
            case Lost():
                self._end(happening)
            case Acknowledged():
                self._acknowledge(happening)
            case Arrived():
                self._hear(happening)
            case Subscribed():
                self._refusals.subscription(happening.refused, happening.refusal)

    def _begin(self, terms: Connected) -> None:
        broker = self._context.broker
        LOG.info("connected to %s, MQTT %s", place(broker), self._link.speaks)
        self._terms, self._said, self._away_since_s = terms, "", None
        self._context.health.clear_flag(FLAG)
        self._refusals.begin()
        self._sender.begin(terms)
        self._feed.rewind()
        self._show.anew()
        self._drop_rings("the connection to the broker was lost")
        self._subscribe()  # before it is said: who answers that with a command is heard
        self._sender.send(Message(self._topics.status, ONLINE, retain=True))

    def _subscribe(self) -> None:
        broker = self._context.broker
        self._link.subscribe(
            [*(self._topics.commands if broker.commands else ()), *([BIRTH] if broker.home_assistant else ())]
        )

    def _end(self, lost: Lost) -> None:
        if self._away_since_s is None:
            self._away_since_s = self._context.clock.monotonic_s()
        self._terms = None
        self._sender.end()
        self._refusals.begin()
        self._drop_rings("the connection to the broker was lost")
        if lost.why != self._said:
            LOG.warning("%s", lost.why)
            self._said = lost.why
        if lost.refused:
            self._context.health.raise_flag(FLAG, lost.why)

    def _acknowledge(self, done: Acknowledged) -> None:
        topic = self._sender.acknowledged(done.number)
        self._show.acknowledged(done.number)
        ring = self._rings.pop(done.number, None)
        if ring is not None:
            text = f"refused by the broker: {done.refusal}" if done.refusal else "acknowledged by the broker"
            ring.settle(Outcome(delivered=not done.refusal, text=text))
        if not done.refusal:
            self._published += 1
        elif done.passing and self._feed.is_event(done.number):
            self._feed.rewind()
            self._paused_until_s = self._context.clock.monotonic_s() + REFUSED_PAUSE_S
            return
        self._refusals.message(topic, done.refusal)  # and on behind a message that the broker will never take
        self._feed.acknowledged(done.number)

    def _hear(self, message: Arrived) -> None:
        if message.retained:  # asked before this connection, by whomever: a restart, say, would come again for ever
            return
        if message.topic == BIRTH:
            if message.payload == ONLINE:
                delay_s = random.uniform(*GREET_S)  # noqa: S311 - to spread, not to hide
                self._greet_s = self._context.clock.monotonic_s() + delay_s
            return
        context = self._context
        try:
            done = obey(message.topic, message.payload, context.settings(), self._topics, context.controls)
        except BadCommandError as error:
            LOG.warning("command ignored at %s: %s", message.topic, error)
        else:
            LOG.info("command over MQTT: %s", done)

    def _feed_events(self, now_s: float) -> None:
        if now_s < self._paused_until_s:
            return
        for stored in self._feed.read(self._sender.room // MESSAGES_AN_EVENT):
            now_us = self._context.clock.now_us()
            messages = event_messages(stored, self._topics, self._context.timezone, now_us)
            numbers = [self._sender.send(message) for message in messages]
            if None in numbers:  # the connection is lost: from the cursor again, once it is back
                self._feed.rewind()
                return
            self._feed.sent(stored.event_id, [number for number in numbers if number is not None])

    def _ring(self) -> None:
        """Send the test alarms that wait."""
        while ring := self._context.bell.heard():
            numbers = [
                self._sender.send(message)
                for message in alarm_messages(ring.event, self._topics, self._context.timezone)
            ]
            if numbers[0] is None:
                ring.settle(Outcome(delivered=False, text=self._said or "there is no connection to the broker"))
            else:
                self._rings[numbers[0]] = ring

    def _drop_rings(self, why: str) -> None:
        for ring in self._rings.values():
            ring.settle(Outcome(delivered=False, text=why))
        self._rings.clear()

    def _report(self, now_s: float) -> None:
        away_s = 0.0 if self._away_since_s is None else now_s - self._away_since_s
        if away_s >= AWAY_S and self._said:
            self._context.health.raise_flag(FLAG, self._said)
        self._context.health.set_broker(
            BrokerHealth(
                self._terms is not None,
                self._said or self._refusals.text,
                self._feed.behind,
                self._published,
                self._refusals.count,
            )
        )
