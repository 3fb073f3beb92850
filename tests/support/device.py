"""A served device with cameras that give pictures: on top of tests.support.rest, for pages, pictures and clients."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from edge.model.event import Direction, Event, EventType
from edge.model.geometry import Box
from edge.settings import ApiSettings, ChannelSettings, DemoSettings, LineSettings, SourceSettings
from tests.support.pictures import plain_frame, scene_of
from tests.support.rest import CHANNEL, Device, event, serving

LINE = "471fa55d-967b-46a7-b77f-5b9ce6af82ee"


def door_channel(name: str = "Gate", channel_id: str = CHANNEL) -> ChannelSettings:
    """Return a channel with one line."""
    line = LineSettings(line="Door", points=((0.5, 0.2), (0.5, 0.9)), id=LINE)
    return ChannelSettings(name=name, id=channel_id, source=SourceSettings(demo=DemoSettings()), rules=(line,))


def crossing(direction: Direction = Direction.A_TO_B, **changes: object) -> Event:
    """Return a crossing of that line."""
    return event(EventType.TRIPWIRE_CROSSED, rule_id=LINE, rule_name="Door", direction=direction, **changes)


def show(device: Device, sequence: int, channel_id: str = CHANNEL) -> None:
    """Put one picture with a walker on the board."""
    left = (sequence % 80) / 100
    frame = plain_frame(channel_id, sequence, size=(640, 360), grey=60 + sequence % 100)
    device.context.board.put(frame, scene_of(frame, Box(left, 0.3, left + 0.1, 0.9)))


@contextmanager
def filming(device: Device, fps: float = 10.0) -> Iterator[None]:
    """Let every channel of the device give pictures meanwhile."""
    stop = threading.Event()

    def film() -> None:
        sequence = 0
        while not stop.wait(1 / fps):
            for channel in device.context.settings().channels:
                show(device, sequence, channel.id)
                device.context.health.set_channel(
                    channel.id, status="ok", width=640, height=360, fps=fps, analysed_fps=fps, frames=sequence
                )
            sequence += 1

    thread = threading.Thread(target=film)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(30)


@contextmanager
def serving_at(port: int, folder: Path, **api: object) -> Iterator[Device]:
    """Yield a device on a port of 127.0.0.1 that may be served again later, as after a restart."""
    settings = ApiSettings(host="127.0.0.1", port=port, **api)  # type: ignore[arg-type] # by name, as a test gives them
    with serving(folder, api=settings, channels=[door_channel()]) as made:
        yield made
