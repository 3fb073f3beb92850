"""What a program wrote, as the log takes it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.outputs.programs.spoken import MOST_CHARACTERS, MOST_LINES, log_lines


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("all is well", "all is well"),
        ("curl: (22) http://bob:s3cr3t@10.0.0.1/a failed", "curl: (22) http://***@10.0.0.1/a failed"),
        ("GET https://example.org/hook?key=s3cr3t&b=1", "GET https://example.org/hook?***"),
        ("Authorization: Bearer s3cr3t", "Authorization: ***"),
        ("password=s3cr3t, user=bob", "password=***, user=bob"),
        ('{"token": "s3cr3t"}', '{"token": ***'),
        ("wrong argument s3cr3t-argument", "wrong argument ***"),
        ("\x1b[31mred\x07", "?[31mred?"),
    ],
)
def test_secrets_and_controls_are_hidden(line: str, told: str) -> None:
    assert list(log_lines(line.encode(), ["-q", "s3cr3t-argument"])) == [told]


@given(st.binary(max_size=6000), st.lists(st.text(max_size=20), max_size=3))
def test_any_output_gives_few_short_printable_lines(output: bytes, arguments: list[str]) -> None:
    lines = list(log_lines(output, arguments))
    assert len(lines) <= MOST_LINES
    assert all(line.isprintable() and len(line) <= MOST_CHARACTERS for line in lines)


def test_the_last_lines_are_told() -> None:
    assert list(log_lines(b"\n".join(b"%d" % number for number in range(50)), [])) == [str(n) for n in range(40, 50)]
