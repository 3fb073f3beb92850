"""`edge openapi`: the definition of the REST API, for generators of client code."""

import argparse
import json
import sys

from edge.outputs.rest.openapi import definition
from edge.settings import ApiSettings


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("--swagger", action="store_true", help="as Swagger 2.0 instead of OpenAPI 3")


def run(args: argparse.Namespace) -> int:
    """Print the definition as JSON."""
    address = f"http://localhost:{ApiSettings().port}"
    body = definition("swagger" if args.swagger else "openapi", secured=False, address=address)
    sys.stdout.write(json.dumps(body, indent=2, ensure_ascii=False) + "\n")
    return 0
