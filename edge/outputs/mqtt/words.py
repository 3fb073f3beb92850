"""What goes wrong with a broker, in words that say what to do. Nothing here repeats a password."""

import socket
import ssl
from collections.abc import Sequence

from edge.settings import MqttSettings

WRONG_PASSWORD = frozenset({"Bad user name or password", "Not authorized", "Bad authentication method"})
OLD_BROKER = "Unsupported protocol version"
STALLED = "Keep alive timeout"
PASSING = frozenset({"Quota exceeded", "Unspecified error", "Implementation specific error"})
"""Refusals of one message that may be over in a moment."""


def place(settings: MqttSettings) -> str:
    """Return the broker's address as people read it."""
    return f"{settings.host}:{settings.port}"


def refused(settings: MqttSettings, reason: str) -> str:
    """Return why a broker would not have us; `reason` is the name of the reason in MQTT's own words."""
    if reason in WRONG_PASSWORD:
        who = f"the user {settings.username!r}" if settings.username else "clients without a user name"
        return f"the broker {place(settings)} refuses {who}; check mqtt.username and mqtt.password_file"
    if reason == OLD_BROKER:
        return f"the broker {place(settings)} speaks an older MQTT"
    return f"the broker {place(settings)} refuses the connection: {reason.lower()}"


def unsent(settings: MqttSettings, refusal: str, needed: Sequence[str]) -> str:
    """Return that the broker does not take messages, and which topics its access list has to let us write."""
    return (
        f"the broker {place(settings)} refuses messages ({refusal}); "
        f"let {_who(settings)} write {' and '.join(needed)} in its access list"
    )


def unheard(settings: MqttSettings, refusal: str, filters: Sequence[str]) -> str:
    """Return that the broker does not let us hear some topics, and what its access list has to let us read."""
    return (
        f"the broker {place(settings)} refuses subscriptions ({refusal}), so nothing that is asked there is heard; "
        f"let {_who(settings)} subscribe to {' and '.join(filters)} in its access list"
    )


def _who(settings: MqttSettings) -> str:
    return settings.username or "clients without a user name"


def unreachable(settings: MqttSettings, error: BaseException | None) -> str:
    """Return why nobody was reached."""
    where = place(settings)
    match error:
        case ssl.SSLCertVerificationError():
            why = getattr(error, "verify_message", "it cannot be checked")
            text = f"the certificate of the broker {where} is not trusted ({why}); set mqtt.tls.ca_file"
        case ssl.SSLError():
            why = getattr(error, "reason", None) or "it speaks something else"
            text = f"no TLS with the broker {where} ({why}); check mqtt.port and mqtt.tls"
        case ConnectionResetError() if settings.tls is not None:
            text = f"no TLS with the broker {where} (it breaks the connection off); check mqtt.port and mqtt.tls"
        case ConnectionRefusedError():
            text = f"nothing listens at {where}; check mqtt.port, and that the broker runs"
        case socket.gaierror():
            text = f"the name of the broker {where} is not known; check mqtt.host and the name server"
        case TimeoutError():
            text = f"the broker {where} does not answer; check mqtt.host, the cable and the power"
        case _:
            why = getattr(error, "strerror", None) or "no reason known"
            text = f"the broker {where} cannot be reached ({why}); check mqtt.host and the network"
    return text


def no_loopback(error: OSError) -> str:
    """Return that not even this machine's own network is there."""
    return (
        f"this machine's own network (the interface lo) is down, MQTT waits for it ({error.strerror}); "
        "the system brings it up at its start: restart the device"
    )


def broken(settings: MqttSettings, reason: str, *, answered: bool) -> str:
    """Return how a connection ended that was made; `answered`: the broker had accepted us."""
    where = place(settings)
    if reason == STALLED:
        return f"the broker {where} has stalled: it takes the connection and says nothing; restart it"
    if reason == "Session taken over":
        return (
            f"another client has connected to the broker {where} with this device's id; are there two of this device?"
        )
    if answered:
        return f"the connection to the broker {where} was lost ({reason.lower()})"
    return f"the broker {where} closes the connection without an answer; check mqtt.port, mqtt.tls and mqtt.version"
