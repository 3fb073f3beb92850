"""SOAP, XML and discovery messages, read as from strangers."""

import base64
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.capture.onvif.answers import KINDS, announced_in, found_in, probe
from edge.capture.onvif.place import Place
from edge.capture.onvif.soap import Refusal, envelope, fault_of, refusal_of, username_token
from edge.capture.onvif.xml import first, number_of, parse, text_of
from tests.support import onvif_messages as messages
from tests.support.onvif_camera import OnvifCamera

RIGHT = messages.probe_match(OnvifCamera(name="Front door", port=8000), "urn:uuid:1")


def test_who_announces_itself_is_heard_and_nobody_else() -> None:
    there = OnvifCamera(name="Front door", port=8000)
    assert announced_in(messages.hello(there)) == there.endpoint
    for other in (RIGHT, probe(KINDS[0]), b"", b"<Hello", messages.hello(there)[:-20], messages.hello(there) * 40):
        assert announced_in(other) == ""
    assert not found_in(messages.hello(there), "192.0.2.7")


def test_the_token_of_the_programmers_guide() -> None:
    nonce = base64.b64decode("LKqI6G/AikKCQrN0zqZFlg==")
    token = username_token("user", "userpassword", datetime(2010, 9, 16, 7, 50, 45, tzinfo=UTC), nonce)
    root = parse(envelope("<a/>", token))
    assert text_of(root, "Created") == "2010-09-16T07:50:45Z"
    assert text_of(root, "Password") == "tuOSpGlFlIXsozq4HFNeeGeFLEI="
    assert text_of(root, "Nonce") == "LKqI6G/AikKCQrN0zqZFlg=="
    assert "userpassword" not in token


def test_names_and_passwords_need_no_plain_letters() -> None:
    token = username_token("<a&b>", "p<w", datetime(2026, 1, 1, tzinfo=UTC))
    assert text_of(parse(envelope("<a/>", token)), "Username") == "<a&b>"


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("ter:NotAuthorized Sender not authorized", Refusal.PASSWORD),
        ("wsse:FailedAuthentication", Refusal.PASSWORD),
        ("ter:NotAuthorized The account is locked for 30 minutes", Refusal.LOCKED),
        ("<lockStatus>lock</lockStatus><unlockTime>1800</unlockTime>", Refusal.LOCKED),
        ("Too many failed login attempts", Refusal.LOCKED),
        ("wsse:MessageExpired", Refusal.CLOCK),
        ("ter:NotAuthorized The password has expired", Refusal.PASSWORD),
        ("ter:NotAuthorized Timestamp is not within range", Refusal.CLOCK),
        ("ter:ActionNotSupported Optional Action Not Implemented", None),
        ("ter:InvalidArgVal ter:NoProfile Profile not found", None),
        ("<lockStatus>unlock</lockStatus>", None),
    ],
)
def test_refusals_by_their_words(text: str, refusal: Refusal | None) -> None:
    assert refusal_of(text) is refusal


def test_faults_of_both_versions_of_soap() -> None:
    newer = parse(messages.fault("ter:ActionNotSupported", "not\nhere"))
    older = parse(
        b'<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><e:Fault><faultcode>e:Client</faultcode>'
        b"<faultstring>Sender not Authorized</faultstring></e:Fault></e:Body></e:Envelope>"
    )
    assert newer is not None
    assert older is not None
    first_fault, second_fault = fault_of(newer), fault_of(older)
    assert first_fault is not None
    assert second_fault is not None
    assert (first_fault.reason, first_fault.refusal) == ("not here", None)
    assert first_fault.codes == ("s:Sender", "ter:ActionNotSupported")
    assert second_fault.refusal is Refusal.PASSWORD


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(messages.LAUGHS, id="entities"),
        pytest.param(b"<!DOCTYPE a><a/>", id="doctype"),
        pytest.param("<!DOCTYPE a>\n<a/>".encode("utf-16"), id="doctype in UTF-16"),
        pytest.param(b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', id="external"),
        pytest.param(b"<a>" * 50 + b"</a>" * 50, id="deep"),
        pytest.param(b'<?xml version="1.0" encoding="bogus"?><a/>', id="encoding"),
        pytest.param(b"<a><b></a>", id="torn"),
        pytest.param(b"", id="nothing"),
    ],
)
def test_xml_that_is_refused(text: bytes) -> None:
    assert parse(text) is None


