"""`python -m edge`."""

from edge.cli.main import program

program()
