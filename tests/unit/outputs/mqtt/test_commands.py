import pytest

from edge.outputs.mqtt.commands import BadCommandError, obey
from edge.outputs.mqtt.topics import topics_of
from edge.settings import Settings
from tests.support.mqtt import CHANNEL, DEVICE_ID, LINE, NAME, WrittenDown, channel

TOPICS = topics_of("edge", NAME, DEVICE_ID)
SETTINGS = Settings(channels=(channel(),))
RULE = TOPICS.rule(CHANNEL, LINE, "enabled/set")


@pytest.mark.parametrize(
    ("topic", "payload", "asked"),
    [
        pytest.param(TOPICS.command, b"restart", ("restart",), id="restart"),
        pytest.param(TOPICS.channel(CHANNEL, "enabled/set"), b"OFF", ("channel", CHANNEL, False), id="channel-off"),
        pytest.param(TOPICS.channel(CHANNEL, "enabled/set"), b"on", ("channel", CHANNEL, True), id="any-case"),
        pytest.param(RULE, b"OFF", ("rule", CHANNEL, LINE, False), id="rule-off"),
        pytest.param(TOPICS.rule(CHANNEL, LINE, "test/set"), b"PRESS", ("test", CHANNEL, LINE), id="test-alarm"),
    ],
)
def test_commands(topic: str, payload: bytes, asked: tuple[object, ...]) -> None:
    controls = WrittenDown()
    assert obey(topic, payload, SETTINGS, TOPICS, controls)
    assert controls.asked == [asked]


@pytest.mark.parametrize(
    ("topic", "payload", "said"),
    [
        pytest.param(TOPICS.command, b"reboot", "'reboot' is no command of the device; it knows restart", id="other"),
        pytest.param(TOPICS.command, b"", "no command", id="empty"),
        pytest.param(RULE, b"\xff\x00\n" * 99, r"'\\ufffd\\x00\\n.*' is neither ON nor OFF", id="garbage"),
        pytest.param(TOPICS.channel("other", "enabled/set"), b"ON", "no such channel", id="channel"),
        pytest.param(TOPICS.rule(CHANNEL, "other", "enabled/set"), b"ON", "Gate has no such rule", id="rule"),
        pytest.param(TOPICS.rule(CHANNEL, "other", "test/set"), b"", "Gate has no such rule", id="test"),
        pytest.param(f"{TOPICS.base}/a/b/c/d/e/set", b"ON", "no such command", id="deep"),
    ],
)
def test_what_means_nothing_says_what_would_and_does_nothing(topic: str, payload: bytes, said: str) -> None:
    controls = WrittenDown()
    with pytest.raises(BadCommandError, match=said) as caught:
        obey(topic, payload, SETTINGS, TOPICS, controls)
    assert len(str(caught.value)) < 300
    assert controls.asked == []
