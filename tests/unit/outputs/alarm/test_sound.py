"""What a test alarm sends, to whom, and what it reports."""

import threading
import time
from collections.abc import Sequence
from typing import Any, cast

import pytest

from edge.model.event import NO_OBJECT, NO_RULE, Direction, EventType
from edge.model.scene import Origin
from edge.outputs.alarm.sound import Alarms, Asked
from edge.outputs.alarm.subject import AlarmRefused, find_subject
from edge.outputs.alarm.target import AlarmTarget, Outcome
from edge.settings import ChannelSettings, DemoSettings, LineSettings, Settings, SourceSettings, ZoneSettings
from edge.settings.rules import (
    AbandonedSettings,
    CrowdSettings,
    LoiteringSettings,
    MotionSettings,
    RuleSettings,
    TailgatingSettings,
)
from tests.support.alarm import Hanging, Letterbox
from tests.support.clock import START_US, TestClock

SQUARE = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0))
LINE = LineSettings(line="Door", points=((0.5, 0.1), (0.5, 0.9)), id="line", objects=("Vehicle",))
YARD = ZoneSettings(zone="Yard", polygon=SQUARE, id="yard", motion=MotionSettings(), loitering=LoiteringSettings())


def channel(name: str, *rules: RuleSettings, channel_id: str = "") -> ChannelSettings:
    return ChannelSettings(
        name=name, id=channel_id or name.lower(), source=SourceSettings(demo=DemoSettings()), rules=rules
    )


GATE = channel("Gate", LINE, YARD)
SETTINGS = Settings(channels=(GATE, channel("Shed", ZoneSettings(zone="Yard", polygon=SQUARE, id="shed-yard"))))


def alarms(*targets: AlarmTarget, settings: Settings = SETTINGS, send_s: float = 5.0) -> Alarms:
    return Alarms(lambda: settings, lambda _: targets, TestClock(), send_s=send_s)


def reports(alarm: Alarms, asked: Asked) -> Sequence[dict[str, Any]]:
    return cast(Sequence[dict[str, Any]], alarm.sound(asked)["targets"])


def test_the_report_says_what_each_target_did() -> None:
    well = Letterbox()
    refused = Letterbox(name="mqtt", address="broker:1883", outcome=Outcome(delivered=False, text="not authorised"))
    report = cast(dict[str, Any], alarms(well, refused).sound(Asked(rule="Door")))
    assert [report[key] for key in ("channel_id", "channel_name", "rule_id", "rule_name")] == [
        "gate",
        "Gate",
        "line",
        "Door",
    ]
    assert all(0 <= row.pop("seconds") < 5 for row in report["targets"])
    assert report["targets"] == [
        {
            "target": "webhook 1",
            "address": "https://example.org",
            "event_type": "TripwireCrossed",
            "delivered": True,
            "text": "delivered",
            "http_status": 204,
        },
        {
            "target": "mqtt",
            "address": "broker:1883",
            "event_type": "TripwireCrossed",
            "delivered": False,
            "text": "not authorised",
        },
    ]


def test_the_event_is_of_this_rule_and_of_no_object() -> None:
    box = Letterbox()
    alarms(box).sound(Asked(rule="line"))
    (event,) = box.got
    assert (event.channel_name, event.rule_name, event.object_id, event.time_us) == (
        "Gate",
        "Door",
        NO_OBJECT,
        START_US,
    )
    assert (event.origin, event.direction) == (Origin.VEHICLE, Direction.A_TO_B)


def test_each_target_gets_the_first_type_that_it_wants_and_nothing_else() -> None:
    all_of_them, slow, lines = (
        Letterbox(),
        Letterbox(kinds=(EventType.LOITERING,)),
        Letterbox(kinds=(EventType.TRIPWIRE_CROSSED,)),
    )
    assert len(reports(alarms(all_of_them, slow, lines), Asked(rule="yard"))) == 2
    assert [event.type for box in (all_of_them, slow, lines) for event in box.got] == [
        EventType.MOTION_ON,
        EventType.LOITERING,
    ]


def test_a_channel_itself_can_be_tested() -> None:
    box = Letterbox(kinds=(EventType.DISCONNECTED,))
    alarms(box).sound(Asked(rule="Gate"))
    assert [(event.type, event.rule_id, event.rule_name) for event in box.got] == [
        (EventType.DISCONNECTED, NO_RULE, "")
    ]


