"""What is on its way to the broker: no more at once than it allows."""

from edge.outputs.mqtt.link import Link
from edge.outputs.mqtt.message import Connected, Message

OVERHEAD_BYTES = 64
"""What a packet has beside topic and payload, at most."""


class Sender:
    """Sends as long as there is room. Used by one thread."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._waiting: dict[int, str] = {}
        self._terms: Connected | None = None

    def begin(self, terms: Connected) -> None:
        """Begin with a new connection: nothing is on its way."""
        self._terms = terms
        self._waiting.clear()

    def end(self) -> None:
        """Take note that there is no connection."""
        self._terms = None
        self._waiting.clear()

    @property
    def room(self) -> int:
        """How many messages may be sent now; none without a connection. One is kept free for the last of all."""
        if self._terms is None:
            return 0
        return max(0, self._terms.window - len(self._waiting) - (1 if self._terms.window > 1 else 0))

    def is_waiting(self, number: int) -> bool:
        """Tell whether a message is not acknowledged yet."""
        return number in self._waiting

    def fits(self, message: Message) -> bool:
        """Tell whether a message is small enough for this broker."""
        if self._terms is None:
            return False
        return len(message.topic.encode()) + len(message.payload) + OVERHEAD_BYTES <= self._terms.most_bytes

    def send(self, message: Message) -> int | None:
        """Send a message and return its number; None where there is no room, or no connection any more."""
        return self._publish(message) if self.room else None

    def send_last(self, message: Message) -> int | None:
        """Send the message with which a connection ends, also where there is no room for another."""
        return self._publish(message)

    def _publish(self, message: Message) -> int | None:
        if self._terms is None:
            return None
        if message.retain and not self._terms.retains:
            message = Message(message.topic, message.payload, expires_s=message.expires_s)
        number = self._link.publish(message)
        if number is not None:
            self._waiting[number] = message.topic
        return number

    def acknowledged(self, number: int) -> str:
        """Note that a message is done with and return its topic; empty where nothing is known of it."""
        return self._waiting.pop(number, "")
