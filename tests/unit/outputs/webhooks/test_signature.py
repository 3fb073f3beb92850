"""Signatures that the library of Standard Webhooks takes."""

import base64
import time
from pathlib import Path

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from edge.outputs.webhooks.signature import SecretError, read_secret, signature_headers

BODY = '{"channel_name":"Tür"}'.encode()
OLD, NEW = (base64.b64encode(bytes(range(number, number + 32))).decode() for number in (1, 2))


@pytest.mark.parametrize("prefix", ["", "whsec_"])
def test_each_of_two_secrets_verifies(tmp_path: Path, prefix: str) -> None:
    files = [tmp_path / "old", tmp_path / "new"]
    for file, secret in zip(files, (OLD, NEW), strict=True):
        file.write_text(f"{prefix}{secret}\nanything\n")
    headers = signature_headers([read_secret(file) for file in files], "cb06-72", int(time.time()), BODY)
    for secret in (OLD, NEW):
        assert Webhook(f"whsec_{secret}").verify(BODY, headers) == {"channel_name": "Tür"}


@pytest.mark.parametrize("change", ["body", "id", "time", "secret"])
def test_what_was_changed_does_not_verify(change: str) -> None:
    now = int(time.time())
    headers = signature_headers([base64.b64decode(OLD)], "cb06-72", now, BODY)
    body = BODY + b" " if change == "body" else BODY
    headers |= {"webhook-id": "cb06-73"} if change == "id" else {}
    headers |= {"webhook-timestamp": str(now + 1)} if change == "time" else {}
    with pytest.raises(WebhookVerificationError):
        Webhook(f"whsec_{NEW if change == 'secret' else OLD}").verify(body, headers)


def test_a_secret_without_its_padding_is_taken(tmp_path: Path) -> None:
    (tmp_path / "s").write_text(OLD.rstrip("="))
    assert read_secret(tmp_path / "s") == base64.b64decode(OLD)


@pytest.mark.parametrize(
    ("text", "words"), [("", "empty"), ("whsec_", "empty"), ("not base64!", "not base64"), ("größe", "not base64")]
)
def test_what_is_no_secret_is_refused_with_a_way_to_one(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "s").write_text(text)
    with pytest.raises(SecretError, match=words) as caught:
        read_secret(tmp_path / "s")
    assert "whsec_" in str(caught.value)


def test_a_secret_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(SecretError, match="No such file"):
        read_secret(tmp_path / "s")
