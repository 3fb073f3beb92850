"""Where the program's log goes."""

import logging
import os
import sys


def set_up_logging(level: str) -> None:
    """Write our log to standard error; under systemd the journal adds the time."""
    form = "%(levelname)s %(name)s: %(message)s"
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter(form if "JOURNAL_STREAM" in os.environ else f"%(asctime)s {form}"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("edge").setLevel(level.upper())
