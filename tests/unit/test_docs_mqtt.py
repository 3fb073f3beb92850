"""docs/mqtt.md has every topic and command, with the figures in force; what it gives to paste can be read."""

import json
import re
from pathlib import Path

import pytest

from edge.config.loader import loads
from edge.outputs.mqtt import events, link, watch
from edge.outputs.mqtt.commands import obey
from edge.outputs.mqtt.states import states
from edge.outputs.mqtt.topics import topics_of
from edge.settings import Settings
from tests.support.mqtt import CHANNEL, DEVICE_ID, LINE, NAME, ZONE, WrittenDown, channel
from tests.support.mqtt_moments import moment

TEXT = (Path(__file__).parents[2] / "docs" / "mqtt.md").read_text(encoding="utf-8")
TOPICS = topics_of("edge", NAME, DEVICE_ID)
OTHERS = ("status", "CHANNEL/snapshot", "CHANNEL/event", "CHANNEL/rule/RULE/event")
FIGURES = [
    f"keeps an event for {events.KEPT_S // 3600} hours",
    f"not older than {events.FRESH_S} s",
    f"every {watch.PICTURE_EVERY_S:.0f} s at most",
    f"within {2 * link.Pace().keepalive_s} s",
    f"... {link.Pace().longest_retry_s} s; meanwhile",
    f"No more than {link.WINDOW} messages",
]


def rows() -> set[str]:
    return set(re.findall(r"^\| `([\w/]+)` \|", TEXT, re.MULTILINE))


def short(topic: str) -> str:
    """A topic as the page writes it."""
    for part, word in ((CHANNEL, "CHANNEL"), (LINE, "RULE"), (ZONE, "RULE"), (f"{TOPICS.base}/", "")):
        topic = topic.replace(part, word)
    return topic


def test_every_topic_has_a_row_and_nothing_else() -> None:
    told = {short(topic) for topic in states(moment(), TOPICS)} | set(OTHERS)
    commands = {row for row in rows() if row.endswith("set")}
    assert rows() - commands == told


@pytest.mark.parametrize("row", sorted(row for row in rows() if row.endswith("set")))
def test_every_command_told_is_obeyed(row: str) -> None:
    payload = re.search(rf"^\| `{row}` \| (?:`(\w+)`|anything)", TEXT, re.MULTILINE)
    assert payload is not None
    controls = WrittenDown()
    topic = f"{TOPICS.base}/{row.replace('CHANNEL', CHANNEL).replace('RULE', LINE)}"
    obey(topic, (payload[1] or "x").encode(), Settings(channels=(channel(),)), TOPICS, controls)
    assert len(controls.asked) == 1


@pytest.mark.parametrize("figure", FIGURES)
def test_figures_are_those_in_force(figure: str) -> None:
    assert figure in TEXT


def test_what_is_to_be_pasted_is_json() -> None:
    blocks = re.findall(r"^```json\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
    assert [type(json.loads(block)) for block in blocks] == [dict, list]
    wired = {node["id"] for node in json.loads(blocks[1])}
    for node in json.loads(blocks[1]):
        assert {each for some in node.get("wires", []) for each in some} <= wired


def test_the_settings_shown_are_right_with_all_that_is_commented_out() -> None:
    block = re.search(r"^```yaml\n(mqtt:\n.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
    assert block is not None
    broker = loads(re.sub(r"^  # ", "  ", block[1], flags=re.MULTILINE), "mqtt.md").mqtt
    assert broker is not None
    assert (broker.port, broker.commands, broker.home_assistant) == (8883, True, False)


@pytest.mark.parametrize("figure", ["connected", "behind", "published_total", "refused_total"])
def test_figures_for_monitoring_are_told(figure: str) -> None:
    source = (Path(__file__).parents[2] / "edge" / "outputs" / "rest" / "metrics.py").read_text(encoding="utf-8")
    assert f'"edge_mqtt_{figure}"' in source
    assert f"`edge_mqtt_{figure}`" in TEXT
