"""What a connection to the broker proves itself with, and what it trusts: the password's file, TLS."""

import ssl
from pathlib import Path

from edge.model.errors import StatedError
from edge.settings.outputs import MqttTlsSettings


class BrokerError(StatedError):
    """The connection cannot be set up with these settings; the text says what to do."""


class PasswordFileError(OSError):
    """The file with the password cannot be read."""


def first_line(path: str) -> str:
    """Return the password that a file holds. Raises PasswordFileError."""
    try:
        with Path(path).open(encoding="utf-8") as file:
            return file.readline().rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise PasswordFileError(f"mqtt.password_file {path} cannot be read: {why}") from None


class TlsSocket(ssl.SSLSocket):
    """Closes itself where the two do not agree: paho forgets such a socket."""

    def do_handshake(self, block: bool = False) -> None:  # noqa: FBT001, FBT002 - the library's signature
        """Agree; closed where that fails."""
        try:
            super().do_handshake(block)
        except OSError:
            self.close()
            raise


def tls_context(tls: MqttTlsSettings) -> ssl.SSLContext:
    """Return what the connection is encrypted with. Raises BrokerError."""
    try:
        context = ssl.create_default_context(cafile=tls.ca_file)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "it holds no certificate"
        raise BrokerError(f"mqtt.tls.ca_file {tls.ca_file} cannot be used: {why}") from None
    context.sslsocket_class = TlsSocket
    if tls.insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
