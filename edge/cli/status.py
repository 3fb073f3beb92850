"""`edge status`: health of the running device."""

import argparse
import json
import sys

from edge.cli.ask import add_device, ask_device

EXIT_UNHEALTHY = 1


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    add_device(parser)
    parser.add_argument("--json", action="store_true", help="print everything as one JSON object")


def run(args: argparse.Namespace) -> int:
    """Print how the device is; 0 only when it is healthy."""
    document = ask_device(args, {"call": "status"})
    sys.stdout.write((json.dumps(document, indent=2) if args.json else in_words(document)) + "\n")
    return 0 if document.get("healthy") is True else EXIT_UNHEALTHY


def in_words(document: dict[str, object]) -> str:
    """Return the document as lines for people."""
    state = "healthy" if document.get("healthy") is True else "not healthy"
    lines = [f"{document.get('name')} (edge {document.get('version')}): {state}"]
    channels = document.get("channels")
    lines += [_camera(channel) for channel in (channels if isinstance(channels, list) else [])]
    programs = document.get("programs")
    lines += [_program(program) for program in (programs if isinstance(programs, list) else [])]
    receivers = document.get("receivers")
    lines += [receiver_line(each) for each in (receivers if isinstance(receivers, list) else [])]
    broker = document.get("mqtt")
    lines += [_broker(broker)] if isinstance(broker, dict) else []
    https = document.get("https")
    lines += (
        [f"  https: port {https['port']}, certificate SHA-256 {https['fingerprint']}"]
        if isinstance(https, dict)
        else []
    )
    disk = document.get("disk")
    lines += [_disk(disk)] if isinstance(disk, dict) else []
    for title, key in (("worker", "workers"), ("fault", "faults"), ("notice", "notices")):
        entries = document.get(key)
        lines += [f"  {title} {name}: {text}" for name, text in (entries if isinstance(entries, dict) else {}).items()]
    lines += [f"  update: {document['update']}"] if document.get("update") else []
    lines.append(f"  {document.get('waiting')} clients waiting, last event {document.get('last_event_id')}")
    return "\n".join(lines)


def _camera(channel: dict[str, object]) -> str:
    """Return one camera's line: what comes, what is analysed of it, and of what should not be there, what is."""
    figures = [f"{channel['fps']} fps", f"{channel['analysed_fps']} of {channel['wanted_fps']} analysed"]
    if channel["bytes_per_s"]:
        figures.append(f"{float(str(channel['bytes_per_s'])) * 8e-6:.2f} Mbit/s")
    counted = (("left_out", "left out"), ("decode_errors", "not decodable"), ("reconnects", "reconnects"))
    figures += [f"{channel[key]} {words}" for key, words in counted if channel[key]]
    if channel["status"] != "ok" and "picture_age_s" in channel:
        figures.append(f"last picture {channel['picture_age_s']} s ago")
    detail = f" - {channel['detail']}" if channel["detail"] else ""
    return f"  camera {channel['name']}: {channel['status']}, {', '.join(figures)}{detail}"


def _disk(disk: dict[str, object]) -> str:
    """Return the disk's line: what is written to it a day."""
    megabytes, own = (float(str(disk[key])) / 1e6 for key in ("written_last_day", "own_last_day"))
    return f"  disk {disk['name']}: {megabytes:.0f} MB a day written, {own:.0f} MB of it by edge"


def _broker(broker: dict[str, object]) -> str:
    """Return the MQTT broker's line: whether it is there, what waits for it, what is wrong."""
    state = "connected" if broker["connected"] else "not connected"
    refused = f", {broker['refused']} refused" if broker["refused"] else ""
    detail = f" - {broker['detail']}" if broker["detail"] else ""
    return f"  mqtt: {state}, {broker['behind']} events wait, {broker['published']} messages taken{refused}{detail}"


def _program(program: dict[str, object]) -> str:
    """Return one program's line: how its runs ended, as far as there were such."""
    told = ", ".join(
        f"{program[key]} {word}"
        for key, word in (
            ("failed", "failed"),
            ("timed_out", "ended at the time limit"),
            ("not_started", "not started"),
            ("passed_over", "passed over"),
            ("waiting", "waiting"),
        )
        if program[key]
    )
    return f"  program {program['number']} ({program['command']}): {program['well']} runs well{told and ', ' + told}"


def receiver_line(receiver: dict[str, object]) -> str:
    """Return how one receiver of events is, in a line."""
    counts = [("delivered", "delivered"), ("waiting", "waiting"), ("dead", "dead letters"), ("given_up", "given up")]
    told = [f"{receiver[key]} {words}" for key, words in counts if receiver[key] or key == "delivered"]
    detail = f" - {receiver['detail']}" if receiver["detail"] else ""
    return f"  {receiver['name']} to {receiver['address']}: {receiver['status']}, {', '.join(told)}{detail}"
