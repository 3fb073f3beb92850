import socket
import ssl

import pytest

from edge.outputs.mqtt import words
from edge.settings import MqttSettings
from edge.settings.outputs import MqttTlsSettings

PLAIN = MqttSettings(host="broker.lan", username="edge")
TLS = MqttSettings(host="broker.lan", port=8883, tls=MqttTlsSettings())


@pytest.mark.parametrize(
    ("settings", "error", "do"),
    [
        pytest.param(PLAIN, ConnectionRefusedError(), "nothing listens at broker.lan:1883; check mqtt.port", id="port"),
        pytest.param(PLAIN, socket.gaierror(-2, "x"), "the name of the broker broker.lan:1883 is not known", id="name"),
        pytest.param(PLAIN, TimeoutError(), "does not answer; check mqtt.host, the cable", id="silent"),
        pytest.param(PLAIN, OSError(113, "No route to host"), "(No route to host); check mqtt.host", id="route"),
        pytest.param(PLAIN, ConnectionResetError(104, "Connection reset"), "cannot be reached", id="reset"),
        pytest.param(TLS, ConnectionResetError(104, "Connection reset"), "no TLS with the broker", id="reset-tls"),
        pytest.param(TLS, ssl.SSLError(1, "x"), "check mqtt.port and mqtt.tls", id="no-tls"),
        pytest.param(PLAIN, None, "no reason known", id="unknown"),
    ],
)
def test_who_cannot_be_reached_is_told_with_what_to_do(
    settings: MqttSettings, error: BaseException | None, do: str
) -> None:
    assert do in words.unreachable(settings, error)


@pytest.mark.parametrize(
    ("reason", "do"),
    [
        pytest.param("Not authorized", "refuses the user 'edge'; check mqtt.username and mqtt.password_file", id="5.0"),
        pytest.param("Bad user name or password", "refuses the user 'edge'", id="3.1.1"),
        pytest.param("Server busy", "refuses the connection: server busy", id="other"),
    ],
)
def test_who_refuses(reason: str, do: str) -> None:
    assert do in words.refused(PLAIN, reason)


def test_a_broker_that_wants_a_user_is_told_of_one_without() -> None:
    assert "clients without a user name" in words.refused(MqttSettings(host="h"), "Not authorized")


@pytest.mark.parametrize(
    ("reason", "answered", "do"),
    [
        pytest.param("Keep alive timeout", True, "has stalled", id="stalled"),
        pytest.param("Session taken over", True, "are there two of this device", id="twin"),
        pytest.param("Unspecified error", True, "was lost", id="lost"),
        pytest.param("Unspecified error", False, "check mqtt.port, mqtt.tls and mqtt.version", id="silent"),
    ],
)
def test_how_a_connection_ended(reason: str, do: str, *, answered: bool) -> None:
    assert do in words.broken(PLAIN, reason, answered=answered)
