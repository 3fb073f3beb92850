"""Long answers page by page, against a list."""

from hypothesis import given
from hypothesis import strategies as st

from edge.model.event import StoredEvent
from edge.store.pages import PAGE, pages
from edge.store.query import EventQuery
from tests.support.events import appear

ALL = [StoredEvent(number, appear()) for number in range(1, 3 * PAGE)]


@given(
    st.builds(
        EventQuery,
        since_id=st.none() | st.integers(0, 2 * PAGE),
        until_id=st.none() | st.integers(PAGE, 4 * PAGE),
        limit=st.one_of(st.integers(1, 4 * PAGE), st.sampled_from([PAGE, 2 * PAGE, 2**63])),
        newest_first=st.booleans(),
    )
)
def test_pages_together_are_the_answer_and_none_is_long(query: EventQuery) -> None:
    def select(asked: EventQuery) -> list[StoredEvent]:
        found = [stored for stored in ALL if asked.matches(stored)]
        return (found[::-1] if asked.newest_first else found)[: asked.limit]

    given_pages = list(pages(select, query))
    assert [stored for page in given_pages for stored in page] == select(query)
    assert all(0 < len(page) <= PAGE for page in given_pages)
