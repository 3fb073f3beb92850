from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.camera_root.build import CannotBuildError, camera_root


@pytest.fixture(scope="session")
def root() -> Iterator[Path]:
    try:
        with camera_root() as built:
            yield built
    except CannotBuildError as missing:
        pytest.skip(f"no camera root on this machine: {missing}")
