import threading
import time

from edge.picture.board import Board, View
from tests.support.pictures import plain_frame, scene_of


def put(board: Board, channel_id: str, sequence: int) -> None:
    frame = plain_frame(channel_id, sequence)
    board.put(frame, scene_of(frame))


def shown(view: View | None) -> int | None:
    return view.frame.sequence if view else None


def wait_for_waiters(board: Board, number: int) -> None:
    deadline = time.monotonic() + 10
    while board.waiting() != number:
        assert time.monotonic() < deadline
        threading.Event().wait(0.005)


def test_latest_is_the_last_one_put_for_each_channel() -> None:
    board = Board()
    assert board.latest("a") is None
    put(board, "a", 1)
    put(board, "b", 7)
    put(board, "a", 2)
    assert (shown(board.latest("a")), shown(board.latest("b"))) == (2, 7)


def test_removed_channel_is_gone() -> None:
    board = Board()
    put(board, "a", 1)
    board.remove("a")
    board.remove("never there")
    assert board.latest("a") is None


def test_newer_view_is_given_at_once() -> None:
    board = Board()
    put(board, "a", 5)
    assert shown(board.wait_newer("a", -1, 0)) == 5
    assert shown(board.wait_newer("a", 4, 0)) == 5
    assert board.wait_newer("a", 5, 0) is None
    assert board.wait_newer("unknown", -1, 0) is None


def test_camera_opened_anew_counts_from_the_start_and_is_still_newer() -> None:
    board = Board()
    put(board, "a", 0)
    assert shown(board.wait_newer("a", 900, 0)) == 0


def test_every_waiter_gets_the_next_view_of_its_channel() -> None:
    board = Board()
    put(board, "a", 1)
    got: list[int | None] = []
    threads = [threading.Thread(target=lambda: got.append(shown(board.wait_newer("a", 1, 30)))) for _ in range(8)]
    for thread in threads:
        thread.start()
    wait_for_waiters(board, 8)
    put(board, "b", 9)
    put(board, "a", 2)
    for thread in threads:
        thread.join(30)
    assert got == [2] * 8
    assert board.waiting() == 0


def test_release_answers_waiters_now_and_later() -> None:
    board = Board()
    put(board, "a", 1)
    got: list[int | None] = []
    thread = threading.Thread(target=lambda: got.append(shown(board.wait_newer("a", 1, 30))))
    thread.start()
    wait_for_waiters(board, 1)
    board.release_waiters()
    thread.join(30)
    assert got == [None]
    assert board.wait_newer("a", -1, 30) is None
