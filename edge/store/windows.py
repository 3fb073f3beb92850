"""Local hours and days as the aggregate webhooks count them."""

from datetime import UTC, date, datetime, timedelta, tzinfo

SECOND_US = 1_000_000
HOUR_US = 3600 * SECOND_US
DAY_US = 24 * HOUR_US
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FIRST_US = 1_546_300_800 * SECOND_US


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


def hour_end_us(start_us: int, zone: tzinfo) -> int:
    """Return the end of the local hour that begins at `start_us`, both in microseconds UTC."""
    end = hour_start_us(start_us + HOUR_US, zone)
    while (before := hour_start_us(end - 1, zone)) > start_us:  # the clock changed within
        end = before
    return end


def day_start_us(time_us: int, zone: tzinfo) -> int:
    """Return the first moment of the local day that `time_us` lies in, both in microseconds UTC."""
    return _first_moment_us(_local(time_us // SECOND_US, zone).date(), zone)


def day_end_us(start_us: int, zone: tzinfo) -> int:
    """Return the end of the local day that begins at `start_us`: 23, 24 or 25 hours later, as a rule."""
    day = _local(start_us // SECOND_US, zone).date()
    while True:
        day += timedelta(days=1)
        end = _first_moment_us(day, zone)
        if end > start_us:  # a day that a zone left out ends as it begins
            return end


def _first_moment_us(day: date, zone: tzinfo) -> int:
    """Return local midnight, the first of two; where spring leaves midnight out, the moment of the change."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
    return (midnight.astimezone(UTC) - EPOCH) // timedelta(microseconds=1)


def plausible(time_us: int) -> bool:
    """Tell whether a clock that shows this may be right: one without a battery begins at 1970."""
    return time_us >= FIRST_US
