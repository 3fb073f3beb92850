"""Pairs of objects and detections."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from edge.track.match import assign


@given(st.integers(0, 8), st.integers(0, 8), st.integers(0, 2**32 - 1))
def test_each_row_and_column_is_taken_once_and_nothing_possible_is_left(rows: int, columns: int, seed: int) -> None:
    cost = np.random.default_rng(seed).uniform(0.0, 2.0, (rows, columns))
    taken_rows, taken_columns = assign(cost)
    assert len(set(taken_rows.tolist())) == len(taken_rows)
    assert len(set(taken_columns.tolist())) == len(taken_columns)
    assert (cost[taken_rows, taken_columns] < 1.0).all()
    free = np.delete(np.delete(cost, taken_rows, axis=0), taken_columns, axis=1)
    assert not (free < 1.0).any()


def test_the_nearest_pair_comes_first() -> None:
    rows, columns = assign(np.array([[0.2, 0.1], [0.9, 0.3]]))
    assert dict(zip(rows.tolist(), columns.tolist(), strict=True)) == {0: 1, 1: 0}
