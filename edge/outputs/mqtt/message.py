"""What is published, and what the broker has to say: the values between the worker and its connection."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Message:
    """One message. `expires_s` is for how long the broker keeps it for those who are away; None: for good."""

    topic: str
    payload: bytes
    retain: bool = False
    expires_s: int | None = None


@dataclass(frozen=True, slots=True)
class Connected:
    """The broker has accepted us.

    `window` is how many messages may wait for its acknowledgement, `most_bytes` the largest packet that it takes;
    `retains` tells whether it keeps retained messages. `address` is our own address as the broker sees it.
    """

    window: int
    most_bytes: int
    retains: bool
    address: str


@dataclass(frozen=True, slots=True)
class Lost:
    """There is no connection: `why` says what to do. `refused`: the broker was there and would not have us."""

    why: str
    refused: bool = False


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """The broker has taken the message `number`; `refusal` is in words why it did not, empty where it did.

    `passing` refusals are worth another try.
    """

    number: int
    refusal: str = ""
    passing: bool = False


@dataclass(frozen=True, slots=True)
class Arrived:
    """A message that came in; `retained` ones are from before we asked."""

    topic: str
    payload: bytes
    retained: bool


@dataclass(frozen=True, slots=True)
class Subscribed:
    """The broker has answered what we want to hear: it does not let us hear `refused`; `refusal` is why, in words."""

    refused: tuple[str, ...] = ()
    refusal: str = ""


Happening = Connected | Lost | Acknowledged | Arrived | Subscribed
