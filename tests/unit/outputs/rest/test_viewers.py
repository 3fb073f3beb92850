from edge.outputs.rest.viewers import Viewers


def test_so_many_in_all_and_on_one_channel() -> None:
    viewers = Viewers(3, 2)
    assert [viewers.take("a"), viewers.take("a"), viewers.take("a")] == [True, True, False]
    assert [viewers.take("b"), viewers.take("b")] == [True, False]
    viewers.leave("a")
    assert viewers.take("b")
    viewers.leave("a")
    viewers.leave("b")
    viewers.leave("b")
    assert [viewers.take("c"), viewers.take("c"), viewers.take("d")] == [True, True, True]
