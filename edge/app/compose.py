"""Builds every part of a device from its settings and joins them; runs nothing itself."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path

from edge.analysis.worker import AnalysisWorker
from edge.app.identity import device_id
from edge.capture.mailbox import Mailboxes
from edge.capture.onvif.known import FILE_NAME as CAMERAS_FILE
from edge.capture.onvif.known import KnownCameras
from edge.capture.open import make_source
from edge.capture.worker import CaptureWorker
from edge.health import Health
from edge.model.clock import Clock
from edge.outputs.alarm.sound import Alarms
from edge.outputs.alarm.target import AlarmTarget
from edge.outputs.programs.reader import reader_names
from edge.outputs.programs.target import ProgramTarget
from edge.outputs.programs.worker import ProgramWorker
from edge.outputs.rest.app import all_routes
from edge.outputs.rest.context import RestContext
from edge.outputs.rest.server import RestServer
from edge.outputs.webhooks.alarm import webhook_targets
from edge.outputs.webhooks.post import Poster
from edge.outputs.webhooks.stream import stream_of
from edge.outputs.webhooks.subscription import Subscription, subscriptions
from edge.outputs.webhooks.worker import WebhookWorker
from edge.picture.board import Board
from edge.settings import ChannelSettings, Settings
from edge.store.deliveries import Deliveries
from edge.store.event_log import EventLog
from edge.store.outbox import Outbox
from edge.store.tokens import Tokens
from edge.store.track_log import TrackLog

TOKENS_FILE = "tokens.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Everything a device is made of, joined. Channels come and go with the settings; these stay."""

    clock: Clock
    zone: tzinfo
    health: Health
    mailboxes: Mailboxes
    known: KnownCameras
    board: Board
    log: EventLog
    outbox: Outbox
    deliveries: Deliveries
    tracks: TrackLog
    analysis: AnalysisWorker
    context: RestContext


def build_parts(settings: Settings, current: Callable[[], Settings], clock: Clock, zone: tzinfo) -> Parts:
    """Build what does not depend on single channels. `current` gives the settings in force at any later time."""
    state_dir = Path(settings.state_dir)
    identity = device_id(state_dir)
    health = Health()
    mailboxes = Mailboxes()
    board = Board()
    log = EventLog(state_dir, clock, timezone=zone, retention=settings.retention, health=health)
    outbox = Outbox(state_dir, clock, health=health, newest_id=log.last_event_id)
    deliveries = Deliveries(outbox, settings.retention.deliveries_mb)
    tracks = TrackLog(state_dir, clock, settings.retention)
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
        alarms=Alarms(current, lambda settings: alarm_targets(settings, identity, clock, zone), clock),
    )
    analysis = AnalysisWorker(mailboxes, log, board, health, clock, zone=zone, tracks=tracks)
    return Parts(
        clock=clock,
        zone=zone,
        health=health,
        mailboxes=mailboxes,
        known=KnownCameras(state_dir / CAMERAS_FILE),
        board=board,
        log=log,
        outbox=outbox,
        deliveries=deliveries,
        tracks=tracks,
        analysis=analysis,
        context=context,
    )


def build_rest(parts: Parts) -> RestServer:
    """Build the REST API's worker."""
    return RestServer(parts.context, all_routes(parts.context))


def build_capture(channel: ChannelSettings, parts: Parts) -> CaptureWorker:
    """Build one camera's worker."""
    return CaptureWorker(
        channel,
        make_source(channel, parts.clock, parts.zone, parts.known),
        parts.mailboxes,
        parts.health,
        parts.clock,
        on_lost=parts.analysis.lost,
        on_end=parts.analysis.ended,
    )


def build_programs(settings: Settings, parts: Parts) -> list[ProgramWorker]:
    """Build one worker for each program."""
    named = zip(settings.programs, reader_names(settings.programs), strict=True)
    return [
        ProgramWorker(
            number,
            program,
            reader,
            log=parts.log,
            outbox=parts.outbox,
            health=parts.health,
            clock=parts.clock,
            zone=parts.zone,
        )
        for number, (program, reader) in enumerate(named, 1)
    ]


def alarm_targets(settings: Settings, identity: str, clock: Clock, zone: tzinfo) -> list[AlarmTarget]:
    """Return all who may get a test alarm, in the order of the settings; `identity` is the device's id."""
    return [
        *webhook_targets(subscriptions(settings, identity), clock, zone),
        *(ProgramTarget(number, program, zone) for number, program in enumerate(settings.programs, 1)),
    ]


def readers(settings: Settings, parts: Parts) -> list[str]:
    """Return the names under which outputs keep cursors in the outbox; those not here are forgotten in a week."""
    return [*(each.reader for each in hooked(settings, parts)), *reader_names(settings.programs)]


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


def watched(settings: Settings) -> Sequence[ChannelSettings]:
    """Return the channels that are looked at."""
    return [channel for channel in settings.channels if channel.enabled]
