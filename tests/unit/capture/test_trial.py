import pytest

from edge.capture.trial import lost_packets


@pytest.mark.parametrize(
    ("messages", "lost"),
    [
        pytest.param([], 0, id="silence"),
        pytest.param(["RTP: missed 3 packets\n", "RTP: missed 12 packets\n"], 15, id="some"),
        pytest.param(["error while decoding MB 3 4\n"], 0, id="something else"),
    ],
)
def test_lost_packets(messages: list[str], lost: int) -> None:
    assert lost_packets(messages) == lost
