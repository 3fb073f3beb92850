"""A real Home Assistant with its MQTT integration on a broker, run by the Python that has it; asked line by line.

Usage: python home_assistant_core.py FOLDER HOST PORT. Each line on standard input is a question (`states`,
`press ENTITY`, `switch ENTITY on|off`, `log`, `stop`), each line on standard output the answer as JSON.
"""

import asyncio
import json
import logging
import socket
import sys
from pathlib import Path
from typing import Any

from homeassistant import bootstrap, runner  # type: ignore[import-not-found] # it is there where this is run
from homeassistant.core import HomeAssistant  # type: ignore[import-not-found] # the same
from homeassistant.helpers import entity_registry  # type: ignore[import-not-found] # the same

SETTINGS = "homeassistant:\n  name: Test\nhttp:\n  server_host: 127.0.0.1\n  server_port: {port}\n"
LOUD = logging.WARNING
OURS = ("components.mqtt", "front_door", "edge_")
"""Words in what it says of us; it also says that parts are missing which are not installed for this."""


class Heard(logging.Handler):
    """Keeps what Home Assistant says at warning level or above."""

    def __init__(self) -> None:
        super().__init__(LOUD)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line."""
        self.lines.append(f"{record.levelname} {record.name}: {record.getMessage()}")


async def begin(folder: Path, host: str, port: int) -> HomeAssistant:
    """Start it; the first time it is told of the broker as a user would tell it."""
    hass = await bootstrap.async_setup_hass(
        runner.RuntimeConfig(config_dir=str(folder), skip_pip=True, log_no_color=True, verbose=False)
    )
    assert hass is not None
    await hass.async_start()
    await hass.async_block_till_done()
    if not hass.config_entries.async_entries("mqtt"):
        flow = await hass.config_entries.flow.async_init("mqtt", context={"source": "user"})
        flow = await hass.config_entries.flow.async_configure(flow["flow_id"], {"broker": host, "port": port})
        assert flow["type"] == "create_entry", flow
    return hass


def states(hass: HomeAssistant) -> dict[str, Any]:
    """Return every entity of MQTT by its unique id, with what it shows."""
    registry = entity_registry.async_get(hass)
    found = {}
    for entry in registry.entities.values():
        if entry.platform == "mqtt":
            state = hass.states.get(entry.entity_id)
            attributes = {} if state is None else {k: str(v) for k, v in state.attributes.items()}
            shown = None if state is None else state.state
            found[entry.unique_id] = {"entity_id": entry.entity_id, "state": shown, "attributes": attributes}
    return found


def write_settings(folder: Path) -> None:
    """Have it listen where nobody else does."""
    folder.mkdir(parents=True, exist_ok=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        (folder / "configuration.yaml").write_text(SETTINGS.format(port=probe.getsockname()[1]))


def say(answer: object) -> None:
    """Answer with one line."""
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


async def main() -> None:
    """Answer until told to stop."""
    folder, host, port = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    write_settings(folder)
    heard = Heard()
    logging.getLogger().addHandler(heard)
    hass = await begin(folder, host, port)
    loop = asyncio.get_running_loop()
    say("ready")
    while True:
        words = (await loop.run_in_executor(None, sys.stdin.readline)).split()
        answer: Any = None
        match words:
            case ["states"]:
                await hass.async_block_till_done()
                answer = states(hass)
            case ["log"]:
                answer = [line for line in heard.lines if any(word in line.splitlines()[0] for word in OURS)]
            case ["press", entity_id]:
                await hass.services.async_call("button", "press", {"entity_id": entity_id}, blocking=True)
            case ["switch", entity_id, way]:
                await hass.services.async_call("switch", f"turn_{way}", {"entity_id": entity_id}, blocking=True)
            case _:
                break
        say(answer)
    await hass.async_stop(force=True)


asyncio.run(main())
