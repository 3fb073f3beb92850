"""Random histories of a device: rules come, go and are renamed, the clock steps, the power fails, things happen."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from hypothesis import strategies as st

from edge.model.event import NO_OBJECT, NO_RULE, Event, EventType
from edge.model.scene import Origin
from edge.settings import ChannelSettings, DemoSettings, LineSettings, SourceSettings
from tests.support.clock import START_US

SECOND_US = 1_000_000
CHANNELS = ("gate", "yard", "shed")
NAMES = ("Door", "Yard", "=1+1", "Tür, links", "")
POINTS = ((0.5, 0.1), (0.5, 0.9))
WITHOUT_RULE = (EventType.OBJECT_APPEAR, EventType.OBJECT_DISAPPEAR, EventType.SABOTAGE, EventType.DISCONNECTED)
WITH_RULE = tuple(kind for kind in EventType if kind not in WITHOUT_RULE)
NEAR_S = (-600.0, -3600.0, 0.5, 1800.0, 5400.0, 86_400.0)
"""The clock is set back, and runs on over hours and days."""
FAR_S = 56 * 365 * 86_400.0
"""It jumps as from 1970 to now."""


@dataclass(frozen=True, slots=True)
class Happens:
    """Some events of one frame: `place` chooses a rule, None for events of the channel; `late_s` ago they were true."""

    channel: int
    place: int | None
    kinds: tuple[int, ...]
    origin: Origin
    late_s: float


@dataclass(frozen=True, slots=True)
class Renamed:
    channel: int
    place: int
    name: str


@dataclass(frozen=True, slots=True)
class Replaced:
    """A rule is deleted, and a new one comes."""

    channel: int
    place: int


@dataclass(frozen=True, slots=True)
class Clock:
    seconds: float


@dataclass(frozen=True, slots=True)
class PowerFails:
    pass


Step = Happens | Renamed | Replaced | Clock | PowerFails

_CHANNEL = st.integers(0, len(CHANNELS) - 1)
_PLACE = st.integers(0, 2)
_THINGS: st.SearchStrategy[Step] = st.one_of(
    st.builds(
        Happens,
        channel=_CHANNEL,
        place=st.none() | _PLACE,
        kinds=st.lists(st.integers(0, 20), min_size=1, max_size=4).map(tuple),
        origin=st.sampled_from(Origin),
        late_s=st.sampled_from([0.0, 0.0, 2.0, 4000.0]),
    ),
    st.builds(Renamed, channel=_CHANNEL, place=_PLACE, name=st.sampled_from(NAMES)),
    st.builds(Replaced, channel=_CHANNEL, place=_PLACE),
    st.just(PowerFails()),
)


def histories(most: int, steps_s: Sequence[float] = (*NEAR_S, FAR_S)) -> st.SearchStrategy[Sequence[Step]]:
    """Give a history of at most so many steps; the clock makes some of `steps_s`."""
    return st.lists(_THINGS | st.builds(Clock, st.sampled_from(steps_s)), min_size=1, max_size=most)


@dataclass(slots=True)
class Site:
    """The rules as they are at a moment of a history, and the wall clock."""

    now_us: int = START_US
    rules: dict[int, list[tuple[str, str]]] = field(
        default_factory=lambda: {
            channel: [(f"{name}-{place}", NAMES[place]) for place in range(3)] for channel, name in enumerate(CHANNELS)
        }
    )
    made: int = 0

    def channels(self) -> tuple[ChannelSettings, ...]:
        """Return the settings of this moment."""
        return tuple(
            ChannelSettings(
                name=name.title(),
                id=name,
                source=SourceSettings(demo=DemoSettings()),
                rules=tuple(LineSettings(line=text, points=POINTS, id=each) for each, text in self.rules[channel]),
            )
            for channel, name in enumerate(CHANNELS)
        )

    def step(self, step: Step) -> list[Event]:
        """Change what the step changes; return what happens in it."""
        match step:
            case Renamed(channel, place, name):
                self.rules[channel][place] = (self.rules[channel][place][0], name)
            case Replaced(channel, place):
                self.made += 1
                self.rules[channel][place] = (f"new-{self.made}", NAMES[self.made % len(NAMES)])
            case Clock(seconds):
                self.now_us = max(0, self.now_us + round(seconds * SECOND_US))
            case Happens():
                self.now_us += SECOND_US // 10
                return self._events(step)
            case PowerFails():
                pass
        return []

    def _events(self, step: Happens) -> list[Event]:
        rule_id, rule_name = (NO_RULE, "") if step.place is None else self.rules[step.channel][step.place]
        kinds = WITHOUT_RULE if step.place is None else WITH_RULE
        return [
            Event(
                type=kinds[number % len(kinds)],
                channel_id=CHANNELS[step.channel],
                channel_name=CHANNELS[step.channel].title(),
                time_us=max(0, self.now_us - round(step.late_s * SECOND_US)),
                stream_s=1.0,
                object_id=number or NO_OBJECT,
                origin=step.origin,
                rule_id=rule_id,
                rule_name=rule_name,
            )
            for number in step.kinds
        ]
