import threading
from dataclasses import replace

from edge.app.remote import MOST_WAITING, Remote, with_channel, with_rule
from edge.settings import Settings
from tests.support.mqtt import CHANNEL, LINE, ZONE, channel

SETTINGS = Settings(channels=(channel(), channel("Yard", "second")))


def nobody(_channel_id: str, _rule_id: str) -> None:
    raise AssertionError("nobody asked for a test alarm")


def test_wishes_are_taken_in_their_order_and_once() -> None:
    remote = Remote(nobody)
    assert remote.changed(SETTINGS) == SETTINGS
    remote.enable_channel("second", enabled=False)
    remote.enable_rule(CHANNEL, LINE, enabled=False)
    remote.enable_channel("second", enabled=True)
    changed = remote.changed(SETTINGS)
    assert [[rule.enabled for rule in each.rules] for each in changed.channels] == [[False, True], [True, True]]
    assert all(each.enabled for each in changed.channels)
    assert remote.changed(SETTINGS) == SETTINGS


def test_only_what_is_meant_changes() -> None:
    off = with_channel(SETTINGS, CHANNEL, enabled=False)
    assert off.channels == (replace(SETTINGS.channels[0], enabled=False), SETTINGS.channels[1])
    rule_off = with_rule(SETTINGS, CHANNEL, ZONE, enabled=False).channels[0]
    assert [rule.enabled for rule in rule_off.rules] == [True, False]
    assert with_channel(SETTINGS, "gone", enabled=False) == SETTINGS
    assert with_rule(SETTINGS, CHANNEL, "gone", enabled=False) == SETTINGS


def test_a_flood_is_bounded() -> None:
    remote = Remote(nobody)
    for number in range(MOST_WAITING * 2):
        remote.enable_channel(CHANNEL, enabled=number % 2 == 1)
    assert remote.changed(SETTINGS).channels[0].enabled


def test_a_restart_is_wanted_once_asked_for() -> None:
    remote = Remote(nobody)
    assert not remote.wants_restart
    remote.restart()
    assert remote.wants_restart


def test_one_test_alarm_at_a_time_and_nobody_waits_for_it() -> None:
    sounded: list[tuple[str, str]] = []
    go_on = threading.Event()
    begun = threading.Event()

    def sound(channel_id: str, rule_id: str) -> None:
        sounded.append((channel_id, rule_id))
        begun.set()
        go_on.wait(10)

    remote = Remote(sound)
    remote.test_alarm(CHANNEL, LINE)
    assert begun.wait(10)
    remote.test_alarm(CHANNEL, ZONE)
    go_on.set()
    assert sounded == [(CHANNEL, LINE)]
