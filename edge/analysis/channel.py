"""One channel as the analysis knows it: its pipeline, where its stream stands, and whether its camera is there."""

from collections.abc import Callable
from dataclasses import replace
from datetime import tzinfo

from edge.capture.rate import Rate
from edge.capture.source import CameraStatus
from edge.model.calibration import Calibration
from edge.model.event import NO_RULE, Event, EventType, Evidence, Measure
from edge.model.scene import Frame
from edge.pipeline import ChannelPipeline, PipelineResult
from edge.rules.disconnect import FROZEN, Outage
from edge.rules.events import channel_writer
from edge.rules.table import make_rules
from edge.settings import ChannelSettings

_CONNECTED = frozenset({CameraStatus.STARTING.value, CameraStatus.OK.value, FROZEN})
"""What a camera's status may be where its pictures do not come and nobody knows yet why."""
RESTS_S = (0.0, 10.0, 60.0, 180.0)
"""For so long a channel whose analysis has failed is left alone, longer each time."""

Build = Callable[[ChannelSettings, int, tzinfo], ChannelPipeline]
"""How a channel's pipeline is made: settings, first free object id, the device's time zone."""


class Analysed:
    """One channel as the worker knows it: its pipeline from the first frame on, and where its stream stands.

    `now_s` is the monotonic clock at which the camera begins to be waited for.
    """

    def __init__(
        self, settings: ChannelSettings, build: Build, first_object_id: int, zone: tzinfo, now_s: float
    ) -> None:
        self.settings = settings
        self.pictured = _pictured(settings)
        self.next_object_id = first_object_id
        self.analysed = 0
        self.rate = Rate()
        self.reported_s = 0.0
        self.failures = 0
        self.failed_s = 0.0
        self.frozen = False
        self.outage = Outage(settings.disconnect.seconds if settings.disconnect else None, now_s)
        self._stream_s = 0.0
        self._build = build
        self._zone = zone
        self._pipeline: ChannelPipeline | None = None
        self._last: Frame | None = None

    def analyse(self, frame: Frame, now_s: float) -> PipelineResult:
        """Return what a frame gives; that the camera is lost, only once an outage."""
        if self._pipeline is None:
            self._pipeline = self._build(self.settings, self.next_object_id, self._zone)
        self._last = frame
        self._stream_s = frame.stream_s
        result = self._pipeline.process(frame)
        self.analysed += 1
        same_s = result.scene.observed.same_s
        self.outage.picture(now_s, same_s)
        self.frozen = self.settings.disconnect is not None and same_s >= self.settings.disconnect.seconds
        return replace(result, events=tuple(each for each in result.events if self._is_news(each)))

    @property
    def calibration(self) -> Calibration | None:
        """What has been learnt of the scale; None where nothing is."""
        return None if self._pipeline is None else self._pipeline.calibration

    def missed(self, now_s: float, now_us: int, status: str) -> Event | None:
        """Return the event that the camera gives no pictures, once an outage; `status` is the camera's, in a word."""
        disconnect, reached_s = self.settings.disconnect, self.outage.reached_s(now_s)
        if disconnect is None or reached_s is None or not self.outage.tell():
            return None
        reason = CameraStatus.STALLED.value if status in _CONNECTED else status
        ago_s = now_s - reached_s
        return self._disconnected(now_us - round(ago_s * 1e6), ago_s + disconnect.seconds, disconnect.seconds, reason)

    def gone(self, now_s: float, now_us: int, reason: str) -> Event | None:
        """Return the event that the camera is lost as of now, whatever time has passed; once an outage."""
        disconnect = self.settings.disconnect
        if disconnect is None or not self.outage.tell():
            return None
        return self._disconnected(now_us, self.outage.silent_s(now_s), disconnect.seconds, reason)

    def _disconnected(self, time_us: int, silent_s: float, limit_s: float, reason: str) -> Event:
        """Return the event; it became true at `time_us`, `silent_s` is for how long no picture has come by now."""
        stream_s = self._stream_s + min(silent_s, limit_s)
        event = channel_writer(self.settings).of_rule(EventType.DISCONNECTED, time_us, stream_s)
        silent = Measure("silent_s", round(silent_s, 3), limit_s)
        return replace(event, reason=reason, evidence=Evidence(measures=(silent,)))

    def close(self) -> tuple[tuple[Event, ...], int]:
        """End the stream; return what that closes and the time of the last frame. The next frame starts a new one."""
        pipeline, last = self._pipeline, self._last
        self._pipeline = self._last = None
        self.frozen = False
        self.outage.lost()
        if pipeline is None or last is None:
            return (), 0
        self.next_object_id = max(self.next_object_id, pipeline.last_object_id + 1)
        return pipeline.close(last.time_us, last.stream_s), last.time_us

    def change_rules(self, settings: ChannelSettings) -> tuple[tuple[Event, ...], int]:
        """Judge by the rules of these settings; return what that closes and the time of the last frame."""
        self.settings, self.pictured = settings, _pictured(settings)
        if self._pipeline is None or self._last is None:
            return (), 0
        last, rules = self._last, make_rules(settings, self._zone)
        return self._pipeline.change_rules(settings, rules, last.time_us, last.stream_s), last.time_us

    def is_cut(self, frame: Frame) -> bool:
        """Tell whether a frame cannot continue the stream: the picture's size has changed, or its time goes back."""
        last = self._last
        if last is None:
            return False
        return frame.stream_s <= last.stream_s or frame.picture.y.shape != last.picture.y.shape

    def rests(self, now_s: float) -> bool:
        """Tell whether the channel is left alone for a while, since its analysis has failed."""
        return self.failures > 0 and now_s - self.failed_s < RESTS_S[min(self.failures, len(RESTS_S)) - 1]

    def _is_news(self, event: Event) -> bool:
        return event.type is not EventType.DISCONNECTED or self.outage.tell()

    def wants_picture(self, event: Event) -> bool:
        """Tell whether a picture is kept with an event."""
        if event.rule_id == NO_RULE:
            return event.type is not EventType.OBJECT_DISAPPEAR  # nobody is in the picture any more
        return event.rule_id in self.pictured


def _pictured(settings: ChannelSettings) -> frozenset[str]:
    """Return the ids of the rules whose events have pictures."""
    return frozenset(rule.id for rule in settings.rules if rule.snapshot)
