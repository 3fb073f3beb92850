"""A device on a broker: the worker in a thread, over a real event log, with controls that write down what is asked."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

from edge.outputs.mqtt.alarm import AlarmBell
from edge.outputs.mqtt.context import MqttContext
from edge.outputs.mqtt.link import Pace
from edge.outputs.mqtt.topics import Topics, topics_of
from edge.outputs.mqtt.worker import MqttWorker
from edge.settings import (
    ApiSettings,
    ChannelSettings,
    DemoSettings,
    LineSettings,
    MqttSettings,
    Settings,
    SourceSettings,
    ZoneSettings,
)
from edge.settings.rules import CrowdSettings, LoiteringSettings, MotionSettings, TailgatingSettings
from edge.store.outbox import Outbox
from tests.support.broker import Broker
from tests.support.rest import Device, device

DEVICE_ID = "0123456789ab"
NAME = "front-door"
CHANNEL = "ddbbe807-8560-4bc7-b04b-4b3b04c69339"
LINE = "471fa55d-967b-46a7-b77f-5b9ce6af82ee"
ZONE = "ab68d96d-b1a6-4b94-8092-3ece52cf707d"
QUICK = Pace(keepalive_s=1, first_retry_s=1, longest_retry_s=1, ask_again_s=0.5)
BERLIN = ZoneInfo("Europe/Berlin")


def channel(name: str = "Gate", channel_id: str = CHANNEL, **changes: object) -> ChannelSettings:
    """Return a channel with a line that watches followers, and a zone that tells all but things left behind."""
    line = LineSettings(
        line="Door", points=((0.5, 0.2), (0.5, 0.9)), id=LINE if channel_id == CHANNEL else f"{channel_id}-line"
    )
    zone = ZoneSettings(
        zone="Yard",
        polygon=((0, 0), (1, 0), (1, 1), (0, 1)),
        id=ZONE if channel_id == CHANNEL else f"{channel_id}-zone",
        motion=MotionSettings(),
        join_leave=True,
        loitering=LoiteringSettings(),
        crowd=CrowdSettings(),
    )
    source = SourceSettings(demo=DemoSettings())
    values: dict[str, object] = {
        "source": source,
        "rules": (_with_followers(line), zone),
        **changes,
    }
    return ChannelSettings(name=name, id=channel_id, **values)  # type: ignore[arg-type] # by name, as a test gives them


def _with_followers(line: LineSettings) -> LineSettings:
    return LineSettings(line=line.line, points=line.points, id=line.id, tailgating=TailgatingSettings())


@dataclass
class WrittenDown:
    """Controls that do nothing but keep what they were asked."""

    asked: list[tuple[object, ...]] = field(default_factory=list)

    def enable_channel(self, channel_id: str, *, enabled: bool) -> None:
        self.asked.append(("channel", channel_id, enabled))

    def enable_rule(self, channel_id: str, rule_id: str, *, enabled: bool) -> None:
        self.asked.append(("rule", channel_id, rule_id, enabled))

    def restart(self) -> None:
        self.asked.append(("restart",))

    def test_alarm(self, channel_id: str, rule_id: str) -> None:
        self.asked.append(("test", channel_id, rule_id))


@dataclass
class MqttDevice:
    """What a test works with; `worker` runs between `start` and `stop`."""

    parts: Device
    context: MqttContext
    controls: WrittenDown
    pace: Pace
    worker: MqttWorker = field(init=False)
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    @property
    def topics(self) -> Topics:
        return topics_of(self.context.broker.topic_prefix, NAME, DEVICE_ID)

    def start(self) -> None:
        self._stop.clear()
        self.worker = MqttWorker(self.context, pace=self.pace)
        self._thread = threading.Thread(target=self.worker.run, args=(self._stop, lambda: None))
        self._thread.start()

    def stop(self) -> None:
        if self._thread is not None:
            self._stop.set()
            self._thread.join(30)
            assert not self._thread.is_alive()
            self._thread = None

    def configure(self, settings: Settings) -> None:
        self.parts.settings.append(settings)


def settings_for(broker: Broker, **changes: object) -> MqttSettings:
    """Return settings that fit a broker."""
    return MqttSettings(host="127.0.0.1", port=broker.port, **changes)  # type: ignore[arg-type] # by name


@contextmanager
def mqtt_device(
    folder: Path,
    broker: MqttSettings,
    *,
    channels: Sequence[ChannelSettings] = (),
    pace: Pace = QUICK,
) -> Iterator[MqttDevice]:
    """Yield a device whose worker is not started yet; stopped at the end."""
    api = ApiSettings(host="0.0.0.0", port=48462)
    with device(folder, api=api, channels=channels or [channel()], zone=BERLIN) as parts:
        outbox = Outbox(folder, parts.clock, health=parts.context.health, newest_id=parts.context.log.last_event_id)
        outbox.open()
        controls = WrittenDown()
        context = MqttContext(
            settings=parts.context.settings,
            broker=broker,
            device_name=NAME,
            device_id=DEVICE_ID,
            log=parts.context.log,
            board=parts.context.board,
            health=parts.context.health,
            clock=parts.clock,
            timezone=BERLIN,
            outbox=outbox,
            controls=controls,
            bell=AlarmBell(),
            kept=folder / "mqtt.json",
        )
        made = MqttDevice(parts, context, controls, pace)
        try:
            yield made
        finally:
            made.stop()
            outbox.close()
