"""How large the pictures are that are analysed."""

MAX_ROWS = 288
"""More rows cost, and break people into pieces: counts at 360 rows were twice as wrong as at 288."""


def size_for(width: int, height: int, max_width: int) -> tuple[int, int]:
    """Return (columns, rows) for the analysis: both even; at most `max_width` columns and MAX_ROWS rows, never up."""
    factor = max(1.0, width / max_width, height / MAX_ROWS)
    return max(2, round(width / factor / 2) * 2), max(2, round(height / factor / 2) * 2)
