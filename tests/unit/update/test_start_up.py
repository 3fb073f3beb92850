"""What updates need is loaded when there is one: the program that runs all day does not carry it."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize("module", ["edge.app.compose", "edge.cli.update", "edge.update.stick"])
def test_the_library_of_signatures_is_not_loaded_at_the_start(module: str) -> None:
    heavy = "{'nacl', 'edge.update.signature', 'edge.update.fetch'}"
    program = f"import sys, {module}; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert done.stdout == "[]\n"
