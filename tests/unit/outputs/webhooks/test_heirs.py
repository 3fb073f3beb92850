import itertools

from edge.model.event import EventType
from edge.outputs.webhooks.heirs import Heir, heirs
from edge.outputs.webhooks.subscription import Subscription, subscriptions
from edge.settings import Settings, WebhookSettings

URL = "https://example.net/hook"
ALL = WebhookSettings(url=URL)
CROSSED = WebhookSettings(url=URL, events=(EventType.TRIPWIRE_CROSSED,))
ALARMS = WebhookSettings(url=URL, events=(EventType.SABOTAGE, EventType.DISCONNECTED))
LOITERING = WebhookSettings(url=URL, events=(EventType.LOITERING,))
ELSEWHERE = WebhookSettings(url="https://example.org/hook", events=(EventType.LOITERING,))


def made(*hooks: WebhookSettings) -> list[Subscription]:
    return list(subscriptions(Settings(webhooks=hooks), "device"))


def names(*hooks: WebhookSettings) -> list[str]:
    return [each.reader for each in made(*hooks)]


def test_webhooks_of_one_url_are_the_same_in_any_order_and_without_one_another() -> None:
    hooks = (ALL, CROSSED, ALARMS, ELSEWHERE)
    known = names(*hooks)
    assert len(set(known)) == len(hooks)
    for count in range(1, len(hooks) + 1):
        for some in itertools.permutations(range(len(hooks)), count):
            after = [hooks[number] for number in some]
            assert names(*after) == [known[number] for number in some]
            assert heirs(known, made(*after)) == []


def test_the_order_of_filters_does_not_matter() -> None:
    turned = WebhookSettings(url=URL, events=tuple(reversed(ALARMS.events)))
    assert names(turned) == names(ALARMS)


def test_one_that_gets_everything_keeps_the_name_of_earlier_versions() -> None:
    (reader,) = names(ALL)
    assert made(CROSSED)[0].base == reader
    assert names(ALL, ALL) == [reader, f"{reader}-2"]


def test_one_whose_filters_were_changed_goes_on_where_it_was() -> None:
    before = names(CROSSED, ALARMS, ELSEWHERE)
    assert heirs(before, made(ALARMS, LOITERING, ELSEWHERE)) == [Heir(names(LOITERING)[0], (before[0],))]
    assert heirs(names(ALL), made(CROSSED)) == [Heir(names(CROSSED)[0], tuple(names(ALL)))]
    assert heirs(names(CROSSED), made(ALL)) == [Heir(names(ALL)[0], tuple(names(CROSSED)))]


def test_one_that_is_added_begins_anew() -> None:
    assert heirs(names(CROSSED), made(ALARMS, CROSSED)) == []
    assert heirs(names(ALL), made(CROSSED, ALL)) == []
    assert heirs([], made(CROSSED)) == []


def test_where_it_is_not_clear_which_all_places_are_named() -> None:
    gone = tuple(names(CROSSED, ALARMS))
    changed = WebhookSettings(url=URL, events=(EventType.CROWD_ON,))
    assert heirs(gone, made(LOITERING, changed)) == [Heir(each, gone) for each in names(LOITERING, changed)]


def test_those_of_an_earlier_version_are_taken_by_their_place() -> None:
    base = made(ALL)[0].reader
    crossed, alarms = names(CROSSED, ALARMS)
    assert heirs([base], made(CROSSED)) == [Heir(crossed, (base,))]
    assert heirs([base, f"{base}-2"], made(CROSSED, ALARMS)) == [Heir(crossed, (base,)), Heir(alarms, (f"{base}-2",))]
    assert heirs([base, f"{base}-2"], made(CROSSED, ALL)) == [Heir(crossed, (base,)), Heir(base, (f"{base}-2",))]
    assert heirs([base, f"{base}-2"], made(ALL, CROSSED)) == [Heir(crossed, (f"{base}-2",))]
