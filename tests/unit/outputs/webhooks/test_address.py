"""Where URLs lead, and where nothing is ever sent."""

import socket
import threading
import time

import pytest

from edge.outputs.webhooks.address import AddressRefused, Endpoint, parse_target, redirected, why_refused
from edge.outputs.webhooks.resolver import MOST_HANGING, NotResolved, Resolver


@pytest.mark.parametrize(
    ("url", "host", "port", "header", "path"),
    [
        ("http://192.0.2.7:1880/hook", "192.0.2.7", 1880, "192.0.2.7:1880", "/hook"),
        ("https://script.google.com/macros/s/AKf-_x/exec", "script.google.com", 443, "script.google.com", None),
        ("HTTP://Node-Red.lan", "node-red.lan", 80, "node-red.lan", "/"),
        ("http://[2001:db8::7]:8080/a?b=c&d=%20", "2001:db8::7", 8080, "[2001:db8::7]:8080", "/a?b=c&d=%20"),
        ("http://h/ä b?q=ü", "h", 80, "h", "/%C3%A4%20b?q=%C3%BC"),
        ("http://bücher.example/", "xn--bcher-kva.example", 80, "xn--bcher-kva.example", "/"),
        ("http://h:80/#part", "h", 80, "h", "/"),
    ],
)
def test_a_url_in_its_parts(url: str, host: str, port: int, header: str, path: str | None) -> None:
    target = parse_target(url)
    assert (target.host, target.port, target.host_header) == (host, port, header)
    assert path is None or target.path == path
    assert target.path not in target.shown or target.path == "/"
    assert target.path not in repr(target) or target.path == "/"


@pytest.mark.parametrize("url", ["ftp://h/", "http:///x", "http://u:p@h/", "http://h:99999/", "h", "http://[::1/"])
def test_what_is_no_url_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(AddressRefused) as caught:
        parse_target(url)
    assert "u:p" not in str(caught.value)


def test_redirects_may_be_relative() -> None:
    base = parse_target("https://h/a/b?c")
    assert redirected(base, "/d?e").url == "https://h/d?e"
    assert redirected(base, "d").url == "https://h/a/d"
    assert redirected(base, "//other/d").url == "https://other/d"


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "192.168.1.5", "10.0.0.1", "172.16.3.4", "203.0.113.5", "::1", "fd00::1", "2001:db8::1"],
)
def test_the_lan_and_this_device_are_receivers(address: str) -> None:
    assert why_refused(Endpoint(socket.AF_INET, (address, 80))) == ""


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",
        "169.254.169.254",
        "224.0.0.251",
        "255.255.255.255",
        "::",
        "fe80::1",
        "fe80::1%eth0",
        "ff02::fb",
        "::ffff:169.254.169.254",
        "64:ff9b::a9fe:a9fe",
        "2002:a9fe:a9fe::1",
    ],
)
def test_addresses_that_reach_what_nobody_meant_are_refused(address: str) -> None:
    assert why_refused(Endpoint(socket.AF_INET, (address, 80)))


def test_a_name_that_leads_to_a_refused_address_is_refused() -> None:
    def lookup(_host: str, port: int, **_how: object) -> list[tuple[object, ...]]:
        return [(socket.AF_INET, 1, 6, "", ("169.254.169.254", port))]

    with pytest.raises(AddressRefused, match=r"rebound\.example: link-local"):
        Resolver(lookup).resolve(parse_target("http://rebound.example/"), 1)


@pytest.mark.parametrize("host", ["0x7f000001", "2130706433", "127.1"])
def test_short_forms_of_addresses_are_addresses(host: str) -> None:
    found = Resolver().resolve(parse_target(f"http://{host}/"), 1)
    assert [point.sockaddr[0] for point in found] == ["127.0.0.1"]


def test_of_several_addresses_those_that_may_be_are_taken_in_order() -> None:
    def lookup(_host: str, port: int, **_how: object) -> list[tuple[object, ...]]:
        return [
            (socket.AF_INET6, 1, 6, "", ("fe80::1", port, 0, 2)),
            (socket.AF_INET6, 1, 6, "", ("fd00::1", port, 0, 0)),
            (socket.AF_INET, 1, 6, "", ("192.168.1.5", port)),
        ]

    found = Resolver(lookup).resolve(parse_target("http://nas.lan:81/"), 1)
    assert found == [
        Endpoint(socket.AF_INET6, ("fd00::1", 81, 0, 0)),
        Endpoint(socket.AF_INET, ("192.168.1.5", 81)),
    ]


def test_a_name_without_an_address_is_told() -> None:
    def lookup(*_where: object, **_how: object) -> list[tuple[object, ...]]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    with pytest.raises(NotResolved, match=r"nas\.lan .Name or service not known"):
        Resolver(lookup).resolve(parse_target("http://nas.lan/"), 1)


def test_a_name_server_that_hangs_is_left_and_not_asked_in_crowds() -> None:
    hang = threading.Event()
    asked: list[object] = []

    def lookup(host: str, port: int, **_how: object) -> list[tuple[object, ...]]:
        asked.append(host)
        hang.wait(30)
        return [(socket.AF_INET, 1, 6, "", ("192.168.1.5", port))]

    resolver = Resolver(lookup)
    begun_s = time.monotonic()
    for number in range(2 * MOST_HANGING):
        for _ in range(3):
            with pytest.raises(NotResolved, match="name server"):
                resolver.resolve(parse_target(f"http://h{number}/"), 0.01)
    assert time.monotonic() - begun_s < 5
    assert len(asked) == MOST_HANGING
    hang.set()
    assert resolver.resolve(parse_target("http://h0/"), 5)
