"""One connection to a camera's web server; every call is bounded, and what goes wrong is told in words."""

import errno
import socket
import ssl
import time

from edge.capture.source import CameraStatus, CaptureError
from edge.capture.web.address import WebAddress
from edge.settings import HttpTlsSettings

_FAR = {errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EHOSTDOWN}
_AT_ONCE = 65_536


class Connection:
    """Connected when built. CaptureError where nobody answers within `seconds`, or the certificate is not trusted."""

    def __init__(self, address: WebAddress, tls: HttpTlsSettings | None, seconds: float) -> None:
        self._address = address
        end_s = time.monotonic() + seconds
        try:
            plain = socket.create_connection((address.host, address.port), seconds)
        except (OSError, UnicodeError) as error:
            lost = _not_connected(address, error)
        else:
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._line = self._wrapped(plain, tls, end_s) if address.encrypted else plain
            return
        raise lost

    def send(self, request: bytes) -> bool:
        """Send a question; False where the other side has closed."""
        try:
            self._line.sendall(request)
        except OSError:
            return False
        return True

    def receive(self, seconds: float) -> bytes | None:
        """Return bytes as they come, None where none come in time; empty: the other side has closed."""
        try:
            self._line.settimeout(max(seconds, 0.0))
            return self._line.recv(_AT_ONCE)
        except (TimeoutError, BlockingIOError, ssl.SSLWantReadError):
            return None
        except OSError:
            return b""

    def close(self) -> None:
        """Let go; never raises."""
        self._line.close()

    def _wrapped(self, plain: socket.socket, tls: HttpTlsSettings | None, end_s: float) -> socket.socket:
        try:
            context = _context(tls)
            plain.settimeout(max(end_s - time.monotonic(), 0.01))
            return context.wrap_socket(plain, server_hostname=self._address.host)
        except ssl.SSLCertVerificationError as error:
            why = error.verify_message
            text = f"has a certificate that is not trusted ({why}); set tls.ca_file, or tls.insecure: true"
            lost = CaptureError(CameraStatus.REFUSED, f"{self._address.shown} {text}")
        except TimeoutError:
            lost = _stalled(self._address)
        except ssl.SSLError:
            text = "does not speak TLS as it should; write http:// instead of https://, or check the port"
            lost = CaptureError(CameraStatus.BROKEN, f"{self._address.shown} {text}")
        except OSError as error:
            lost = _tls_failed(self._address, error)
        plain.close()
        raise lost


def _context(tls: HttpTlsSettings | None) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=tls.ca_file if tls else None)
    if tls and tls.insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _stalled(address: WebAddress) -> CaptureError:
    text = "takes the connection and says nothing; restart the camera"
    return CaptureError(CameraStatus.STALLED, f"{address.shown} {text}")


def _tls_failed(address: WebAddress, error: OSError) -> CaptureError:
    if isinstance(error, FileNotFoundError | PermissionError | IsADirectoryError):
        text = f"cannot be checked: tls.ca_file cannot be read ({error.strerror})"
        return CaptureError(CameraStatus.REFUSED, f"{address.shown} {text}")
    return CaptureError(CameraStatus.BROKEN, f"{address.shown} broke the connection; the camera may be restarting")


def _not_connected(address: WebAddress, error: Exception) -> CaptureError:
    if isinstance(error, ConnectionRefusedError):
        text = "refuses the connection; check the port, and that HTTP is switched on"
        return CaptureError(CameraStatus.REFUSED, f"{address.shown} {text}")
    if isinstance(error, socket.gaierror | UnicodeError):
        text = "is not known by name; check source.http.url and the name server"
    elif isinstance(error, OSError) and error.errno in _FAR:
        text = "cannot be reached; check the address and the network"
    else:
        text = "does not answer; check the address, the cable and the power"
    return CaptureError(CameraStatus.UNREACHABLE, f"{address.shown} {text}")
