"""What the REST API needs from the rest of the program, handed in once."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from edge.health import Health
from edge.model.clock import Clock
from edge.picture.board import Board
from edge.settings import Settings
from edge.store.event_log import EventLog
from edge.store.tokens import Tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class RestContext:
    """The parts that handlers work with. `settings` gives the settings in force now: they may change while running."""

    settings: Callable[[], Settings]
    log: EventLog
    board: Board
    health: Health
    tokens: Tokens
    clock: Clock
    device_id: str


@dataclass(frozen=True, slots=True)
class Route:
    """One path of the API, in Bottle's form; `writes` marks a call that changes something and needs a token."""

    method: Literal["GET", "POST", "PUT", "DELETE"]
    path: str
    handler: Callable[..., object]
    writes: bool = False
