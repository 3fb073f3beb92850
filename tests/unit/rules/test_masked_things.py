"""A thing left behind in an exclude mask is none; beside it, it is one."""

from datetime import UTC

from edge.model.event import Event, EventType, Suppressed, Why
from edge.model.geometry import Box
from edge.model.scene import Observation, Scene, Thing
from edge.rules.table import make_rules
from edge.settings import ChannelSettings, DemoSettings, SourceSettings, ZoneSettings
from edge.settings.rules import AbandonedSettings
from tests.support.masks import WHOLE, exclude

_LEFT = ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0))


def _thing(object_id: int, x: float) -> Thing:
    return Thing(object_id, Box(x, 0.6, x + 0.04, 0.66), 1.0, 0.0)


def test_only_the_thing_beside_the_mask_is_told_the_other_as_masked() -> None:
    zone = ZoneSettings(zone="Hall", polygon=WHOLE, abandoned=AbandonedSettings(seconds=5, owner_s=1), id="z")
    source = SourceSettings(demo=DemoSettings())
    channel = ChannelSettings(name="C", id="c", source=source, rules=(zone,), masks=exclude(_LEFT), objects=False)
    rules, told = make_rules(channel, UTC), []
    for number in range(60):
        stream_s = number / 5
        things = tuple(
            Thing(each.object_id, each.box, each.since_s, stream_s) for each in (_thing(1, 0.2), _thing(2, 0.7))
        )
        observed = Observation(things=things if stream_s >= 1 else ())
        scene = Scene("c", round(stream_s * 1e6), stream_s, 16 / 9, (), observed=observed)
        told += [each for rule in rules for each in rule.update(scene)]
    events = [(each.type, each.object_id) for each in told if isinstance(each, Event)]
    masked = [each.object_id for each in told if isinstance(each, Suppressed) and each.why is Why.MASKED]
    assert events == [(EventType.ABANDONED, 2)]
    assert masked == [1]
