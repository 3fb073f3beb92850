"""What events of zones say of why they were told."""

from datetime import UTC

from edge.model.event import Event, EventType, Evidence
from edge.rules.table import make_rules
from edge.settings import ChannelSettings, DemoSettings, SourceSettings, ZoneSettings
from edge.settings.rules import CrowdSettings, LoiteringSettings, MotionSettings
from tests.support.actors import Actor, scenes

ZONE = ZoneSettings(
    zone="Z",
    id="Z",
    polygon=((0.3, 0.2), (0.7, 0.2), (0.7, 0.8), (0.3, 0.8)),
    join_leave=True,
    motion=MotionSettings(),
    loitering=LoiteringSettings(seconds=3),
    crowd=CrowdSettings(size=2, on_s=1),
)
CAST = (Actor(1, [(0, 0.1, 0.5), (8, 0.9, 0.5)]), Actor(2, [(0, 0.1, 0.6), (8, 0.9, 0.6)]))


def evidence() -> dict[EventType, Evidence]:
    channel = ChannelSettings(
        name="C", id="c", source=SourceSettings(demo=DemoSettings()), rules=(ZONE,), objects=False
    )
    rules = make_rules(channel, UTC)
    found: dict[EventType, Evidence] = {}
    for scene in scenes(CAST, fps=10):
        for event in (each for rule in rules for each in rule.update(scene) if isinstance(each, Event)):
            assert event.evidence is not None
            found.setdefault(event.type, event.evidence)
    return found


def measures(of: Evidence) -> dict[str, tuple[float, float | None]]:
    return {each.name: (each.value, each.limit) for each in of.measures}


def test_every_event_of_a_zone_says_why() -> None:
    found = evidence()
    assert set(found) == {
        EventType.REGION_JOIN,
        EventType.REGION_LEAVE,
        EventType.MOTION_ON,
        EventType.MOTION_OFF,
        EventType.LOITERING,
        EventType.CROWD_ON,
        EventType.CROWD_OFF,
    }
    assert all(each.measures for each in found.values())


def test_a_join_shows_the_way_in() -> None:
    join = evidence()[EventType.REGION_JOIN]
    assert join.place is not None
    assert join.box is not None
    assert (round(join.place.x, 2), round(join.place.y, 2)) == (0.3, 0.5)
    assert join.path[0].x < 0.3 < join.path[-1].x
    inside_s, asked_s = measures(join)["inside_s"]
    assert asked_s == 0.4
    assert inside_s >= 0.9 * asked_s


def test_loitering_crowds_and_motion_hold_what_was_against_what_was_asked() -> None:
    found = evidence()
    dwell_s, limit_s = measures(found[EventType.LOITERING])["dwell_s"]
    assert limit_s == 3
    assert dwell_s >= 3
    assert measures(found[EventType.CROWD_ON])["inside"] == (2, 2)
    assert measures(found[EventType.CROWD_ON])["lasted_s"][1] == 1
    assert measures(found[EventType.MOTION_ON])["motion_s"][1] == 0.2
    assert measures(found[EventType.MOTION_OFF])["rest_s"][1] == 3