def test_one_target_alone() -> None:
    first, second = Letterbox(), Letterbox(name="webhook 2")
    assert [row["target"] for row in reports(alarms(first, second), Asked(rule="Door", target="webhook 2"))] == [
        "webhook 2"
    ]
    assert not first.got


def test_a_rule_without_any_receiver_is_no_fault() -> None:
    assert reports(alarms(), Asked(rule="Door")) == []


@pytest.mark.parametrize(
    ("asked", "parameter", "text"),
    [
        (Asked(rule="Dor"), "rule", "there is no rule and no channel 'Dor'; rules are: 'Door', 'Yard', 'Yard'"),
        (Asked(rule="Yard"), "channel", "'Yard' is on more than one channel ('Gate', 'Shed'); name the channel too"),
        (Asked(rule="Yard", channel="Sched"), "channel", "there is no channel 'Sched'; there are: 'Gate', 'Shed'"),
        (Asked(rule="Door", target="url 1"), "target", "there is no target 'url 1'; there are: webhook 1"),
        (Asked(rule="Door", target="webhook 1"), "target", "webhook 1 gets no events of this rule"),
    ],
    ids=["no rule", "two rules", "no channel", "no target", "not wanted"],
)
def test_a_call_that_cannot_be_meant_is_refused_and_nothing_sent(asked: Asked, parameter: str, text: str) -> None:
    box = Letterbox(kinds=(EventType.SABOTAGE,))
    with pytest.raises(AlarmRefused) as refused:
        alarms(box).sound(asked)
    assert refused.value.parameter == parameter
    assert text in refused.value.text
    assert not box.got


def test_the_channel_tells_two_rules_of_one_name_apart() -> None:
    box = Letterbox()
    alarms(box).sound(Asked(rule="Yard", channel="gate"))
    assert [event.rule_id for event in box.got] == ["yard"]


def test_one_that_hangs_delays_no_other_and_is_reported() -> None:
    box, stuck = Letterbox(), Hanging(name="webhook 2")
    alarm = alarms(stuck, box, send_s=0.1)
    began_s = time.monotonic()
    rows = reports(alarm, Asked(rule="Door"))
    assert time.monotonic() - began_s < 5
    assert [(row["delivered"], row["text"]) for row in rows] == [(False, "no answer within 0.1 s"), (True, "delivered")]
    with pytest.raises(AlarmRefused, match="still holds"):
        alarm.sound(Asked(rule="Door"))
    stuck.free.set()


def test_a_second_test_at_the_same_time_is_refused() -> None:
    stuck = Hanging()
    alarm = alarms(stuck)
    thread = threading.Thread(target=alarm.sound, args=(Asked(rule="Door"),))
    thread.start()
    assert stuck.called.wait(30)
    with pytest.raises(AlarmRefused, match="on its way"):
        alarm.sound(Asked(rule="Door"))
    stuck.free.set()
    thread.join(30)
    assert reports(alarm, Asked(rule="Door"))[0]["delivered"] is True


@pytest.mark.parametrize(
    ("rule", "kinds"),
    [
        (LINE, ["TripwireCrossed"]),
        (
            LineSettings(line="Gap", points=((0.5, 0.1), (0.5, 0.9)), tailgating=TailgatingSettings()),
            ["TripwireCrossed", "Tailgating"],
        ),
        (ZoneSettings(zone="Nothing", polygon=SQUARE), []),
        (
            ZoneSettings(
                zone="All",
                polygon=SQUARE,
                join_leave=True,
                motion=MotionSettings(),
                loitering=LoiteringSettings(),
                crowd=CrowdSettings(),
                abandoned=AbandonedSettings(),
            ),
            [
                "RegionJoin",
                "RegionLeave",
                "MotionInRegionOn",
                "MotionInRegionOff",
                "Loitering",
                "CrowdOn",
                "CrowdOff",
                "AbandonedObject",
            ],
        ),
    ],
    ids=["line", "line with followers", "bare zone", "full zone"],
)
def test_a_rule_can_give_the_events_of_its_sections(rule: RuleSettings, kinds: list[str]) -> None:
    name = rule.line if isinstance(rule, LineSettings) else rule.zone
    subject = find_subject(Settings(channels=(channel("Gate", rule),)), name)
    assert [event.type.value for event in subject.events(START_US)] == kinds
