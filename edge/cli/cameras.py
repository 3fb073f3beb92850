"""`edge cameras`: finds cameras, and prints what each offers, ready to paste; `edge cameras test URL` tries one."""

import argparse
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from edge.app.system import SystemClock
from edge.capture.attached import Attached
from edge.capture.csi.listing import csi_cameras
from edge.capture.deadline import Deadline
from edge.capture.onvif.client import Login
from edge.capture.onvif.discovery import discover
from edge.capture.onvif.survey import Surveyed, survey
from edge.capture.usb.listing import attached_by_usb
from edge.cli import cameras_test
from edge.cli.cameras_blocks import listing
from edge.cli.errors import CommandError

_ALL_S = 10.0
_DISCOVER_S = 3.0
_ASK_S = 4.0
_AT_ONCE = 16


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    add_login(parser)
    actions = parser.add_subparsers(dest="action", metavar="[test URL]")
    cameras_test.configure(actions.add_parser("test", help="open one camera and report", allow_abbrev=False))


def add_login(parser: argparse.ArgumentParser) -> None:
    """Add `--user` and `--password-file`."""
    parser.add_argument("--user", default="", metavar="NAME", help="user name for cameras in the network")
    parser.add_argument("--password-file", type=Path, metavar="FILE", help="file whose first line is the password")


def run(args: argparse.Namespace) -> int:
    """Print every camera that is found within ten seconds, as YAML; fail where there is none."""
    login = Login(args.user, password(args.password_file))
    if args.action == "test":
        return cameras_test.run(args, login)
    sys.stderr.write(f"looking for cameras, at most {_ALL_S:.0f} s ...\n")
    end = Deadline.after(_ALL_S - 1.0)
    on_cable = Started(csi_cameras)
    attached = attached_by_usb()
    surveyed = _in_network(login, end.sooner(_DISCOVER_S + _ASK_S))
    attached = (on_cable.result(end.left_s()) or []) + attached
    if not attached and not surveyed:
        raise CommandError(
            "no camera answered; look at its power and cable, switch ONVIF on in its settings, and see that it is in"
            " the same network: questions to all do not pass routers"
        )
    sys.stdout.write(listing(attached, surveyed, args.user, args.password_file))
    return 0


def password(path: Path | None) -> str:
    """Return the first line of the password file, empty without one. Raises CommandError where it cannot be read."""
    if path is None:
        return ""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise CommandError(f"cannot read {path} ({error.strerror}); put the password on its first line") from None
    except UnicodeDecodeError:
        raise CommandError(f"{path} is not UTF-8 text; put the password on its first line") from None
    return lines[0] if lines else ""


def _in_network(login: Login, end: Deadline) -> Sequence[Surveyed]:
    found = sorted(discover(_DISCOVER_S), key=lambda each: (each.place.host, each.place.port))
    with ThreadPoolExecutor(_AT_ONCE) as crowd:
        return list(crowd.map(lambda each: survey(each, login, SystemClock(), end), found))


class Started:
    """A call that may hang, on a thread of its own that nobody has to wait for."""

    def __init__(self, call: Callable[[], list[Attached]]) -> None:
        self._call = call
        self._result: list[Attached] | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def result(self, seconds: float) -> list[Attached] | None:
        """Return what the call gave; None where it has not within some seconds."""
        self._thread.join(seconds)
        return self._result

    def _run(self) -> None:
        self._result = self._call()
