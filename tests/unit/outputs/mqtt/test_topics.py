import string

from hypothesis import given
from hypothesis import strategies as st

from edge.outputs.mqtt.topics import slug, topics_of

SAFE = set(string.ascii_letters + string.digits + "_-")


@given(st.text())
def test_a_slug_is_one_level_of_any_topic(text: str) -> None:
    assert slug(text)
    assert set(slug(text)) <= SAFE
    assert slug(slug(text)) == slug(text)


def test_an_id_stays_as_it_is() -> None:
    assert slug("ddbbe807-8560-4bc7-b04b-4b3b04c69339") == "ddbbe807-8560-4bc7-b04b-4b3b04c69339"
    assert slug("Front_door") == "Front_door"


def test_topics_stand_below_prefix_and_name() -> None:
    topics = topics_of("site/edge", "front-door", "0123456789ab")
    assert topics.status == "site/edge/front-door/status"
    assert topics.channel("c", "motion") == "site/edge/front-door/c/motion"
    assert topics.rule("c", "r", "count") == "site/edge/front-door/c/rule/r/count"
    assert topics.discovery == "homeassistant/device/edge_0123456789ab/config"


def test_a_channel_of_any_id_hides_no_topic_of_the_device() -> None:
    topics = topics_of("edge", "front-door", "0123456789ab")
    of_channels = {topics.channel(name, leaf) for name in ("set", "status") for leaf in ("set", "status", "enabled")}
    assert not of_channels & {topics.status, topics.command}
