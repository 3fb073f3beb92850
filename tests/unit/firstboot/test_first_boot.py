"""What a device does with its boot partition at each start, and after a cut at any of its steps."""

import configparser
import struct
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from edge.firstboot.done import load_done, save_done
from edge.firstboot.status import BYTES, Standing, token_in
from edge.firstboot.take import Places, first_boot
from edge.firstboot.take_wifi import WifiPlaces, take_wifi
from edge.firstboot.wifi import password_in
from edge.store.tokens import Tokens
from tests.support.https_front import pem_of

GOOD = "device: {name: front-door}\napi: {port: 8080}\n"
BAD = "api: {port: 8080}\nchannels:\n  - nam: Door\n    source: {demo: {scene: street}}\n"
FIRST = "api: {auth: all}\n"
WIFI = "ssid: Home\r\npassword: correct horse\r\ncountry: DE\r\n"


@pytest.fixture
def places(tmp_path: Path) -> Iterator[Places]:
    for name in ("boot", "etc", "state", "avahi"):
        (tmp_path / name).mkdir()
    (tmp_path / "first.yaml").write_text(FIRST)
    yield Places(
        boot=tmp_path / "boot",
        settings=tmp_path / "etc/edge.yaml",
        first_settings=tmp_path / "first.yaml",
        state_dir=tmp_path / "state",
        secrets=tmp_path / "etc/secrets",
        wifi=WifiPlaces(
            keyfile=tmp_path / "etc/wifi.nmconnection",
            country=tmp_path / "etc/wifi-country",
            database=regulatory_database(tmp_path / "regulatory.db", "DE", "GB", "NO"),
        ),
        hostname=tmp_path / "etc/hostname",
        avahi=tmp_path / "avahi",
    )
    assert not list(tmp_path.rglob("*.new"))


def regulatory_database(path: Path, *countries: str) -> Path:
    """Write one with the world's entry and these, each with rules somewhere behind."""
    entries = b"".join(struct.pack(">2sH", code.encode(), 100) for code in ("00", *countries))
    path.write_bytes(struct.pack(">4sI", b"RGDB", 20) + entries + bytes(4) + b"\x00ZZrules")
    return path


def told(places: Places) -> str:
    return (places.boot / "edge-status.txt").read_bytes().decode("ascii")


def put_wifi(places: Places, text: str = WIFI) -> Path:
    path = places.boot / "wifi.yaml"
    path.write_bytes(text.encode())
    return path


def test_right_settings_are_taken_and_told(places: Places) -> None:
    (places.boot / "edge.yaml").write_text(GOOD)
    status = first_boot(places, ["192.0.2.7"])
    assert places.settings.read_text() == GOOD
    assert (status.name, status.port) == ("front-door", 8080)
    assert "edge.yaml: taken\r\n" in told(places)
    assert "http://front-door.local:8080/" in told(places)
    assert "http://192.0.2.7:8080/" in told(places)
    assert status.device_id in told(places)
    assert places.hostname is not None
    assert places.hostname.read_text() == "front-door\n"
    assert (
        f"<txt-record>id={status.device_id}</txt-record>"
        in (places.state_dir.parent / "avahi/edge.service").read_text()
    )


def test_wrong_settings_are_told_with_their_line_and_the_first_ones_put_in_place(places: Places) -> None:
    (places.boot / "edge.yaml").write_text(BAD)
    first_boot(places, [])
    assert places.settings.read_text() == FIRST
    assert "edge.yaml: NOT taken" in told(places)
    assert "  edge.yaml:3: channels[0].nam:" in told(places)
    (places.boot / "edge.yaml").write_text(GOOD)
    first_boot(places, [])
    assert places.settings.read_text() == GOOD
    assert "NOT taken" not in told(places)


def test_wrong_settings_leave_those_before_in_force(places: Places) -> None:
    (places.boot / "edge.yaml").write_text(GOOD)
    first_boot(places, [])
    (places.boot / "edge.yaml").write_bytes(b"\xff\xfe nonsense")
    first_boot(places, [])
    assert places.settings.read_text() == GOOD
    assert "edge.yaml:1: not UTF-8" in told(places)


def test_settings_may_name_files_that_come_with_them(places: Places) -> None:
    assert places.secrets is not None
    (places.boot / "secrets").mkdir()
    cert, key, _ = pem_of(places.boot / "secrets")
    kept, settings = places.secrets, places.boot / "edge.yaml"
    settings.write_text(f"api: {{tls: {{mode: files, cert_file: {kept}/{cert.name}, key_file: {kept}/{key.name}}}}}\n")
    secret = key.read_text()
    first_boot(places, ["192.0.2.7"])
    assert "edge.yaml: taken\r\n" in told(places)
    assert "secrets/key.pem: taken, and blanked\r\n" in told(places)
    assert "https://192.0.2.7:48462/" in told(places)
    assert (kept / key.name).read_text() == secret
    before = told(places)
    first_boot(places, ["192.0.2.7"])
    assert told(places) == before


