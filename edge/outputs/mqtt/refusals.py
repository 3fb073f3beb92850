"""What a broker's access list does not let the device do: told until the broker lets it, and tried again meanwhile."""

import logging

from edge.health import Health
from edge.outputs.mqtt import words
from edge.outputs.mqtt.topics import Topics
from edge.settings import MqttSettings

FLAG = "mqtt"
LOG = logging.getLogger("edge.mqtt")


class Refusals:
    """Keeps what was refused since the connection began; `text` says it and what to do. Used by one thread."""

    def __init__(self, settings: MqttSettings, topics: Topics, health: Health) -> None:
        self._settings = settings
        self._topics = topics
        self._health = health
        self._unsent: dict[str, str] = {}
        self._unheard: tuple[str, ...] = ()
        self._why_unheard = ""
        self._asked_s = 0.0
        self.text = ""
        self.count = 0

    def begin(self) -> None:
        """Forget all of it: with a new connection, or none, nothing is known to be refused."""
        self._unsent.clear()
        self._unheard, self._why_unheard = (), ""
        self._asked_s = 0.0
        self.text = ""

    def message(self, topic: str, refusal: str) -> None:
        """Note whether the broker took a message: `refusal` is empty where it did."""
        if refusal:
            self.count += 1
            self._unsent[topic] = refusal
        elif self._unsent.pop(topic, None) is None:
            return
        self._tell()

    def subscription(self, filters: tuple[str, ...], refusal: str) -> None:
        """Note which topics the broker does not let us hear; none where it lets us hear all."""
        if filters or self._unheard:
            self._unheard, self._why_unheard = filters, refusal
            self._tell()

    def is_due(self, now_s: float, every_s: float) -> bool:
        """Tell, every so often while something is refused, that it is to be tried again."""
        if not self.text or self._asked_s == 0.0:
            self._asked_s = now_s
        if now_s - self._asked_s < every_s:
            return False
        self._asked_s = now_s
        return True

    def _tell(self) -> None:
        text = "; ".join(filter(None, (self._told_unsent(), self._told_unheard())))
        if text == self.text:
            return
        self.text = text
        if text:
            LOG.warning("%s", text)
            self._health.raise_flag(FLAG, text)
        else:
            LOG.info("the broker %s takes everything now", words.place(self._settings))
            self._health.clear_flag(FLAG)

    def _told_unsent(self) -> str:
        own = f"{self._topics.base}/"
        needed = {f"{own}#" if topic.startswith(own) else topic for topic in self._unsent}
        why = next(iter(self._unsent.values()), "")
        return words.unsent(self._settings, why, sorted(needed)) if needed else ""

    def _told_unheard(self) -> str:
        return words.unheard(self._settings, self._why_unheard, self._unheard) if self._unheard else ""
