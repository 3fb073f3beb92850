"""`edge first-boot`: settings and Wi-Fi from the boot partition, identity, and word of it in `edge-status.txt`."""

import argparse
import sys
from ipaddress import IPv4Address
from pathlib import Path

import ifaddr

from edge.app.logs import set_up_logging
from edge.cli.errors import CommandError
from edge.cli.settings_file import add_config
from edge.firstboot.take import Places, first_boot
from edge.store.tokens import TokenError


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    add_config(parser)
    parser.add_argument("--boot", type=Path, required=True, metavar="DIR", help="where the boot partition is mounted")
    parser.add_argument("--state", type=Path, default=Path("/var/lib/edge"), metavar="DIR", help="default: %(default)s")
    parser.add_argument(
        "--first", type=Path, default=Path("/usr/share/edge/edge.yaml"), metavar="FILE",
        help="settings of a device that has none (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument("--wifi", type=Path, metavar="FILE", help="NetworkManager's file to write; without: no Wi-Fi")
    parser.add_argument("--hostname", type=Path, metavar="FILE", help="file that the host's name is written to")
    parser.add_argument("--avahi", type=Path, metavar="DIR", help="avahi's folder of services, for mDNS")
    parser.add_argument("--certificate", type=Path, metavar="FILE", help="the device's own certificate for HTTPS")
    parser.add_argument(
        "--notices", type=Path, metavar="FILE", help="what the start of the system has to tell, by line"
    )


def run(args: argparse.Namespace) -> int:
    """Do it; what is wrong with a file there is told there, and is no failure."""
    set_up_logging("info")
    places = Places(
        boot=args.boot,
        settings=args.config,
        first_settings=args.first,
        state_dir=args.state,
        wifi=args.wifi,
        hostname=args.hostname,
        avahi=args.avahi,
        notices=args.notices,
        certificate=args.certificate,
    )
    try:
        told = first_boot(places, addresses())
    except TokenError as error:
        raise CommandError(str(error)) from None
    sys.stdout.writelines(f"{line}\n" for line in (f"{told.name}, device id {told.device_id}", *told.notes))
    return 0


def addresses() -> list[str]:
    """Return the IPv4 addresses of this device that others may reach."""
    found = [str(ip.ip) for adapter in ifaddr.get_adapters() for ip in adapter.ips if ip.is_IPv4]
    return [each for each in found if not (IPv4Address(each).is_loopback or IPv4Address(each).is_link_local)]
