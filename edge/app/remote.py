"""What is asked of the device over a network: written down on any thread, done by the main thread a moment later."""

import logging
import queue
import threading
from collections.abc import Callable
from dataclasses import replace

from edge.settings import ChannelSettings, Settings

LOG = logging.getLogger("edge.app")
MOST_WAITING = 100
"""Wishes beyond so many within a second are let go."""

Change = Callable[[Settings], Settings]


class Remote:
    """Keeps wishes until they are taken. `sound` sends a test alarm of a channel's rule, and may take seconds."""

    def __init__(self, sound: Callable[[str, str], None]) -> None:
        self._sound = sound
        self._changes: queue.Queue[Change] = queue.Queue(MOST_WAITING)
        self._restart = threading.Event()
        self.why_restart = ""
        self._sounding: threading.Thread | None = None

    def enable_channel(self, channel_id: str, *, enabled: bool) -> None:
        """Look at a channel, or no more."""
        self._wish(lambda settings: with_channel(settings, channel_id, enabled=enabled))

    def enable_rule(self, channel_id: str, rule_id: str, *, enabled: bool) -> None:
        """Watch a rule, or no more."""
        self._wish(lambda settings: with_rule(settings, channel_id, rule_id, enabled=enabled))

    def restart(self, why: str = "as asked over MQTT") -> None:
        """End the program, to be started anew by systemd."""
        self.why_restart = why
        self._restart.set()

    def test_alarm(self, channel_id: str, rule_id: str) -> None:
        """Send a test alarm, on a thread of its own; one that comes while another is on its way is let go."""
        if self._sounding is not None and self._sounding.is_alive():
            LOG.warning("another test alarm is on its way")
            return
        self._sounding = threading.Thread(
            target=self._sound, args=(channel_id, rule_id), name="test-alarm", daemon=True
        )
        self._sounding.start()

    @property
    def wants_restart(self) -> bool:
        """Tell whether somebody wants the program to begin anew."""
        return self._restart.is_set()

    def changed(self, settings: Settings) -> Settings:
        """Return the settings as they are wanted since the last time."""
        while True:
            try:
                settings = self._changes.get_nowait()(settings)
            except queue.Empty:
                return settings

    def _wish(self, change: Change) -> None:
        try:
            self._changes.put_nowait(change)
        except queue.Full:
            LOG.warning("too many commands at once; some are let go")


def with_channel(settings: Settings, channel_id: str, *, enabled: bool) -> Settings:
    """Return the settings with a channel on or off; one that is gone changes nothing."""
    return _with(settings, channel_id, lambda channel: replace(channel, enabled=enabled))


def with_rule(settings: Settings, channel_id: str, rule_id: str, *, enabled: bool) -> Settings:
    """Return the settings with a rule on or off; one that is gone changes nothing."""

    def change(channel: ChannelSettings) -> ChannelSettings:
        rules = tuple(replace(rule, enabled=enabled) if rule.id == rule_id else rule for rule in channel.rules)
        return replace(channel, rules=rules)

    return _with(settings, channel_id, change)


def _with(settings: Settings, channel_id: str, change: Callable[[ChannelSettings], ChannelSettings]) -> Settings:
    channels = tuple(change(channel) if channel.id == channel_id else channel for channel in settings.channels)
    return replace(settings, channels=channels)
