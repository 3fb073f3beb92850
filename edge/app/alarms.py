"""Test alarms of this device: to whom they go, and those that are asked for over MQTT."""

import logging
from collections.abc import Callable
from datetime import tzinfo

from edge.app.remote import Remote
from edge.model.clock import Clock
from edge.outputs.alarm.sound import Alarms, Asked
from edge.outputs.alarm.subject import AlarmRefused
from edge.outputs.alarm.target import AlarmTarget
from edge.outputs.mqtt.alarm import AlarmBell, BrokerTarget
from edge.outputs.programs.program import programs_of
from edge.outputs.programs.target import ProgramTarget
from edge.outputs.webhooks.alarm import webhook_targets
from edge.outputs.webhooks.subscription import subscriptions
from edge.settings import Settings

LOG = logging.getLogger("edge.app")


def build_alarms(current: Callable[[], Settings], identity: str, bell: AlarmBell, clock: Clock, zone: tzinfo) -> Alarms:
    """Build what sends test alarms to all whom the settings name, in their order; `identity` is the device's id."""

    def targets(settings: Settings) -> list[AlarmTarget]:
        return [
            *webhook_targets(subscriptions(settings, identity), clock, zone),
            *([] if settings.mqtt is None else [BrokerTarget(settings.mqtt, bell)]),
            *(ProgramTarget(program, zone) for program in programs_of(settings.programs)),
        ]

    return Alarms(current, targets, clock)


def build_remote(alarms: Alarms) -> Remote:
    """Build what takes wishes over a network."""
    return Remote(lambda channel_id, rule_id: sound_alarm(alarms, channel_id, rule_id))


def sound_alarm(alarms: Alarms, channel_id: str, rule_id: str) -> None:
    """Send a test alarm that nobody waits for; the log says what came of it."""
    try:
        alarms.sound(Asked(rule=rule_id, channel=channel_id))
    except AlarmRefused as refused:
        LOG.warning("no test alarm is sent: %s", refused.text)