@pytest.mark.parametrize(
    ("said", "number"), [("25", 25), (" 12.5 ", 12.5), ("nan", 0), ("-1", 0), ("1e99", 0), ("x", 0)]
)
def test_numbers_out_of_bounds_are_none(said: str, number: float) -> None:
    assert number_of(parse(f"<a><b>{said}</b></a>".encode()), "b") == number


def test_an_answer_tells_a_camera_at_the_address_that_answered() -> None:
    (found,) = found_in(RIGHT, "192.0.2.7")
    assert found.place == Place("192.0.2.7", 8000, "/onvif/device_service")
    assert (found.name, found.hardware) == ("Front door", "T-1000")


@pytest.mark.parametrize(
    ("answer", "port"),
    [
        pytest.param(RIGHT.replace(b"<d:ProbeMatches>", b"").replace(b"</d:ProbeMatches>", b""), 8000, id="unwrapped"),
        pytest.param(RIGHT.replace(b"dn:NetworkVideoTransmitter", b""), 8000, id="by its scopes"),
        pytest.param(RIGHT.replace(b"<d:XAddrs>", b"<d:XAddrs>http://[fe80::1]/x "), 8000, id="IPv4 before IPv6"),
        pytest.param(RIGHT.replace(b"<d:XAddrs>", b"<d:XAddrs>http://192.0.2.7/x "), 80, id="the sender's own"),
        pytest.param(RIGHT.replace(b"http://127.0.0.1:8000", b"https://127.0.0.1"), 443, id="encrypted"),
    ],
)
def test_answers_that_are_not_quite_right(answer: bytes, port: int) -> None:
    (found,) = found_in(answer, "192.0.2.7")
    assert found.place.port == port


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(RIGHT[:700], id="torn"),
        pytest.param(RIGHT.replace(b"http://127.0.0.1:8000", b"http://127.0.0.1:99999"), id="no such port"),
        pytest.param(RIGHT.replace(b"urn:uuid:5f5a69c2-e0ae-504f-829b-000000000001", b""), id="no endpoint"),
        pytest.param(
            RIGHT.replace(b"dn:NetworkVideoTransmitter tds:Device", b"p:Printer").replace(b"onvif://", b"x://"),
            id="printer",
        ),
        pytest.param(RIGHT + b" " * 40_000, id="too long"),
        pytest.param(probe(KINDS[0]), id="a question"),
    ],
)
def test_answers_that_tell_of_no_camera(answer: bytes) -> None:
    assert found_in(answer, "192.0.2.7") == []


@given(st.binary(max_size=300), st.integers(0, len(RIGHT)), st.integers(0, 40))
def test_no_answer_can_harm(noise: bytes, at: int, cut: int) -> None:
    for answer in (noise, RIGHT[:at] + noise + RIGHT[at + cut :]):
        for found in found_in(answer, "192.0.2.7"):
            assert found.place.host == "192.0.2.7"
            assert 0 < found.place.port < 65536
            assert found.name.isprintable()


@pytest.mark.parametrize(
    ("reported", "place"),
    [
        ("http://192.0.2.7/onvif/media", Place("192.0.2.7", 80, "/onvif/media")),
        ("http://192.0.2.7:8899/m", Place("192.0.2.7", 8899, "/m")),
        ("https://192.0.2.7/m", Place("192.0.2.7", 443, "/m", encrypted=True)),
        ("http://10.0.0.1:99/m?x=1", Place("192.0.2.7", 8080, "/m?x=1")),
        ("http://10.0.0.1:999999/m", Place("192.0.2.7", 8080, "/onvif/device_service")),
        ("ftp://192.0.2.7/m", Place("192.0.2.7", 8080, "/onvif/device_service")),
        ("", Place("192.0.2.7", 8080, "/onvif/device_service")),
        ("http://192.0.2.7/a\r\nX: y", Place("192.0.2.7", 8080, "/onvif/device_service")),
    ],
)
def test_where_a_service_is(reported: str, place: Place) -> None:
    assert Place("192.0.2.7", 8080).service(reported) == place


def test_paths_lead_through_descendants() -> None:
    root = parse(b'<x:a xmlns:x="urn:x"><b><c> 1 </c></b><b><c>2</c></b></x:a>')
    assert text_of(root, "a", "b", "c") == "1"
    assert first(root, "c", "b") is None
