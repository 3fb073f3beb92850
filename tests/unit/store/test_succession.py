from pathlib import Path

from edge.store.deliveries import Deliveries, Delivery
from edge.store.outbox_file import ReaderState
from edge.store.succession import begin_at_earliest, readers_in_force, succeed
from edge.store.sum_rows import Summed, SumRows
from tests.support.outboxes import open_outbox


def test_a_successor_has_all_that_was_kept_also_after_a_restart(tmp_path: Path) -> None:
    state = ReaderState(event_id=7, attempts=2, failing_s=100, problem="500", given_up=3)
    window = Summed(1, 2, sure=True)
    waits = Delivery(reader="old", message_id="m", title="hourly sums", body=b"{}", made_s=5)
    with open_outbox(tmp_path, newest_id=9) as outbox:
        deliveries = Deliveries(outbox, 64)
        outbox.put("old", state, given_up=3)
        outbox.put("new", ReaderState(event_id=1, gone_s=50))  # it was there before, with the same filters
        SumRows(outbox, deliveries).put({("old", "gate"): window, ("new", "yard"): window}, [waits])
        succeed(outbox, "old", "new")
        assert outbox.begin("new") == 7
    with open_outbox(tmp_path, newest_id=9) as outbox:
        deliveries = Deliveries(outbox, 64)
        assert outbox.cursor("new") == 7
        assert outbox.state("new") == state
        found = deliveries.due("new")
        assert found is not None
        assert (found.message_id, deliveries.due("old")) == ("m", None)
        assert SumRows(outbox, deliveries).load() == {("new", "gate"): window}


def test_a_letter_wanted_again_goes_out_although_its_reader_has_another_name_meanwhile(tmp_path: Path) -> None:
    with open_outbox(tmp_path) as outbox:
        deliveries = Deliveries(outbox, 64)
        outbox.begin("other")
        letter = Delivery(reader="old", message_id="m", title="crossing", body=b"{}", made_s=5, event_id=1)
        assert deliveries.bury(letter, ReaderState(event_id=1))
        assert deliveries.retry() == 1
        assert deliveries.again("other") is None
        succeed(outbox, "old", "new")
        deliveries.look_anew()
        found = deliveries.again("new")
        assert found is not None
        assert found.message_id == "m"


def test_what_was_given_up_is_not_added_up_where_a_name_comes_back(tmp_path: Path) -> None:
    with open_outbox(tmp_path) as outbox:
        outbox.put("a", ReaderState(event_id=1), given_up=5)
        succeed(outbox, "a", "b")
        outbox.give_up("b", 1)
        succeed(outbox, "b", "a")
        assert outbox.state("a").given_up == 6


def test_where_it_is_not_clear_which_the_slowest_counts(tmp_path: Path) -> None:
    with open_outbox(tmp_path, newest_id=9) as outbox:
        outbox.put("a", ReaderState(event_id=7))
        outbox.put("b", ReaderState(event_id=4))
        begin_at_earliest(outbox, ["a", "b"], "new")
        assert outbox.begin("new") == 4


def test_only_what_the_settings_had_last_is_in_force(tmp_path: Path) -> None:
    with open_outbox(tmp_path, newest_id=9) as outbox:
        for name in ("webhook:b", "webhook:a", "webhook:gone", "mqtt"):
            outbox.begin(name)
        outbox.keep(["webhook:a", "webhook:b", "mqtt"])
        assert readers_in_force(outbox, "webhook:") == ["webhook:a", "webhook:b"]
