"""Settings of one device made to fit another, and the files that they name."""

from pathlib import Path

import pytest

from edge.backup.errors import BackupError
from edge.backup.head import Head, head_text, read_head
from edge.backup.secret_files import secret_files
from edge.backup.texts import rewritten
from edge.config.loader import loads

HEAD = Head(
    device_id="aaaaaaaaaaaa", device_name="north", version="1", time_s=0, events=0, last_event_id=0,
    state_dir="/var/lib/edge", config_dir="/etc/edge",
    secret_files={"/etc/edge/secrets/cam1": "secrets/cam1", "/etc/edge/ca.pem": "ca.pem"},
)  # fmt: skip
TEXT = """\
# kept
channels:
  - name: Gate
    source: {rtsp: {url: "rtsp://192.0.2.1/a", username: v, password_file: /etc/edge/secrets/cam1}}  # this one too
mqtt: {host: 192.0.2.2, tls: {ca_file: /etc/edge/ca.pem}}
webhooks: [{url: "https://example.org/", secret_files: [/etc/edge/secrets/hook, /root/other]}]
"""


def test_the_files_that_settings_name_are_found() -> None:
    found = secret_files(loads(TEXT, "x"), Path("/etc/edge"))
    assert found.inside == {
        "/etc/edge/secrets/cam1": "secrets/cam1",
        "/etc/edge/secrets/hook": "secrets/hook",
        "/etc/edge/ca.pem": "ca.pem",
    }
    assert found.outside == ("/root/other",)


def test_a_path_that_leaves_the_folder_is_not_in_it() -> None:
    text = TEXT.replace("/etc/edge/ca.pem", "/etc/edge/../shadow").replace("/etc/edge/secrets/hook", "secrets/hook")
    found = secret_files(loads(text, "x"), Path("/etc/edge"))
    assert set(found.outside) == {"/etc/edge/../shadow", "secrets/hook", "/root/other"}


def test_on_a_device_of_the_same_kind_nothing_is_changed() -> None:
    assert rewritten(TEXT, HEAD, Path("/etc/edge/edge.yaml"), Path("/var/lib/edge")) == TEXT


@pytest.mark.parametrize("line", ["", "state_dir: /var/lib/edge\n", "state_dir:   '/elsewhere'   # there\n"])
def test_paths_are_those_of_this_device_and_all_else_stays(line: str) -> None:
    text = rewritten(line + TEXT, HEAD, Path("/home/u/edge.yaml"), Path("/home/u/state"))
    after = loads(text, "x")
    assert after.state_dir == "/home/u/state"
    source = after.channels[0].source.rtsp
    assert source is not None
    assert source.password_file == "/home/u/secrets/cam1"
    assert after.mqtt is not None
    assert after.mqtt.tls is not None
    assert after.mqtt.tls.ca_file == "/home/u/ca.pem"
    assert "# kept\n" in text
    assert "# this one too" in text


def test_settings_that_cannot_be_made_to_fit_are_refused() -> None:
    text = '"state_dir": /elsewhere\n' + TEXT
    with pytest.raises(BackupError, match="state_dir"):
        rewritten(text, HEAD, Path("/etc/edge/edge.yaml"), Path("/var/lib/edge"))


def test_the_head_comes_back() -> None:
    assert read_head(head_text(HEAD)) == HEAD
