"""Builds every part of a device from its settings and joins them; runs nothing itself."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import tzinfo
from pathlib import Path

from edge.analysis.worker import AnalysisWorker
from edge.app.alarms import build_alarms, build_remote
from edge.app.backup import build_desk
from edge.app.identity import default_name, device_id
from edge.app.remote import Remote
from edge.app.system import Systemd
from edge.capture.csi.escape import Escape
from edge.capture.hangs import FILE_NAME as HANGS_FILE
from edge.capture.hangs import Hangs, boot_id
from edge.capture.mailbox import Mailboxes
from edge.capture.onvif.known import FILE_NAME as CAMERAS_FILE
from edge.capture.onvif.known import KnownCameras
from edge.capture.open import make_source
from edge.capture.source import Listeners
from edge.capture.worker import CaptureWorker
from edge.health import Health
from edge.model.clock import Clock
from edge.outputs.https.front import Front
from edge.outputs.mqtt.alarm import AlarmBell
from edge.outputs.mqtt.context import MqttContext
from edge.outputs.mqtt.feed import READER as MQTT_READER
from edge.outputs.mqtt.kept import FILE_NAME as MQTT_KEPT
from edge.outputs.programs.program import Program, programs_of
from edge.outputs.programs.worker import ProgramWorker
from edge.outputs.rest.app import all_routes
from edge.outputs.rest.context import RestContext
from edge.outputs.rest.server import RestServer
from edge.outputs.webhooks.post import Poster
from edge.outputs.webhooks.stream import stream_of
from edge.outputs.webhooks.subscription import Subscription, subscriptions
from edge.outputs.webhooks.sums import SumMaker
from edge.outputs.webhooks.watch import Watch
from edge.outputs.webhooks.worker import WebhookWorker
from edge.picture.board import Board
from edge.settings import ChannelSettings, Settings
from edge.store.deliveries import Deliveries
from edge.store.event_log import EventLog
from edge.store.outbox import Outbox
from edge.store.sum_rows import SumRows
from edge.store.tokens import Tokens
from edge.store.track_log import TrackLog
from edge.supervisor.keeper import Worker

TOKENS_FILE = "tokens.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Everything a device is made of, joined. Channels come and go with the settings; these stay.

    `hung` is set where a camera is only got back by a new process.
    """

    clock: Clock
    zone: tzinfo
    health: Health
    mailboxes: Mailboxes
    known: KnownCameras
    escape: Escape
    hangs: Hangs
    board: Board
    log: EventLog
    outbox: Outbox
    deliveries: Deliveries
    sum_rows: SumRows
    tracks: TrackLog
    analysis: AnalysisWorker
    context: RestContext
    remote: Remote
    bell: AlarmBell
    front: Front = field(default_factory=Front)
    hung: threading.Event = field(default_factory=threading.Event)


def build_parts(settings: Settings, current: Callable[[], Settings], clock: Clock, zone: tzinfo) -> Parts:
    """Build what does not depend on single channels. `current` gives the settings in force at any later time."""
    state_dir, kept = Path(settings.state_dir), settings.retention
    identity = device_id(state_dir)
    health, bell, mailboxes, board = Health(), AlarmBell(), Mailboxes(), Board()
    log = EventLog(state_dir, clock, timezone=zone, retention=kept, health=health)
    outbox = Outbox(state_dir, clock, health=health, newest_id=log.last_event_id)
    deliveries, tracks = Deliveries(outbox, kept.deliveries_mb), TrackLog(state_dir, clock, kept)
    context = RestContext(
        settings=current,
        log=log,
        outbox=outbox,
        deliveries=deliveries,
        board=board,
        health=health,
        tokens=Tokens(state_dir / TOKENS_FILE),
        clock=clock,
        device_id=identity,
        timezone=zone,
        alarms=build_alarms(current, identity, bell, clock, zone),
    )
    return Parts(
        clock=clock,
        zone=zone,
        health=health,
        mailboxes=mailboxes,
        known=KnownCameras(state_dir / CAMERAS_FILE),
        escape=Escape(state_dir, Systemd().bear),
        hangs=Hangs(clock, state_dir / HANGS_FILE, boot_id()),
        board=board,
        log=log,
        outbox=outbox,
        deliveries=deliveries,
        sum_rows=SumRows(outbox, deliveries),
        tracks=tracks,
        analysis=AnalysisWorker(mailboxes, log, board, health, clock, zone=zone, tracks=tracks),
        context=context,
        remote=build_remote(context.alarms),
        bell=bell,
    )


