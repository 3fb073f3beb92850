"""Which webhooks a test alarm goes to: those that get events; sums have no test, and that is said."""

from datetime import UTC
from typing import Any, cast

import pytest

from edge.outputs.alarm.sound import Alarms, Asked
from edge.outputs.alarm.subject import AlarmRefused
from edge.outputs.webhooks.alarm import webhook_targets
from edge.outputs.webhooks.subscription import subscriptions
from edge.settings import ChannelSettings, DemoSettings, LineSettings, Settings, SourceSettings, WebhookSettings
from tests.support.clock import HandClock
from tests.support.receivers import Receiver

LINE = LineSettings(line="Door", points=((0.5, 0.1), (0.5, 0.9)), id="line")
GATE = ChannelSettings(name="Gate", id="gate", source=SourceSettings(demo=DemoSettings()), rules=(LINE,))


def alarms(*hooks: WebhookSettings) -> Alarms:
    settings = Settings(channels=(GATE,), webhooks=hooks)
    clock = HandClock()
    return Alarms(lambda: settings, lambda now: webhook_targets(subscriptions(now, "device"), clock, UTC), clock)


def test_hourly_and_daily_sums_are_left_alone_beside_the_events_of_the_same_url() -> None:
    with Receiver() as receiver:
        alarm = alarms(
            WebhookSettings(url=receiver.url, when="hourly"),
            WebhookSettings(url=receiver.url, when="daily", channels=("Gate",)),
            WebhookSettings(url=receiver.url),
        )
        rows = cast(list[dict[str, Any]], alarm.sound(Asked(rule="Door"))["targets"])
    assert [(row["target"], row["delivered"]) for row in rows] == [("webhook 3", True)]
    (got,) = receiver.received
    assert (got.headers["x-edge-test"], got.json["event_type"]) == ("1", "TripwireCrossed")


@pytest.mark.parametrize("when", ["hourly", "daily"])
def test_who_asks_for_sums_alone_is_told_that_they_have_no_test(when: Any) -> None:  # noqa: ANN401 - one of its words
    with Receiver() as receiver:
        alarm = alarms(WebhookSettings(url=receiver.url, when=when))
        assert alarm.sound(Asked(rule="Door"))["targets"] == []
        with pytest.raises(AlarmRefused, match=r"webhook 1 gets no events .*\(sums have no test\)"):
            alarm.sound(Asked(rule="Door", target="webhook 1"))
    assert receiver.received == []
