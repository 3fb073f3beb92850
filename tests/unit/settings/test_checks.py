"""Tests of single values: addresses, names, times."""

import pytest

from edge.settings.checks import host_name, iso_time, not_blank, rtsp_url, time_zone, web_url


@pytest.mark.parametrize(
    "url",
    [
        "rtsp://192.0.2.7:554/stream2",
        "rtsps://camera.local/",
        "RTSP://[2001:db8::1]:8554/a?b=c@d",
        "rtsp://cam_1/s",
        "rtsp://127.0.0.1:1/x",
    ],
)
def test_right_rtsp_addresses(url: str) -> None:
    assert rtsp_url(url) is None


@pytest.mark.parametrize(
    "url",
    [
        "rtsp:",
        "rtsp:/h/x",
        "rtsp://",
        "rtsp://h :1/",
        "rtsp://h:x/",
        "rtsp://h:0/",
        "rtsp://@h/",
        "rtsp://u@h/",
        "//h/",
        "rtsp://ä ö/",
        "rtsp://h/a b",
    ],
)
def test_wrong_rtsp_addresses(url: str) -> None:
    assert rtsp_url(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/hook",
        "http://127.0.0.1:1880/hook",
        "http://localhost/",
        "http://192.168.1.5/",
        "http://10.0.0.1/",
        "http://[::1]:1880/",
        "http://nodered.local:1880/a?b=c@d",
        "http://face.example/",
        "http://127.1/",
    ],
)
def test_right_webhook_addresses(url: str) -> None:
    assert web_url(url) is None


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://0.0.0.0/", "unspecified"),
        ("http://0x0/", "unspecified"),
        ("http://[::]/", "unspecified"),
        ("http://169.254.1.1/", "link-local"),
        ("http://169.254.1.1./", "link-local"),
        ("http://0xa9fe0101/", "link-local"),
        ("http://[fe80::1%25eth0]/", "link-local"),
        ("http://239.1.2.3/", "multicast"),
        ("http://[ff02::1]/", "multicast"),
        ("http://[::ffff:224.0.0.1]/", "multicast"),
        ("http://255.255.255.255/", "broadcast"),
        ("http://user@h/", "user name"),
        ("http://user:word@h/", "user name"),
        ("http:///x", "no host"),
        ("file:///etc/passwd", "must begin with"),
    ],
)
def test_wrong_webhook_addresses(url: str, words: str) -> None:
    assert words in (web_url(url) or "")


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "::1", "192.0.2.1", "camera", "camera.local", "a-b.c_d"])
def test_right_hosts(host: str) -> None:
    assert host_name(host) is None


@pytest.mark.parametrize("host", ["", " ", "a b", "http://h", "h/x", "h:80", "-h", "h" * 300])
def test_wrong_hosts(host: str) -> None:
    assert host_name(host)


@pytest.mark.parametrize("name", ["UTC", "Europe/Berlin"])
def test_right_time_zones(name: str) -> None:
    assert time_zone(name) is None


@pytest.mark.parametrize("name", ["Mars/Base", "/etc/passwd", "..", "Europe", "a\0b", "x" * 5000])
def test_wrong_time_zones(name: str) -> None:
    assert time_zone(name)


@pytest.mark.parametrize("text", ["2026-03-29T00:59:00+01:00", "2026-03-29T00:59:00Z", "2026-03-29 00:59:00.5+00:00"])
def test_right_times(text: str) -> None:
    assert iso_time(text) is None


@pytest.mark.parametrize("text", ["2026-13-29", "2026-03-29T24:59:00", "now", "0001-01-01T00:00:00Z", "12:00"])
def test_wrong_times(text: str) -> None:
    assert iso_time(text)


def test_names_show_something() -> None:
    assert not_blank("a b") is None
    assert not_blank(" a")
    assert not_blank("\u00a0")
