"""Local hours as the aggregate webhooks count them."""

from datetime import UTC, datetime, timedelta, tzinfo

SECOND_US = 1_000_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def hour_start_us(time_us: int, zone: tzinfo) -> int:
    """Return the start of the local hour that `time_us` lies in, both in microseconds UTC.

    The doubled hour of autumn is two hours, each with its own start. Where the clock changes inside an hour (half an
    hour on Lord Howe Island), the change starts a new one.
    """
    seconds = time_us // SECOND_US
    local = _local(seconds, zone)
    start = seconds - local.minute * 60 - local.second
    offset = local.utcoffset()
    if _local(start, zone).utcoffset() == offset:
        return start * SECOND_US
    return _first_with(offset, start, seconds, zone) * SECOND_US


def _local(seconds: int, zone: tzinfo) -> datetime:
    return (EPOCH + timedelta(seconds=seconds)).astimezone(zone)


def _first_with(offset: timedelta | None, before: int, after: int, zone: tzinfo) -> int:
    """Return the first second after `before`, at most `after`, that has this offset."""
    while after - before > 1:
        middle = (before + after) // 2
        if _local(middle, zone).utcoffset() == offset:
            after = middle
        else:
            before = middle
    return after