def test_unchanged_settings_are_not_taken_twice_and_changed_ones_are(places: Places) -> None:
    (places.boot / "edge.yaml").write_text(GOOD)
    first_boot(places, [])
    places.settings.write_text("api: {port: 9000}\n")
    first_boot(places, [])
    assert places.settings.read_text() == "api: {port: 9000}\n"
    (places.boot / "edge.yaml").write_text("api: {port: 9001}\n")
    first_boot(places, [])
    assert places.settings.read_text() == "api: {port: 9001}\n"
    assert places.settings.with_name("edge.yaml.before").read_text() == "api: {port: 9000}\n"


def test_two_devices_differ(places: Places, tmp_path: Path) -> None:
    other = Places(
        boot=tmp_path / "b2", settings=tmp_path / "e2", first_settings=places.first_settings, state_dir=tmp_path / "s2"
    )
    other.boot.mkdir()
    one, two = first_boot(places, []), first_boot(other, [])
    assert one.device_id != two.device_id
    assert one.token != two.token
    assert one.name == f"edge-{one.device_id[-6:]}" != two.name


def test_the_token_is_told_once_and_not_again_when_its_line_is_deleted(places: Places) -> None:
    first = first_boot(places, [])
    assert Tokens(places.state_dir / "tokens.json").check(first.token) == "first"
    assert token_in(told(places)[:512]) == first.token
    assert first_boot(places, ["192.0.2.7"]).token == first.token
    (places.boot / "edge-status.txt").write_text(told(places).replace(first.token, ""))
    assert first_boot(places, []).token == ""
    assert Tokens(places.state_dir / "tokens.json").check(first.token) == "first"


def test_a_token_that_a_cut_kept_from_being_told_is_made_anew(places: Places) -> None:
    lost = Tokens(places.state_dir / "tokens.json").create("first")
    token = first_boot(places, []).token
    tokens = Tokens(places.state_dir / "tokens.json")
    assert tokens.check(lost) is None
    assert tokens.check(token) == "first"


def test_the_status_file_never_changes_its_length_and_is_written_only_where_it_differs(places: Places) -> None:
    first_boot(places, [])
    before = (places.boot / "edge-status.txt").stat()
    first_boot(places, [])
    assert (places.boot / "edge-status.txt").stat().st_mtime_ns == before.st_mtime_ns
    (places.boot / "edge.yaml").write_text("".join(f"key{number}: 1\n" for number in range(90)))
    first_boot(places, ["192.0.2.7"])
    after = (places.boot / "edge-status.txt").stat()
    assert (after.st_size, after.st_ino) == (BYTES, before.st_ino)
    assert "lines more" in told(places)


def test_wifi_goes_to_networkmanager_and_its_password_is_blanked(places: Places) -> None:
    source = put_wifi(places)
    first_boot(places, [])
    assert source.read_bytes() == WIFI.replace("correct horse", '""           ').encode()
    assert places.wifi is not None
    assert places.wifi.keyfile.stat().st_mode & 0o777 == 0o600
    read = configparser.ConfigParser()
    read.read_string(places.wifi.keyfile.read_text())
    assert read["wifi-security"]["psk"] == "correct horse"
    assert bytes(int(each) for each in read["wifi"]["ssid"].strip(";").split(";")) == b"Home"
    first_boot(places, [])
    assert read["wifi-security"]["psk"] in places.wifi.keyfile.read_text()
    assert "correct horse" not in told(places) + (places.state_dir / "first-boot.json").read_text()


def test_a_cut_before_the_blanking_is_made_good(places: Places) -> None:
    source = put_wifi(places)
    first_boot(places, [])
    put_wifi(places)  # as it was: noted, not yet blanked
    first_boot(places, [])
    assert b"correct horse" not in source.read_bytes()
    save_done(places.state_dir, type(load_done(places.state_dir))())
    put_wifi(places)  # not even noted
    first_boot(places, [])
    assert b"correct horse" not in source.read_bytes()


