import re

import pytest

from edge.capture.digest import authorization, choose

_RFC = (
    'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm={}, '
    'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
)
_CNONCE = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"


@pytest.mark.parametrize(
    ("algorithm", "response"),
    [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_the_examples_of_the_rfc(algorithm: str, response: str) -> None:
    challenge = choose([_RFC.format(algorithm)])
    assert challenge is not None
    made = authorization(challenge, "/dir/index.html", "Mufasa", "Circle of Life", method="GET", cnonce=_CNONCE)
    assert f'response="{response}"' in made
    assert 'opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"' in made
    assert "Circle" not in made


def test_the_example_of_the_old_rfc_without_qop() -> None:
    challenge = choose(['Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093"'])
    assert challenge is not None
    made = authorization(challenge, "/dir/index.html", "Mufasa", "Circle Of Life", method="GET")
    assert 'response="670fd8c2df070c60b045671b8b24ff02"' in made
    assert "qop" not in made


@pytest.mark.parametrize(
    ("headers", "algorithm"),
    [
        pytest.param(['Digest realm="a", nonce="1"'], "MD5", id="none named"),
        pytest.param(['Digest realm="a", nonce="1", algorithm=SHA-256', 'Digest nonce="2"'], "SHA-256", id="strongest"),
        pytest.param(
            ['Digest nonce="1", algorithm=MD5', 'Digest nonce="2", algorithm=SHA-256'], "SHA-256", id="second"
        ),
        pytest.param(['Digest nonce="1", algorithm=SHA-512-256, Digest nonce="2", algorithm=md5'], "md5", id="unknown"),
        pytest.param(['Basic realm="x, Digest y", Digest realm="a, b", nonce="1"'], "MD5", id="beside basic"),
        pytest.param(['Digest realm="a",\r\n nonce="1"'], "MD5", id="folded"),
        pytest.param(['Digest nonce="1", qop="auth-int"'], None, id="integrity only"),
        pytest.param(['Basic realm="x"'], None, id="basic only"),
        pytest.param(["Digest"], None, id="no nonce"),
        pytest.param(["", "nonsense, , ="], None, id="nonsense"),
    ],
)
def test_which_challenge_is_answered(headers: list[str], algorithm: str | None) -> None:
    challenge = choose(headers)
    assert (challenge.algorithm if challenge else None) == algorithm


def test_quotes_in_names_stay_quotes() -> None:
    challenge = choose(['Digest realm="the \\"yard\\"", nonce="1"'])
    assert challenge is not None
    assert challenge.realm == 'the "yard"'
    assert re.search(r'realm="the \\"yard\\""', authorization(challenge, "/", 'a"b', "x"))
