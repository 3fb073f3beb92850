"""Words to QEMU's monitor by its protocol QMP (qemu.org): its greeting, what the client can do, a command."""

import json
import socket
from pathlib import Path

SAVING_S = 300.0


def command(line: Path, words: str) -> str:
    """Run a command of the human monitor; return what it printed: nothing, where all went well."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(SAVING_S)
        connection.connect(str(line))
        with connection.makefile("rw") as talk:
            talk.readline()
            for asked in (
                {"execute": "qmp_capabilities"},
                {"execute": "human-monitor-command", "arguments": {"command-line": words}},
            ):
                talk.write(json.dumps(asked) + "\n")
                talk.flush()
                answer = json.loads(talk.readline())
                while "event" in answer:
                    answer = json.loads(talk.readline())
            assert "return" in answer, answer
            return str(answer["return"])
