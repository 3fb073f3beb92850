"""What the front serves, seen from outside: its certificate, and for how long clients will take that."""

import math
import ssl
from datetime import UTC, datetime
from socket import create_connection

from edge.config.certificate import spelled

Place = tuple[str, int]
WARN_DAYS = 21
_DAY_S = 86_400.0
_CONNECT_S = 3.0
_EXPIRED = 10
"""X509_V_ERR_CERT_HAS_EXPIRED of OpenSSL."""
_RENEW = "put a new one in the place of api.tls.cert_file and key_file: it is in use within a minute"


def served(place: Place) -> str:
    """Return the fingerprint of the certificate that a TLS server shows. Raises OSError."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # what is shown is the question here, nothing is told to the other side
    with create_connection(place, _CONNECT_S) as plain, context.wrap_socket(plain) as encrypted:
        return spelled(encrypted.getpeercert(binary_form=True) or b"")


def end_of(place: Place, pem: str) -> float:
    """Return when the certificate `pem` ends (Unix time in s), as a client that trusts it alone sees it served.

    0 where it has ended; infinity where that cannot be told. Raises OSError where nothing answers.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.load_verify_locations(cadata=pem)
    try:
        with create_connection(place, _CONNECT_S) as plain, context.wrap_socket(plain) as encrypted:
            told = (encrypted.getpeercert() or {}).get("notAfter")
    except ssl.SSLCertVerificationError as error:
        return 0.0 if error.verify_code == _EXPIRED else math.inf
    return float(ssl.cert_time_to_seconds(told)) if isinstance(told, str) else math.inf


def term_text(end_s: float, now_s: float) -> str:
    """Return what the owner is to know of a certificate's end, three weeks before it; else nothing."""
    left_s = end_s - now_s
    if left_s <= 0:
        return f"the certificate of HTTPS has ended, browsers and other clients refuse it; {_RENEW}"
    if left_s > WARN_DAYS * _DAY_S:
        return ""
    return f"the certificate of HTTPS ends on {datetime.fromtimestamp(end_s, UTC):%Y-%m-%d}; {_RENEW}"
