"""What several workers tell of one channel."""

from edge.health import ChannelHealth, Health


def test_a_status_is_turned_only_where_it_still_is_what_was_seen() -> None:
    health = Health()
    assert not health.turn_status("yard", "ok", "frozen", "restart the camera")
    assert not health.snapshot().channels  # one that was removed meanwhile does not come back
    health.set_channel("yard", status="ok", fps=10.0)
    assert health.turn_status("yard", "ok", "frozen", "restart the camera")
    assert health.snapshot().channels["yard"] == ChannelHealth("frozen", "restart the camera", fps=10.0)
    health.set_channel("yard", status="stalled", detail="sent no video for 5 s")
    assert not health.turn_status("yard", "frozen", "ok", "")
    assert health.snapshot().channels["yard"].detail == "sent no video for 5 s"
