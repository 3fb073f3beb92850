"""Schemathesis, which makes calls of all kinds from the definition, finds nothing in the served API."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from edge.settings import ApiSettings
from tests.support.device import crossing, door_channel, filming
from tests.support.rest import serving

LEFT_OUT = "/v1/(sse|mjpeg)/|/v1/restore$"
"""Answers without an end; and an upload, whose body is any bytes by the definition and a whole backup in truth."""
SEED = "2026"


@pytest.mark.parametrize(("form", "auth"), [("openapi", "all"), ("swagger", "writes")])
def test_it_finds_nothing(tmp_path: Path, form: str, auth: str) -> None:
    api = ApiSettings(host="127.0.0.1", port=0, auth=auth, max_wait_s=1.0)  # type: ignore[arg-type] # one of its names
    with serving(tmp_path / "device", api=api, channels=[door_channel()]) as device, filming(device):
        device.commit(crossing(), crossing())
        token = device.context.tokens.create("fuzz")
        run(f"{device.url}/{form}.json", tmp_path, "--header", f"Authorization: Bearer {token}")


def run(url: str, folder: Path, *more: str) -> None:
    """Run it in a process of its own: it is a program that wants its own settings and warnings."""
    program = Path(sys.executable).with_name("schemathesis")
    examples = os.environ.get("EDGE_FUZZ_EXAMPLES", "15")
    words = [str(program), "run", url, "--exclude-path-regex", LEFT_OUT, "--seed", SEED, "--max-examples", examples]
    words += ["--generation-database", "none", "--no-color", "--phases", "examples,coverage,fuzzing", *more]
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, timeout=900, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