def with_backups(parts: Parts, settings_file: Path, state_dir: Path) -> Parts:
    """Return the parts of a device that can be backed up: its settings file is its own."""
    desk = build_desk(settings_file, state_dir, parts.remote)
    return replace(parts, context=replace(parts.context, desk=desk))


def build_api(settings: Settings, parts: Parts) -> list[Worker]:
    """Build the workers of the REST API: its server and, where it is encrypted, the one that sees to the front."""
    if not settings.api.enabled:
        return []
    server = RestServer(parts.context, all_routes(parts.context), make_way=parts.front.send_away)
    if not settings.api.encrypted:
        return [server]
    from edge.outputs.https.worker import HttpsWorker  # noqa: PLC0415 - ssl: 5 MB that others do not need

    return [server, HttpsWorker(settings.api, parts.front, parts.health)]


def build_sums(parts: Parts) -> SumMaker:
    """Build the worker that makes sums, for the webhooks of the settings in force."""
    settings = parts.context.settings
    return SumMaker(
        hooked(settings(), parts),
        lambda: settings().channels,
        log=parts.log,
        rows=parts.sum_rows,
        watch=Watch(parts.sum_rows, parts.clock, parts.health),
        clock=parts.clock,
        zone=parts.zone,
    )


def summed(settings: Settings, parts: Parts) -> bool:
    """Tell whether anybody asks for sums."""
    return any(not each.immediate for each in hooked(settings, parts))


def seal_sent(parts: Parts) -> None:
    """Let no event fall into a window whose sums were made before this start; raises StoreError."""
    for (_, channel_id), row in parts.sum_rows.load().items():
        parts.log.seal(channel_id, row.since_us, row.until_us)


def build_capture(channel: ChannelSettings, parts: Parts) -> CaptureWorker:
    """Build one camera's worker."""

    def hung(channel_id: str, text: str) -> None:
        parts.analysis.hung(channel_id, text)
        parts.hangs.note(channel_id)
        parts.hung.set()

    return CaptureWorker(
        channel,
        make_source(channel, parts.clock, parts.zone, parts.known, parts.escape),
        parts.mailboxes,
        parts.health,
        parts.clock,
        told=Listeners(lost=parts.analysis.lost, ended=parts.analysis.ended, hung=hung),
        hangs=parts.hangs,
    )


def build_program(program: Program, parts: Parts) -> ProgramWorker:
    """Build one program's worker."""
    return ProgramWorker(
        program, log=parts.log, outbox=parts.outbox, health=parts.health, clock=parts.clock, zone=parts.zone
    )


def readers(settings: Settings, parts: Parts) -> list[str]:
    """Return the names under which outputs keep cursors in the outbox; those not here are forgotten in a week."""
    broker = [] if settings.mqtt is None else [MQTT_READER]
    return [
        *(each.reader for each in hooked(settings, parts)),
        *broker,
        *(each.reader for each in programs_of(settings.programs)),
    ]


def hooked(settings: Settings, parts: Parts) -> Sequence[Subscription]:
    """Return the webhooks."""
    return subscriptions(settings, parts.context.device_id)


def build_webhook(subscription: Subscription, parts: Parts) -> WebhookWorker:
    """Build one webhook's worker."""
    return WebhookWorker(
        subscription,
        stream_of(subscription, parts.log, parts.outbox, parts.deliveries, parts.zone),
        Poster(subscription.settings.url, lambda: parts.clock.now_us() / 1e6),
        outbox=parts.outbox,
        deliveries=parts.deliveries,
        clock=parts.clock,
        health=parts.health,
    )


def build_mqtt(settings: Settings, parts: Parts) -> list[Worker]:
    """Build the worker for the broker, where there is one."""
    if settings.mqtt is None:
        return []
    from edge.outputs.mqtt.worker import MqttWorker  # noqa: PLC0415 - paho: 1.6 MB that others do not need

    context = MqttContext(
        settings=parts.context.settings,
        broker=settings.mqtt,
        device_name=settings.device.name or default_name(parts.context.device_id),
        device_id=parts.context.device_id,
        log=parts.log,
        board=parts.board,
        health=parts.health,
        clock=parts.clock,
        timezone=parts.zone,
        outbox=parts.outbox,
        controls=parts.remote,
        bell=parts.bell,
        kept=Path(settings.state_dir) / MQTT_KEPT,
    )
    return [MqttWorker(context)]


def connected(settings: Settings) -> Sequence[ChannelSettings]:
    """Return the channels whose camera is played: those that are looked at, and those that are kept alive."""
    return [channel for channel in settings.channels if channel.enabled or channel.keep_alive]
