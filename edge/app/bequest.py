"""Webhooks whose filters were changed go on where they were, although they now have another name in the outbox."""

import logging
from collections.abc import Sequence

from edge.app.compose import Parts, hooked
from edge.outputs.webhooks.heirs import heirs
from edge.outputs.webhooks.subscription import READER_PREFIX, Subscription
from edge.settings import Settings
from edge.store.errors import StoreError
from edge.store.succession import begin_at_earliest, readers_in_force, succeed

LOG = logging.getLogger("edge.app")


def bequeath_at_start(settings: Settings, parts: Parts) -> None:
    """Compare with the webhooks of the last run, whose settings, or whose program, may have been others."""
    try:
        before = readers_in_force(parts.outbox, READER_PREFIX)
    except StoreError as error:
        LOG.warning("webhooks whose filters were changed begin at the newest event: %s", error)
        return
    bequeath(before, hooked(settings, parts), parts)


def bequeath(before: Sequence[str], wanted: Sequence[Subscription], parts: Parts) -> None:
    """Let new readers go on where those before them were; none of these may be at work any more."""
    found = heirs(before, wanted)
    for heir in found:
        if len(heir.places) == 1:
            succeed(parts.outbox, heir.places[0], heir.reader)
        else:
            begin_at_earliest(parts.outbox, list(heir.places), heir.reader)
    if found:
        parts.deliveries.look_anew()
