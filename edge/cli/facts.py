"""What else an event says, in words for people."""

from edge.model.event import Event


def facts(event: Event) -> str:
    """Return which way, how long, how many and why, as far as the event knows: "a_to_b", "12.4 s", "6 inside"."""
    known = (
        "" if event.direction is None else event.direction.value,
        "" if event.dwell_seconds is None else f"{event.dwell_seconds:.1f} s",
        "" if event.count is None else f"{event.count} inside",
        event.reason or "",
    )
    return "  ".join(word for word in known if word)
