"""manual_page.py CHECKOUT VERSION: edge(1), from the table of commands."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(sys.argv[1])))

from edge.cli.main import COMMANDS

HEAD = r""".TH EDGE 1 "" "edge {version}" "Camera analytics"
.SH NAME
edge \- camera analytics that count people and vehicles
.SH SYNOPSIS
.B edge
.I COMMAND
[\fIOPTIONS\fR]
.SH DESCRIPTION
Video in, people and vehicles tracked, lines and zones judged, events out over REST, webhooks and MQTT.
.B edge
.I COMMAND
.B \-\-help
tells the options of a command.
.SH COMMANDS
"""
TAIL = r""".SH FILES
.TP
.I /etc/edge/edge.yaml
the settings; read anew by
.B systemctl reload edge
.TP
.I /var/lib/edge
events, pictures, tokens
.TP
.I /usr/share/doc/edge
every setting (CONFIG.md), looking after a device (operations.md), writing a client (api.md)
.SH EXIT STATUS
0: well; 1: a failure, told in one line; 2: wrong usage.
"""


def page(version: str) -> str:
    """Return the page in the language of man."""
    commands = "".join(f".TP\n.B edge {name}\n{line}\n" for name, (_, line) in COMMANDS.items())
    return HEAD.format(version=version) + commands.replace("-", r"\-") + TAIL


sys.stdout.write(page(sys.argv[2]))
