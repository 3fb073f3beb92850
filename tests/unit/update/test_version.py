"""Which release is older."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.update.version import Release

RISING = [
    "0.1",
    "0.1.1",
    "0.2.0a1",
    "0.2.0a2",
    "0.2.0b1",
    "0.2.0rc1",
    "0.2.0+zzzz",
    "0.2.0.1",
    "0.9.0",
    "0.10.0",
    "1.0",
]


@pytest.mark.parametrize("at", range(len(RISING) - 1))
def test_versions_rise(at: int) -> None:
    older, newer = Release(RISING[at], 9), Release(RISING[at + 1], 1)
    assert older.is_older_than(newer)
    assert not newer.is_older_than(older)


def test_of_equal_versions_the_one_made_earlier_is_older() -> None:
    assert Release("0.2.0+bbbb", 1).is_older_than(Release("0.2+aaaa", 2))
    assert not Release("0.2.0+bbbb", 2).is_older_than(Release("0.2+aaaa", 2))


@pytest.mark.parametrize(
    "text", ["", "1.", "v1.0", "1.0-2", "1.0 ", "1.0+", "1.0+a/b", "latest", "1.0dev1", "\u0661.\u0662"]
)
def test_what_is_no_version_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no version"):
        Release(text, 0)


releases = st.builds(
    Release,
    st.builds(
        lambda numbers, stage: ".".join(map(str, numbers)) + stage,
        st.lists(st.integers(0, 12), min_size=1, max_size=4),
        st.sampled_from(["", "a1", "b2", "rc1", "rc10", "+x"]),
    ),
    st.integers(0, 3),
)


@given(releases, releases, releases)
def test_it_is_an_order(a: Release, b: Release, c: Release) -> None:
    assert not (a.is_older_than(b) and b.is_older_than(a))
    assert not (a.is_older_than(b) and b.is_older_than(c)) or a.is_older_than(c)
