"""The device as it runs: which workers there are now, and what a change of the settings changes."""

import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from edge.app.bequest import bequeath, bequeath_at_start
from edge.app.compose import (
    Parts,
    build_api,
    build_capture,
    build_mqtt,
    build_program,
    build_sums,
    build_webhook,
    connected,
    hooked,
    readers,
    summed,
)
from edge.app.outgoing import deliveries_document, retry
from edge.app.status import status_document, status_line
from edge.capture.worker import CaptureWorker
from edge.model.errors import StatedError
from edge.outputs.alarm.asked import answer_alarm
from edge.outputs.control import SOCKET_NAME, ControlServer, Reply, Request
from edge.outputs.mqtt.context import WORKER as MQTT
from edge.outputs.programs.program import programs_of
from edge.outputs.webhooks.sums import SumMaker
from edge.settings import ChannelSettings, Settings
from edge.store.check import IntegrityCheck
from edge.store.errors import StoreError
from edge.store.wear import WearWatch
from edge.supervisor.keeper import Worker
from edge.supervisor.supervisor import Supervisor

LOG = logging.getLogger("edge.app")
STORE, OUTPUTS, ANALYSIS, CAPTURE = range(4)


class Appliance:
    """Starts, changes and stops the workers. Used by the main thread."""

    def __init__(self, parts: Parts, supervisor: Supervisor, run_dir: Path) -> None:
        self._parts = parts
        self._supervisor = supervisor
        self._run_dir = run_dir
        self._cameras: dict[str, CaptureWorker] = {}

    def stages(self, settings: Settings) -> list[list[Worker]]:
        """Return the workers in the order of their start."""
        for channel in connected(settings):
            self._look_at(channel)
        self._show_disabled(settings)
        bequeath_at_start(settings, self._parts)
        self._parts.outbox.keep(readers(settings, self._parts))
        outputs: list[Worker] = [ControlServer(self._run_dir / SOCKET_NAME, self.answer)]
        outputs += self._api(settings)
        outputs += [build_program(each, self._parts) for each in programs_of(settings.programs)]
        outputs += [build_webhook(each, self._parts) for each in hooked(settings, self._parts)]
        outputs += build_mqtt(settings, self._parts)
        if summed(settings, self._parts):
            outputs.append(build_sums(self._parts))
        cameras: list[Worker] = [self._camera(channel) for channel in connected(settings)]
        return [
            [
                self._parts.log,
                IntegrityCheck(self._parts.log),
                self._parts.outbox,
                self._parts.tracks,
                WearWatch(Path(settings.state_dir), self._parts.clock, self._parts.health),
            ],
            outputs,
            [self._parts.analysis],
            cameras,
        ]

    def apply(self, before: Settings, after: Settings) -> None:
        """Change what differs; what stays the same is not touched, and no event is lost."""
        if before.state_dir != after.state_dir or before.device.timezone != after.device.timezone:
            LOG.warning("state_dir and device.timezone take effect at the next start")
        logging.getLogger("edge").setLevel(after.logging.level.upper())
        if before.retention != after.retention:
            self._parts.log.retain(after.retention)
            self._parts.tracks.retain(after.retention)
            self._parts.deliveries.retain(after.retention.deliveries_mb)
        self._parts.log.wait_for_clock(after.device.clock_wait_s)
        old = {channel.id: channel for channel in connected(before)}
        new = {channel.id: channel for channel in connected(after)}
        for channel in old.values():  # all before the first is added: two may have swapped their names
            if not _same_video(channel, new.get(channel.id)):
                self._take_away(channel)
        for channel in new.values():
            self._change(old.get(channel.id), channel)
        for gone in {channel.id for channel in before.channels} - {channel.id for channel in after.channels}:
            self._parts.health.remove_channel(gone)
            self._parts.hangs.forget(gone)
        self._show_disabled(after)
        self._change_outputs(before, after)

    def alive(self) -> bool:
        """Tell whether the process can go on: a camera that hangs on stop is only freed by a new one.

        Nor does it go on where somebody has asked it over a network to begin anew.
        """
        if self._parts.remote.wants_restart:
            LOG.warning("restarting, %s", self._parts.remote.why_restart)
        return not (self._parts.hung.is_set() or self._parts.remote.wants_restart)

    def status(self) -> str:
        """Return the line that `systemctl status` shows."""
        return status_line(self._parts.context)

    def answer(self, request: Request) -> Reply:
        """Answer the control socket."""
        calls: dict[str, Callable[[], Reply]] = {
            "status": lambda: status_document(self._parts.context),
            "deliveries": lambda: deliveries_document(self._parts.context),
            "test-alarm": lambda: answer_alarm(self._parts.context.alarms, request),
            "retry": lambda: retry(self._parts.context, request.get("id")),
        }
        name = request.get("call")
        known = calls.get(name) if isinstance(name, str) else None
        if known is None:
            return {"error": f"unknown call {name!r}; this version knows {', '.join(calls)}"}
        try:
            return known()
        except StoreError as error:
            return {"error": str(error)}

    def _change_webhooks(self, before: Settings, after: Settings) -> None:
        """Stop what is gone or differs, all at once since an attempt may take seconds; start what is new or differs."""
        old = {each.reader: each for each in hooked(before, self._parts)}
        new = {each.reader: each for each in hooked(after, self._parts)}
        changed = [reader for reader in old if new.get(reader) != old[reader]]
        self._supervisor.remove(*changed)
        if summed(before, self._parts) and old != new:
            self._supervisor.remove(SumMaker.name)
        bequeath(list(old), list(new.values()), self._parts)
        self._parts.outbox.keep(readers(after, self._parts))
        for reader in changed:
            self._parts.health.remove_output(reader)
        for reader, each in new.items():
            if old.get(reader) != each:
                self._supervisor.add(build_webhook(each, self._parts), OUTPUTS)
        if summed(after, self._parts) and not (summed(before, self._parts) and old == new):
            self._supervisor.add(build_sums(self._parts), OUTPUTS)

    def _change_programs(self, before: Settings, after: Settings) -> None:
        """Stop what is gone or differs, all at once since each may take seconds; start what is new or differs."""
        old, new = programs_of(before.programs), programs_of(after.programs)
        self._supervisor.remove(*(each.worker for each in old if each not in new))
        for each in new:
            if each not in old:
                self._supervisor.add(build_program(each, self._parts), OUTPUTS)

    def _change_outputs(self, before: Settings, after: Settings) -> None:
        self._change_webhooks(before, after)
        self._change_programs(before, after)
        if (before.mqtt, before.device.name) != (after.mqtt, after.device.name):
            self._supervisor.remove(MQTT)
            for broker in build_mqtt(after, self._parts):
                self._supervisor.add(broker, OUTPUTS)
        if before.api != after.api:
            self._supervisor.remove("https", "rest")
            for worker in self._api(after):
                self._supervisor.add(worker, OUTPUTS)

    def _api(self, settings: Settings) -> list[Worker]:
        """Return the workers of the REST API; without one, no front of an earlier one stays either."""
        if not settings.api.enabled:
            try:
                self._parts.front.send_away(lambda: None)
            except StatedError as error:
                LOG.warning("%s", error)
        return build_api(settings, self._parts)

    def _change(self, before: ChannelSettings | None, after: ChannelSettings) -> None:
        if before == after:
            return
        if before is None or not _same_video(before, after):
            self._look_at(after)
            if not self._parts.hung.is_set():
                self._parts.hangs.forget(after.id)
            self._supervisor.add(self._camera(after), CAPTURE)
        elif before.enabled != after.enabled:
            self._look_at(after)
            self._cameras[after.id].resting = not after.enabled
        else:
            self._parts.analysis.change_rules(after)

    def _look_at(self, channel: ChannelSettings) -> None:
        """Analyse a channel from now on, or only show it."""
        if channel.enabled:
            self._parts.analysis.add(channel)
        else:
            self._parts.analysis.show(channel.id)

    def _camera(self, channel: ChannelSettings) -> CaptureWorker:
        """Return a camera's worker; what an earlier process could not tell of a camera that hung is told first."""
        if self._parts.hangs.is_away(channel.id):
            self._parts.analysis.told_before(channel.id)
        stood = self._parts.escape.left(channel.id)
        if stood:
            self._parts.hangs.note(channel.id)
            LOG.error("%s: the camera hung, and the program was started anew; it stood at\n%s", channel.name, stood)
            self._parts.analysis.hung(channel.id, stood)
        self._cameras[channel.id] = build_capture(channel, self._parts)
        return self._cameras[channel.id]

    def _take_away(self, channel: ChannelSettings) -> None:
        if not self._supervisor.remove(f"capture:{channel.name}"):
            LOG.error("%s: the camera hangs on stop; ending, to be started anew", channel.name)
            self._parts.hung.set()
        self._cameras.pop(channel.id, None)
        self._parts.analysis.remove(channel.id)
        self._parts.mailboxes.remove(channel.id)
        self._parts.board.remove(channel.id)

    def _show_disabled(self, settings: Settings) -> None:
        for channel in settings.channels:
            if not channel.enabled and not channel.keep_alive:
                self._parts.health.set_channel(channel.id, status="disabled", detail="", fps=0.0)


def _same_video(before: ChannelSettings, after: ChannelSettings | None) -> bool:
    """Tell whether only what is judged differs: then the camera stays, and with it the background and the tracks."""

    def video(channel: ChannelSettings) -> ChannelSettings:
        return replace(channel, rules=(), objects=True, enabled=True, keep_alive=False)

    return after is not None and video(before) == video(after)
