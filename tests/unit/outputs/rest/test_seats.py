from edge.outputs.rest.seats import Seats


def test_one_too_many_is_refused_until_a_seat_is_left() -> None:
    seats = Seats(lambda: 2)
    assert [seats.take(), seats.take(), seats.take()] == [True, True, False]
    seats.leave()
    assert seats.taken == 1
    assert seats.take()


def test_the_limit_is_the_one_in_force_now() -> None:
    limits = [1]
    seats = Seats(lambda: limits[-1])
    assert [seats.take(), seats.take()] == [True, False]
    limits.append(3)
    assert [seats.take(), seats.take(), seats.take()] == [True, True, False]
