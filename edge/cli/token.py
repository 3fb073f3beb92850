"""`edge token`: who may change something through the API."""

import argparse
import sys
from pathlib import Path

from edge.cli.errors import CommandError
from edge.cli.settings_file import add_config, load_settings
from edge.store.tokens import TokenError, Tokens

FILE_NAME = "tokens.json"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    actions = parser.add_subparsers(dest="action", metavar="create|list|revoke", required=True)
    create = actions.add_parser("create", help="make a token and print it, once", allow_abbrev=False)
    create.add_argument("name", help="who it is for")
    listing = actions.add_parser("list", help="names and ages of all tokens", allow_abbrev=False)
    revoke = actions.add_parser("revoke", help="delete a token; it is refused from now on", allow_abbrev=False)
    revoke.add_argument("name", help="its name")
    for action in (create, listing, revoke):
        add_config(action)


def run(args: argparse.Namespace) -> int:
    """Do what the action says. A running device sees the change at once."""
    path = Path(load_settings(args.config).state_dir) / FILE_NAME
    try:
        return _act(Tokens(path), args)
    except TokenError as error:
        raise CommandError(str(error)) from None
    except OSError as error:
        raise CommandError(f"cannot write {path} ({error.strerror}); call it as root or as the device's user") from None


def _act(tokens: Tokens, args: argparse.Namespace) -> int:
    if args.action == "create":
        sys.stdout.write(f"{tokens.create(args.name)}\n")
    elif args.action == "revoke":
        if not tokens.revoke(args.name):
            raise CommandError(f"there is no token named '{args.name}'; `edge token list` shows them")
    else:
        damage = tokens.damage()
        if damage:
            raise CommandError(f"the token file {damage}; move it away and make the tokens anew")
        sys.stdout.writelines(f"{entry.created}  {entry.name}\n" for entry in tokens.entries())
    return 0
