"""How a command says that it failed."""


class CommandError(Exception):
    """A stated failure: printed as one line on standard error, exit code 1. The text says what to do."""
