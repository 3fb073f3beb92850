"""The queue of a program against a list."""

from hypothesis import given
from hypothesis import strategies as st

from edge.model.event import StoredEvent
from edge.outputs.programs.backlog import Backlog
from edge.outputs.programs.program import programs_of
from edge.settings import ProgramSettings
from tests.support.events import appear


@given(st.lists(st.tuples(st.booleans(), st.floats(0, 30)), max_size=60))
def test_every_event_is_taken_once_in_order_or_passed_over(steps: list[tuple[bool, float]]) -> None:
    backlog = Backlog(most=5, oldest_s=60.0)
    now_s = 0.0
    came: dict[int, float] = {}
    taken: list[int] = []
    for put, seconds in steps:
        now_s += seconds
        if put:
            came[len(came)] = now_s
            backlog.put(StoredEvent(len(came) - 1, appear()), now_s)
        elif (stored := backlog.take(now_s)) is not None:
            assert now_s - came[stored.event_id] <= 60.0
            taken.append(stored.event_id)
        assert len(backlog) <= 5
        assert len(taken) + len(backlog) + backlog.passed_over == len(came)
    assert taken == sorted(set(taken))


def readers(*programs: ProgramSettings) -> list[str]:
    return [each.reader for each in programs_of(programs)]


def test_a_program_keeps_its_name_wherever_it_stands() -> None:
    first, second = ProgramSettings(command=("a",)), ProgramSettings(command=("a", "b"))
    one, two = readers(first, second)
    assert readers(second, first) == [two, one]
    assert readers(first, first) == [one, f"{one}-2"]
    assert one.startswith("program:")
