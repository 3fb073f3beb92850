"""Measure by hand: `python -m tests.bench [--quick] [NAME ...]`; prints each table and keeps it in docs/benchmarks."""

import argparse
import importlib
import time
from typing import cast

import pytest

from tests.bench.table import Bench, keep

NAMES = (
    "process_cost",
    "process_needs",
    "cameras",
    "overload",
    "capture_cost",
    "csi_cost",
    "latency",
    "long_poll",
    "store_bytes",
    "store_waiters",
    "track_bytes",
    "backup",
    "webhooks",
    "burst_frames",
    "idle_outputs",
    "tracker_cost",
    "rules_cost",
    "counts",
    "floor",
    "sabotage",
    "abandoned",
    "zones",
    "standing",
)


def main() -> None:
    """Run the named benchmarks, or all."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(NAMES)}; none: all")
    parser.add_argument("--quick", action="store_true", help="shorter and less exact; docs/benchmarks is left alone")
    args = parser.parse_args()
    for unknown in set(args.names) - set(NAMES):
        parser.error(f"there is no benchmark {unknown}; there are {', '.join(NAMES)}")
    for name in args.names or NAMES:
        begun_s = time.monotonic()
        bench = cast(Bench, importlib.import_module(f"tests.bench.{name}"))
        try:
            table = bench.run(quick=args.quick)
        except pytest.skip.Exception as reason:
            print(f"{name}: skipped: {reason}\n", flush=True)
            continue
        print(table.text())
        print(
            f"- {name}: {time.monotonic() - begun_s:.0f} s{'' if args.quick else f', kept in {keep(name, table)}'}\n",
            flush=True,
        )


if __name__ == "__main__":
    main()