def test_a_cut_within_the_blanking_is_made_good_and_no_new_password(places: Places) -> None:
    source = put_wifi(places, "#" * 482 + "\nssid: Home\npassword: correct horse\n")
    first_boot(places, [])
    assert places.wifi is not None
    kept, blanked = places.wifi.keyfile.read_text(), source.read_bytes()
    whole = blanked.replace(b'""           ', b"correct horse")
    source.write_bytes(whole[:512] + blanked[512:])
    assert source.read_bytes() not in {whole, blanked}
    first_boot(places, [])
    assert source.read_bytes() == blanked
    assert places.wifi.keyfile.read_text() == kept


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("ssid: Home\npassword: short\n", "wifi.yaml:2: password: must have 8 to 63", id="short"),
        pytest.param("ssid: Home\npasword: correct horse\n", "wifi.yaml:2: pasword:", id="misspelt"),
        pytest.param("password: correct horse\n", "ssid", id="no name"),
        pytest.param("ssid: Home\n\ncountry: de\n", "wifi.yaml:3: country: expected two capital", id="small"),
        pytest.param("ssid: Home\ncountry: UK\n", "wifi.yaml:2: country: there are no rules for UK", id="no country"),
        pytest.param("ssid: Home\npassword: |-\n  correct horse\n", "on the line of its key", id="block"),
    ],
)
def test_wrong_wifi_is_told_without_the_password(places: Places, text: str, said: str) -> None:
    put_wifi(places, text)
    first_boot(places, [])
    assert "wifi.yaml: NOT taken" in told(places)
    assert said in told(places)
    assert "correct horse" not in told(places)
    assert places.wifi is not None
    assert not places.wifi.keyfile.exists()


def test_without_wifi_the_password_stays_and_that_is_told(places: Places) -> None:
    _, notes = take_wifi(put_wifi(places), None, places.state_dir, load_done(places.state_dir))
    assert notes == ["wifi.yaml: NOT taken; this device sets up no Wi-Fi"]


def test_a_name_that_lies_elsewhere_is_written_there(places: Places, tmp_path: Path) -> None:
    assert places.hostname is not None
    (tmp_path / "data").mkdir()
    places.hostname.symlink_to("../data/hostname")
    status = first_boot(places, [])
    assert places.hostname.is_symlink()
    assert (tmp_path / "data/hostname").read_text() == f"{status.name}\n"


def test_what_the_start_has_to_tell_stands_in_the_status(places: Places, tmp_path: Path) -> None:
    notices = tmp_path / "notices"
    first_boot(replace(places, notices=notices), [])
    assert "ATTENTION" not in told(places)
    notices.write_text("data_renewed: the data partition was made anew\n")
    first_boot(replace(places, notices=notices), [])
    assert "\r\nATTENTION: the data partition was made anew\r\n" in told(places)


@pytest.mark.parametrize("before", [b"\xff\xfe garbage", b"device: {name: [\n"])
def test_settings_that_are_damaged_on_the_device_are_replaced_and_kept(places: Places, before: bytes) -> None:
    places.settings.write_bytes(before)
    (places.boot / "edge.yaml").write_text(GOOD)
    status = first_boot(places, [])
    assert (places.settings.read_text(), status.name) == (GOOD, "front-door")
    assert places.settings.with_name("edge.yaml.before").read_bytes() == before


def test_a_cut_before_the_note_does_not_lose_the_settings_before(places: Places) -> None:
    places.settings.write_text("api: {port: 9000}\n")
    (places.boot / "edge.yaml").write_text(GOOD)
    before = load_done(places.state_dir)
    first_boot(places, [])
    save_done(places.state_dir, before)
    first_boot(places, [])
    assert places.settings.read_text() == GOOD
    assert places.settings.with_name("edge.yaml.before").read_text() == "api: {port: 9000}\n"


@pytest.mark.parametrize("name", ["edge.yaml.txt", "Edge.yml", "edge.txt", "edge (1).yaml", "edge.yaml.yaml"])
def test_a_file_whose_name_is_nearly_right_is_named(places: Places, name: str) -> None:
    (places.boot / name).write_text(GOOD)
    first_boot(places, [])
    assert f"edge.yaml: NOT taken; it is named {name} here: rename it to edge.yaml\r\n" in told(places)
    assert ("View" in told(places)) is name.endswith(".txt")
    (places.boot / name).rename(places.boot / "edge.yaml")
    first_boot(places, [])
    assert "edge.yaml: taken\r\n" in told(places)


def test_a_wifi_file_whose_name_is_nearly_right_is_named_and_others_are_not(places: Places) -> None:
    (places.boot / "wifi.yaml.txt").write_text(WIFI)
    (places.boot / "edge-notes.txt").write_text("edge")
    (places.boot / "edge").mkdir()
    first_boot(places, [])
    assert "wifi.yaml: NOT taken; it is named wifi.yaml.txt here: rename it to wifi.yaml\r\n" in told(places)
    assert "edge.yaml: there is none here" in told(places)


