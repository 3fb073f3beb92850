"""What the REST API needs from the rest of the program, handed in once."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Literal

from edge.backup.desk import Desk
from edge.health import Health
from edge.model.clock import Clock
from edge.outputs.alarm.sound import Alarms
from edge.picture.board import Board
from edge.settings import Settings
from edge.store.deliveries import Deliveries
from edge.store.event_log import EventLog
from edge.store.outbox import Outbox
from edge.store.tokens import Tokens
from edge.update.desk import UpdateDesk


@dataclass(frozen=True, slots=True, kw_only=True)
class RestContext:
    """The parts that handlers work with. `settings` gives the settings in force now: they may change while running.

    `timezone` is the device's, as the event log has it. `closing` is set while the server stops: answers without end
    end then. `desk` makes and takes backups; None where there are none.
    """

    settings: Callable[[], Settings]
    log: EventLog
    outbox: Outbox
    deliveries: Deliveries
    board: Board
    health: Health
    tokens: Tokens
    clock: Clock
    device_id: str
    timezone: tzinfo
    alarms: Alarms
    updates: UpdateDesk = field(default_factory=UpdateDesk)
    desk: Desk | None = None
    closing: threading.Event = field(default_factory=threading.Event)


@dataclass(frozen=True, slots=True)
class Route:
    """One path of the API, in Bottle's form; `writes` marks a call that changes something and needs a token.

    `open` marks a call that never needs one, `secret` one that always does, closed to pages of other origins.
    """

    method: Literal["GET", "POST", "PUT", "DELETE"]
    path: str
    handler: Callable[..., object]
    writes: bool = False
    open: bool = False
    secret: bool = False
