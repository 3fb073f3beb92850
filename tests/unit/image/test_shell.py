"""The build's and the device's shell programs, read by shellcheck."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
FOLDERS = ("image-build", "systemd", ".ci")
FIRST = (b"#!/bin/sh", b"#!/bin/bash", b"#!/usr/bin/env bash", b"#!/bin/busybox sh")
# What parts that are sourced share (SC1091, SC2034, SC2148, SC2153), text for another shell (SC2016), busybox (SC2187).
LEFT_ALONE = "SC1091,SC2016,SC2034,SC2148,SC2153,SC2187"


def shell_programs() -> list[Path]:
    found = [
        path for folder in FOLDERS for path in (ROOT / folder).rglob("*") if path.is_file() and not path.is_symlink()
    ]
    return sorted(path for path in found if path.suffix == ".sh" or path.read_bytes().split(b"\n")[0].strip() in FIRST)


def test_shellcheck_finds_nothing() -> None:
    if shutil.which("shellcheck") is None:
        pytest.skip("no shellcheck here (apt-get install shellcheck)")
    programs = [str(path) for path in shell_programs()]
    assert len(programs) > 20
    words = ["shellcheck", "--severity=warning", f"--exclude={LEFT_ALONE}", *programs]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
