"""The figures of `/metrics` about channels."""

from collections.abc import Iterable, Iterator, Mapping
from operator import attrgetter

from edge.health import ChannelHealth
from edge.outputs.rest.metric import Family, Labels
from edge.settings import ChannelSettings

_COUNTERS = (
    ("frames", "Pictures received.", "frames"),
    ("dropped", "Pictures decoded and passed over for a newer one, since the board was behind.", "dropped"),
    ("skipped", "Pictures not even decoded, since the board was behind.", "skipped"),
    ("analysed", "Pictures analysed.", "analysed"),
    ("reconnects", "Times the camera came back.", "reconnects"),
    ("decode_errors", "Pictures that could not be decoded.", "decode_errors"),
    ("received_bytes", "Video received.", "received_bytes"),
)


def channel_families(
    channels: Iterable[ChannelSettings], health: Mapping[str, ChannelHealth], now_s: float
) -> Iterator[Family]:
    """Yield the figures of the channels that are enabled; `now_s` is the monotonic clock."""
    known = [(channel, health.get(channel.id, ChannelHealth())) for channel in channels if channel.enabled]
    rows: list[tuple[Labels, ChannelHealth]] = [
        ({"channel_id": channel.id, "channel": channel.name}, state) for channel, state in known
    ]
    yield Family(
        "edge_channel_status",
        "gauge",
        "1 for the status the channel has.",
        [({**labels, "status": state.status}, 1) for labels, state in rows],
    )
    for name, text, field in _COUNTERS:
        value = attrgetter(field)
        yield Family(f"edge_channel_{name}_total", "counter", text, [(labels, value(state)) for labels, state in rows])
    wanted = [(labels, channel.analysis.fps) for (channel, _), (labels, _) in zip(known, rows, strict=True)]
    yield Family("edge_channel_wanted_fps", "gauge", "Pictures per second to be analysed, at most.", wanted)
    for name, text in (
        ("fps", "Pictures received per second, over the last ten seconds."),
        ("analysed_fps", "Pictures analysed per second, over the last ten seconds."),
    ):
        value = attrgetter(name)
        yield Family(f"edge_channel_{name}", "gauge", text, [(labels, value(state)) for labels, state in rows])
    yield Family(
        "edge_channel_picture_age_seconds",
        "gauge",
        "Since the last picture came; absent where there was none.",
        [(labels, max(0.0, now_s - state.last_frame_s)) for labels, state in rows if state.last_frame_s],
    )
