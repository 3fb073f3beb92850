"""The connection to the broker: paho's client in its own thread; what happens there is told by values, in order."""

import queue
import socket
import ssl
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from threading import Thread

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from edge.outputs.mqtt import words
from edge.outputs.mqtt.credentials import PasswordFileError, first_line, tls_context
from edge.outputs.mqtt.message import Acknowledged, Arrived, Connected, Happening, Lost, Message, Subscribed
from edge.settings import MqttSettings

WINDOW = 100
"""So many messages wait for the broker's word at most; paho keeps no more than these."""
MOST_ARRIVED = 200
"""Commands beyond so many that nobody has looked at are let go."""
SILENT_CLOSES = 2
"""After so many connections in a row that the broker closed without a word, another version of MQTT is tried."""
FIVE = 5
QOS = 1
ANY_BYTES = 268_435_455
CLOSE_S = 3.0


@dataclass(frozen=True, slots=True)
class Pace:
    """How patient a connection is, in seconds. A stalled broker is noticed after twice `keepalive_s` at most.

    What the broker's access list refuses is tried again every `ask_again_s`.
    """

    keepalive_s: int = 20
    first_retry_s: int = 1
    longest_retry_s: int = 30
    ask_again_s: float = 60.0


class Link:
    """One broker. Everything but paho's own thread, which only puts into a queue, happens in the worker's thread."""

    def __init__(self, settings: MqttSettings, client_id: str, will: Message, pace: Pace) -> None:
        self._settings = settings
        self._client_id = client_id
        self._will = will
        self._pace = pace
        self._happened: queue.SimpleQueue[Happening] = queue.SimpleQueue()
        self._client: Client | None = None
        self._filters: tuple[str, ...] = ()
        five = settings.version == FIVE
        self._version = MQTTProtocolVersion.MQTTv5 if five else MQTTProtocolVersion.MQTTv311
        self._answered = False
        self._refused = False
        self._silent = 0
        self._switch = False
        self._switches = 0
        self._runs = False
        self._begin_s = 0.0
        self._pause_s = 0.0

    @property
    def speaks(self) -> str:
        """The version of MQTT in use."""
        return "5.0" if self._version is MQTTProtocolVersion.MQTTv5 else "3.1.1"

    def open(self) -> None:
        """Begin to connect, and to connect again whenever the connection is lost. Raises BrokerError."""
        while not self._happened.empty():  # from a connection before this one
            self._happened.get_nowait()
        client = Client(
            CallbackAPIVersion.VERSION2,
            client_id=self._client_id,
            protocol=self._version,
            clean_session=None if self._version is MQTTProtocolVersion.MQTTv5 else True,
        )
        client.max_inflight_messages_set(0)  # the worker keeps the window: it knows what the broker allows
        client.max_queued_messages_set(WINDOW)
        shortest_s = min(self._pace.first_retry_s << min(self._switches, 10), self._pace.longest_retry_s)
        client.reconnect_delay_set(shortest_s, self._pace.longest_retry_s)
        client.will_set(self._will.topic, self._will.payload, qos=QOS, retain=self._will.retain)
        if self._settings.tls is not None:
            client.tls_set_context(tls_context(self._settings.tls))
        client.on_pre_connect = self._on_pre_connect
        client.on_connect = self._on_connect
        client.on_connect_fail = self._on_connect_fail
        client.on_disconnect = self._on_disconnect
        client.on_publish = self._on_publish
        client.on_message = self._on_message
        client.on_subscribe = self._on_subscribe
        self._client = client
        client.connect_async(
            self._settings.host, self._settings.port, keepalive=self._pace.keepalive_s, clean_start=True
        )
        self._runs, self._begin_s, self._pause_s = False, time.monotonic(), float(self._pace.first_retry_s)
        self._begin(client)

    def _begin(self, client: Client) -> None:
        """Start paho's thread, now or when it is time again: it cannot where the loopback interface is down."""
        if time.monotonic() < self._begin_s:
            return
        try:
            client.loop_start()
        except OSError as error:
            self._happened.put(Lost(words.no_loopback(error)))
            self._begin_s = time.monotonic() + self._pause_s
            self._pause_s = min(2 * self._pause_s, float(self._pace.longest_retry_s))
        else:
            self._runs = True

    def close(self, *, orderly: bool = True) -> None:
        """End the connection; waits for paho's thread, which may be in a system call, a moment at most.

        Where it is not `orderly`, it is broken off, so that the broker publishes the will.
        """
        client, self._client = self._client, None
        if client is not None:
            connection = client.socket()
            if not orderly and isinstance(connection, socket.socket):
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
            client.on_disconnect = client.on_connect_fail = client.on_connect = client.on_message = None
            client.disconnect()
            ending = Thread(target=client.loop_stop, name="mqtt-close", daemon=True)
            ending.start()
            ending.join(CLOSE_S)

    def take(self, timeout_s: float) -> Happening | None:
        """Return what happened next, None where nothing has after so long. Raises RuntimeError if paho has died."""
        try:
            happening = self._happened.get(timeout=timeout_s) if timeout_s > 0 else self._happened.get_nowait()
        except queue.Empty:
            if self._client is not None and not self._runs:
                self._begin(self._client)
            elif self._client is not None and self._client.loop_start() is MQTTErrorCode.MQTT_ERR_SUCCESS:
                raise RuntimeError("the thread of the MQTT library has died; its own words are above") from None
            return None
        if isinstance(happening, Lost):
            self._try_other_version()
        return happening

    def publish(self, message: Message) -> int | None:
        """Send a message and return its number; None where there is no connection to send it over."""
        if self._client is None:
            return None
        info = self._client.publish(
            message.topic, message.payload, qos=QOS, retain=message.retain, properties=self._expiry(message)
        )
        return info.mid if info.rc is MQTTErrorCode.MQTT_ERR_SUCCESS else None

    def subscribe(self, filters: Sequence[str]) -> None:
        """Ask for messages that come from now on; what a broker kept from earlier is not wanted."""
        if self._client is None or not filters:
            return
        self._filters = tuple(filters)
        if self._version is MQTTProtocolVersion.MQTTv5:
            options = SubscribeOptions(qos=QOS, retainHandling=SubscribeOptions.RETAIN_DO_NOT_SEND)
            self._client.subscribe([(each, options) for each in filters])
        else:
            self._client.subscribe([(each, QOS) for each in filters])

    def _expiry(self, message: Message) -> Properties | None:
        if self._version is not MQTTProtocolVersion.MQTTv5 or message.expires_s is None:
            return None
        properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call] # paho has no types there
        properties.MessageExpiryInterval = message.expires_s
        return properties

    def _try_other_version(self) -> None:
        """Begin anew with MQTT 3.1.1 where the broker knows no 5.0, and with 5.0 again after that."""
        if self._client is None or not self._switch or self._settings.version != FIVE:
            return
        self.close()
        old = self._version is MQTTProtocolVersion.MQTTv311
        self._version = MQTTProtocolVersion.MQTTv5 if old else MQTTProtocolVersion.MQTTv311
        self._switch, self._silent, self._switches = False, 0, self._switches + 1
        self.open()

    def _on_pre_connect(self, client: Client, _userdata: object) -> None:
        """Read the password anew: it may have been changed. An OSError from here counts as a failed attempt."""
        self._refused = self._answered = False
        if not self._settings.username:
            return
        path = self._settings.password_file
        client.username_pw_set(self._settings.username, first_line(path) if path else None)

    def _on_connect(
        self, client: Client, _userdata: object, _flags: ConnectFlags, reason: ReasonCode, told: Properties | None
    ) -> None:
        if reason.is_failure:
            name = reason.getName()
            self._refused = True
            self._switch = old = name == words.OLD_BROKER and self._settings.version == FIVE
            self._happened.put(Lost(words.refused(self._settings, name), refused=not old))
            return
        self._answered, self._silent, self._switches = True, 0, 0
        client.drop_out_messages()  # the worker sends again what counts, in order, behind the states of this moment
        self._happened.put(
            Connected(
                window=min(WINDOW, getattr(told, "ReceiveMaximum", WINDOW)),
                most_bytes=getattr(told, "MaximumPacketSize", ANY_BYTES),
                retains=bool(getattr(told, "RetainAvailable", 1)),
                address=_own_address(client),
            )
        )

    def _on_connect_fail(self, _client: Client, _userdata: object) -> None:
        error = sys.exc_info()[1]  # paho calls this while it handles the error, and does not hand it over
        text = str(error) if isinstance(error, PasswordFileError) else words.unreachable(self._settings, error)
        self._happened.put(Lost(text, refused=isinstance(error, PasswordFileError | ssl.SSLError)))

    def _on_disconnect(
        self,
        _client: Client,
        _userdata: object,
        _flags: DisconnectFlags,
        reason: ReasonCode,
        _told: Properties | None,
    ) -> None:
        if self._refused:  # said already, with the better reason
            return
        name = reason.getName()
        if not self._answered and name != words.STALLED:
            self._silent += 1
        fallen_back = self._version is MQTTProtocolVersion.MQTTv311
        self._switch = self._silent >= SILENT_CLOSES or (self._answered and fallen_back)
        self._happened.put(Lost(words.broken(self._settings, name, answered=self._answered)))

    def _on_publish(
        self, _client: Client, _userdata: object, number: int, reason: ReasonCode, _told: Properties | None
    ) -> None:
        refusal = reason.getName() if reason.is_failure else ""
        self._happened.put(Acknowledged(number, refusal.lower(), passing=refusal in words.PASSING))

    def _on_subscribe(
        self, _client: Client, _userdata: object, _number: int, reasons: list[ReasonCode], _told: Properties | None
    ) -> None:
        refused = [
            (each, reason.getName()) for each, reason in zip(self._filters, reasons, strict=False) if reason.is_failure
        ]
        names = [name for _, name in refused]
        self._happened.put(Subscribed(tuple(each for each, _ in refused), names[0].lower() if names else ""))

    def _on_message(self, _client: Client, _userdata: object, message: MQTTMessage) -> None:
        if self._happened.qsize() < MOST_ARRIVED + WINDOW:
            with suppress(UnicodeDecodeError):
                self._happened.put(Arrived(message.topic, bytes(message.payload), message.retain))


def _own_address(client: Client) -> str:
    connection = client.socket()
    try:
        return str(connection.getsockname()[0]) if isinstance(connection, socket.socket) else ""
    except OSError:
        return ""
