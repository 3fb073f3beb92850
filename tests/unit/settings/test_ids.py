"""Ids made from names: always the same, and never another's."""

from edge.config.loader import loads
from edge.settings import ChannelSettings, DemoSettings, Settings, SourceSettings, ZoneSettings
from edge.settings.ids import channel_id, rule_id, with_ids

TWO = """\
channels:
- name: A
  source: {demo: {}}
  rules:
  - {line: L, points: [[0, 0], [1, 1]]}
  - {line: M, id: own, points: [[0, 0], [1, 1]]}
- name: B
  source: {demo: {}}
  rules:
  - {line: L, points: [[0, 0], [1, 1]]}
"""


def test_ids_are_as_recorded_events_have_them() -> None:
    assert channel_id("Integrated Camera") == "9e3ae8e3-d45e-5e5f-b60f-e5cb81d73f5e"
    assert rule_id("ddbbe807-8560-4bc7-b04b-4b3b04c69339", "line", "Line 1") == "ade7eef4-21a1-5370-9b81-728a09ac9d76"


def test_every_channel_and_rule_has_an_id_of_its_own() -> None:
    a, b = loads(TWO, "edge.yaml").channels
    assert a.id == channel_id("A")
    assert [rule.id for rule in a.rules] == [rule_id(a.id, "line", "L"), "own"]
    assert len({a.id, b.id, *(rule.id for rule in (*a.rules, *b.rules))}) == 5


def test_ids_do_not_depend_on_the_order_of_the_file() -> None:
    head, first, second = TWO.partition("- name: A")[0], *TWO.removeprefix("channels:\n").split("- name: B")
    turned = loads(f"{head}- name: B{second}{first}", "edge.yaml").channels
    assert {channel.id for channel in turned} == {channel.id for channel in loads(TWO, "edge.yaml").channels}


def test_a_line_and_a_zone_of_one_name_differ() -> None:
    assert rule_id("x", "line", "A") != rule_id("x", "zone", "A")


def test_a_channel_without_rules_watches_the_whole_picture_for_motion() -> None:
    settings = Settings(channels=(ChannelSettings(name="Gate", source=SourceSettings(demo=DemoSettings())),))
    (zone,) = with_ids(settings).channels[0].rules
    assert isinstance(zone, ZoneSettings)
    assert (zone.zone, zone.polygon) == ("Motion detection", ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)))
    assert zone.motion is not None
    assert (zone.join_leave, zone.loitering, zone.crowd, zone.abandoned) == (False, None, None, None)
    assert zone.id == rule_id(channel_id("Gate"), "zone", "Motion detection")
    assert with_ids(with_ids(settings)) == with_ids(settings)
