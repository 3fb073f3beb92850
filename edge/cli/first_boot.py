"""`edge first-boot`: settings and Wi-Fi from the boot partition, identity, and word of it in `edge-status.txt`."""

import argparse
import sys
from ipaddress import IPv4Address
from pathlib import Path

import ifaddr

from edge.app.logs import set_up_logging
from edge.app.system import SystemClock
from edge.cli.errors import CommandError
from edge.cli.settings_file import add_config
from edge.firstboot.moment import moment
from edge.firstboot.program import STARTING, program_state
from edge.firstboot.status import Standing
from edge.firstboot.take import Places, first_boot
from edge.firstboot.take_wifi import WifiPlaces
from edge.store.tokens import TokenError
from edge.update.status import read_status

AGAIN = 75
"""Exit code (sysexits.h: EX_TEMPFAIL): done, and worth doing once more in a while, since something is still missing."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    add_config(parser)
    parser.add_argument("--boot", type=Path, required=True, metavar="DIR", help="where the boot partition is mounted")
    parser.add_argument("--state", type=Path, default=Path("/var/lib/edge"), metavar="DIR", help="default: %(default)s")
    parser.add_argument(
        "--first", type=Path, default=Path("/usr/share/edge/edge.yaml"), metavar="FILE",
        help="settings of a device that has none (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument("--secrets", type=Path, metavar="DIR", help="where what lies in the folder secrets goes")
    parser.add_argument("--wifi", type=Path, metavar="FILE", help="NetworkManager's file to write; without: no Wi-Fi")
    parser.add_argument("--country", type=Path, metavar="FILE", help="file for the country that wifi.yaml names")
    parser.add_argument("--hostname", type=Path, metavar="FILE", help="file that the host's name is written to")
    parser.add_argument("--avahi", type=Path, metavar="DIR", help="avahi's folder of services, for mDNS")
    parser.add_argument("--certificate", type=Path, metavar="FILE", help="the device's own certificate for HTTPS")
    parser.add_argument(
        "--notices", type=Path, metavar="FILE", help="what the start of the system has to tell, by line"
    )
    parser.add_argument(
        "--program", metavar="UNIT",
        help=f"tell whether this unit is up; ends with {AGAIN} while it, or an address, is missing",
    )  # fmt: skip


def run(args: argparse.Namespace) -> int:
    """Do it; what is wrong with a file there is told there, and is no failure."""
    set_up_logging("info")
    places = Places(
        boot=args.boot,
        settings=args.config,
        first_settings=args.first,
        state_dir=args.state,
        secrets=args.secrets,
        wifi=None if args.wifi is None else WifiPlaces(keyfile=args.wifi, country=args.country),
        hostname=args.hostname,
        avahi=args.avahi,
        notices=args.notices,
        certificate=args.certificate,
    )
    program = None if args.program is None else program_state(args.program)
    update = read_status()
    standing = Standing(
        program=STARTING if program is None else program.text,
        update=update.text() if update.supported else "",
        written=moment(SystemClock()),
    )
    reached = addresses()
    try:
        told = first_boot(places, reached, standing)
    except TokenError as error:
        raise CommandError(str(error)) from None
    sys.stdout.writelines(
        f"{line}\n" for line in (f"{told.name}, device id {told.device_id}", *told.notes, standing.program)
    )
    return AGAIN if program is not None and not (program.up and reached) else 0


def addresses() -> list[str]:
    """Return the IPv4 addresses of this device that others may reach."""
    found = [str(ip.ip) for adapter in ifaddr.get_adapters() for ip in adapter.ips if ip.is_IPv4]
    return [each for each in found if not (IPv4Address(each).is_loopback or IPv4Address(each).is_link_local)]