def test_a_file_far_too_large_is_told_and_never_read_whole(places: Places) -> None:
    for name in ("edge.yaml", "wifi.yaml"):
        with (places.boot / name).open("wb") as file:
            file.truncate(2**40)  # more than any memory: a file of holes
    first_boot(places, [])
    for name in ("edge.yaml", "wifi.yaml"):
        assert f"  {name}: larger than 1000000 bytes" in told(places)
    assert places.settings.read_text() == FIRST


@pytest.mark.parametrize("password", ["correct horse", r"back\slash\s", "  blanks  "])
def test_a_blanked_wifi_file_that_is_edited_keeps_its_password(places: Places, password: str) -> None:
    path = put_wifi(places, f"ssid: Home\r\npassword: '{password}'\r\n")
    first_boot(places, [])
    blanked = path.read_bytes()
    path.write_bytes(blanked + b"hidden: true\r\n")
    first_boot(places, [])
    assert places.wifi is not None
    taken = places.wifi.keyfile.read_text()
    assert "hidden=true" in taken
    assert password_in(taken) == password
    assert "wifi.yaml: taken\r\n" in told(places)
    path.write_bytes(blanked.replace(b"Home", b"Cafe"))
    first_boot(places, [])
    assert "psk" not in places.wifi.keyfile.read_text()
    assert "wifi.yaml: taken, as a network without a password\r\n" in told(places)
    first_boot(places, [])
    assert "wifi.yaml: taken, as a network without a password\r\n" in told(places)


def test_without_the_key_the_network_is_an_open_one(places: Places) -> None:
    path = put_wifi(places)
    first_boot(places, [])
    path.write_text("ssid: Home\n")
    first_boot(places, [])
    assert places.wifi is not None
    assert "psk" not in places.wifi.keyfile.read_text()


def test_the_country_is_kept_for_the_kernel_and_goes_with_a_file_that_names_none(places: Places) -> None:
    assert places.wifi is not None
    assert places.wifi.country is not None
    put_wifi(places, WIFI.replace("DE", "NO"))
    first_boot(places, [])
    assert places.wifi.country.read_text() == "COUNTRY=NO\n"
    put_wifi(places, WIFI.replace("country: DE", ""))
    first_boot(places, [])
    assert not places.wifi.country.exists()


def test_the_country_of_a_file_taken_by_a_version_that_did_not_use_it_is_kept_too(places: Places) -> None:
    assert places.wifi is not None
    assert places.wifi.country is not None
    put_wifi(places)
    first_boot(places, [])
    places.wifi.country.unlink()
    first_boot(places, [])
    assert places.wifi.country.read_text() == "COUNTRY=DE\n"


def test_without_a_database_any_two_letters_are_taken(places: Places, tmp_path: Path) -> None:
    assert places.wifi is not None
    put_wifi(places, "ssid: Home\ncountry: QQ\n")
    for content in (None, b"", b"RGDB\0\0\0\x15DE\0d"):
        if content is not None:
            (tmp_path / "other.db").write_bytes(content)
        first_boot(replace(places, wifi=replace(places.wifi, database=tmp_path / "other.db")), [])
        assert "wifi.yaml: taken" in told(places)


def test_how_the_device_stands_is_told_with_the_time_and_written_only_where_more_than_that_differs(
    places: Places,
) -> None:
    first_boot(places, [], Standing(program="starting", update="updated to 0.2.0 (slot b)", written="noon"))
    before = (places.boot / "edge-status.txt").stat().st_mtime_ns
    assert "\r\nprogram:   starting\r\nupdate:    updated to 0.2.0 (slot b)\r\nwritten:   noon\r\n" in told(places)
    first_boot(places, [], Standing(program="starting", update="updated to 0.2.0 (slot b)", written="one"))
    assert (places.boot / "edge-status.txt").stat().st_mtime_ns == before
    first_boot(places, [], Standing(program="running", written="two"))
    assert "\r\nprogram:   running\r\nwritten:   two\r\n" in told(places)
    assert token_in(told(places)[:512])


def test_a_long_reason_goes_on_in_the_next_line(places: Places) -> None:
    reason = "NOT up: " + " ".join(["cannot"] * 30)
    first_boot(places, [], Standing(program=reason))
    lines = told(places).split("\r\n")
    at = next(number for number, line in enumerate(lines) if line.startswith("program:"))
    assert all(len(line) <= 110 for line in lines[at : at + 3])
    assert " ".join(line.removeprefix("program:").strip() for line in lines[at : at + 3]).strip() == reason
