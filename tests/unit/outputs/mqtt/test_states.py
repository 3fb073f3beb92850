import json
from dataclasses import replace

from edge.health import ChannelHealth
from edge.model.event import Direction
from edge.model.geometry import Box
from edge.outputs.mqtt.states import states
from edge.outputs.mqtt.topics import topics_of
from edge.picture.board import View
from edge.settings import Settings
from tests.support.mqtt import CHANNEL, DEVICE_ID, LINE, NAME, ZONE, channel
from tests.support.mqtt_moments import moment
from tests.support.pictures import plain_frame, scene_of

TOPICS = topics_of("edge", NAME, DEVICE_ID)


def shown(leaf: str, **changes: object) -> bytes:
    return states(moment(**changes), TOPICS)[TOPICS.channel(CHANNEL, leaf)]


def shown_of(rule: str, leaf: str, **changes: object) -> bytes:
    return states(moment(**changes), TOPICS)[TOPICS.rule(CHANNEL, rule, leaf)]


def view() -> View:
    frame = plain_frame(CHANNEL, 1, size=(640, 360), grey=90)
    return View(frame, scene_of(frame, Box(0.4, 0.3, 0.5, 0.9)))


def test_a_quiet_channel() -> None:
    found = states(moment(), TOPICS)
    assert {topic.removeprefix(f"{TOPICS.base}/{CHANNEL}/"): payload for topic, payload in found.items()} == {
        "status": b"online",
        "info": b'{"name":"Gate","status":"ok","detail":""}',
        "enabled": b"ON",
        "problem": b"OFF",
        "motion": b"OFF",
        "count": b'{"a_to_b":0,"b_to_a":0,"since":"2026-10-25T00:00:00+02:00"}',
        f"rule/{LINE}/enabled": b"ON",
        f"rule/{LINE}/count": b'{"a_to_b":0,"b_to_a":0,"since":"2026-10-25T00:00:00+02:00"}',
        f"rule/{ZONE}/enabled": b"ON",
        f"rule/{ZONE}/motion": b"OFF",
        f"rule/{ZONE}/occupancy": b"0",
    }


def test_motion_in_a_zone_is_motion_on_the_channel() -> None:
    moving = frozenset({(CHANNEL, ZONE)})
    assert shown("motion", moving=moving) == shown_of(ZONE, "motion", moving=moving) == b"ON"
    elsewhere = frozenset({("other", ZONE), (CHANNEL, "other")})
    assert shown("motion", moving=elsewhere) == shown_of(ZONE, "motion", moving=elsewhere) == b"OFF"


def test_counts_either_way() -> None:
    crossings = {(LINE, Direction.A_TO_B): 3, (LINE, Direction.B_TO_A): 1, ("other", Direction.A_TO_B): 9}
    for payload in (shown("count", crossings=crossings), shown_of(LINE, "count", crossings=crossings)):
        assert json.loads(payload) == {"a_to_b": 3, "b_to_a": 1, "since": "2026-10-25T00:00:00+02:00"}


def test_who_is_inside_while_the_camera_gives_pictures() -> None:
    assert shown_of(ZONE, "occupancy", views={CHANNEL: view()}) == b"1"
    lost = {CHANNEL: ChannelHealth(status="stalled", detail="restart it", fps=0.0)}
    assert shown_of(ZONE, "occupancy", views={CHANNEL: view()}, health=lost) == b"0"
    assert shown("status", health=lost) == b"offline"
    assert json.loads(shown("info", health=lost)) == {"name": "Gate", "status": "stalled", "detail": "restart it"}


def test_a_spoilt_view_is_a_problem() -> None:
    assert shown("problem", spoilt=frozenset({CHANNEL})) == b"ON"


def test_what_is_turned_off_says_so() -> None:
    off = Settings(channels=(replace(channel(), enabled=False),))
    assert shown("enabled", settings=off) == b"OFF"
    assert shown("status", settings=off) == b"offline"
    assert json.loads(shown("info", settings=off))["status"] == "disabled"


def test_a_channel_that_is_not_known_yet_is_offline() -> None:
    assert shown("status", health={}) == b"offline"
