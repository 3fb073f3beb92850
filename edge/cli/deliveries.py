"""`edge deliveries`: what is on its way out, what was given up, and sending it again."""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from edge.app.system import SystemClock, local_zone
from edge.cli.ask import add_device, ask_if_running, state_dir_of
from edge.cli.errors import CommandError
from edge.cli.status import receiver_line
from edge.health import Health
from edge.outputs.delivery_payload import delivery_json
from edge.store.deliveries import Deliveries
from edge.store.errors import StoreError
from edge.store.outbox import Outbox
from edge.store.outbox_file import FILE_NAME

MOST_LISTED = 200
SECONDS = 19
ANY_SIZE_MB = 1_000_000


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    actions = parser.add_subparsers(dest="action", metavar="list|retry", required=True)
    listing = actions.add_parser(
        "list", help="receivers, and deliveries that wait or were given up", allow_abbrev=False
    )
    listing.add_argument("--json", action="store_true", help="print everything as one JSON object")
    again = actions.add_parser("retry", help="send dead letters once more", allow_abbrev=False)
    again.add_argument("id", nargs="?", type=_number, help="number of the dead letter, as in the list")
    again.add_argument("--all", action="store_true", help="all of them")
    for action in (listing, again):
        add_device(action)


def run(args: argparse.Namespace) -> int:
    """Do what the action says; beside a running device, or in its state while none runs."""
    try:
        return _list(args) if args.action == "list" else _retry(args)
    except StoreError as error:
        raise CommandError(str(error)) from error


def _list(args: argparse.Namespace) -> int:
    document = ask_if_running(args, {"call": "deliveries"})
    if document is None:
        with _kept(state_dir_of(args)) as deliveries:
            zone = local_zone("")
            document = {
                "receivers": [],
                "deliveries": [delivery_json(each, zone) for each in deliveries.select(MOST_LISTED)],
            }
    sys.stdout.write((json.dumps(document, indent=2, ensure_ascii=False) if args.json else _in_words(document)) + "\n")
    return 0


def _retry(args: argparse.Namespace) -> int:
    if args.all == (args.id is not None):
        raise CommandError("name one dead letter by its number, or give --all; `edge deliveries list` shows them")
    reply = ask_if_running(args, {"call": "retry", "id": args.id})
    if reply is None:
        with _kept(state_dir_of(args)) as deliveries:
            count = deliveries.retry(args.id)
    else:
        count = int(str(reply.get("count", 0)))
    if args.id is not None and not count:
        raise CommandError(f"there is no dead letter {args.id}; `edge deliveries list` shows them")
    later = " when the device runs" if reply is None else ""
    sys.stdout.write(f"{count} {'is' if count == 1 else 'are'} sent once more{later}\n")
    return 0


@contextmanager
def _kept(state_dir: Path) -> Iterator[Deliveries]:
    """Lend what is kept while no device runs."""
    if not (state_dir / FILE_NAME).exists():
        raise CommandError(f"nothing was ever delivered from {state_dir}; --config or --state names another device")
    outbox = Outbox(state_dir, SystemClock(), health=Health(), newest_id=lambda: 0)
    outbox.open()
    try:
        yield Deliveries(outbox, ANY_SIZE_MB)
    finally:
        outbox.close()


def _in_words(document: Mapping[str, object]) -> str:
    """Return the document as lines for people."""
    receivers, deliveries = (document.get(name) for name in ("receivers", "deliveries"))
    lines = [receiver_line(each).strip() for each in (receivers if isinstance(receivers, list) else [])]
    lines += [_line(each) for each in (deliveries if isinstance(deliveries, list) else [])]
    return "\n".join(lines or ["nothing waits, and nothing was given up"])


def _line(delivery: Mapping[str, object]) -> str:
    time = str(delivery["time"])[:SECONDS].replace("T", " ")
    tried = f"{delivery['attempts']} attempts: {delivery['problem']}" if delivery["problem"] else "not tried yet"
    event = f" (event {delivery['event_id']})" if delivery["event_id"] != -1 else ""
    words = (f"{delivery['delivery_id']:>6}", delivery["state"], time, delivery["receiver"])
    return f"{'  '.join(map(str, words))}  {delivery['title']}{event}; {tried}"


def _number(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is not the number of a dead letter")
    return int(text)
