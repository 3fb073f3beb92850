"""All that a found camera offers, for people who are about to set it up."""

from dataclasses import dataclass, replace

from edge.capture.deadline import Deadline
from edge.capture.onvif import media
from edge.capture.onvif.answers import Found
from edge.capture.onvif.choice import AUTO, choose
from edge.capture.onvif.client import Client, FaultError, Login
from edge.capture.onvif.media import MediaService, Profile
from edge.capture.onvif.resolve import Offer, Resolved, address_of, offer_of, picture_url, snapshot_of
from edge.capture.source import CaptureError
from edge.model.clock import Clock


@dataclass(frozen=True, slots=True)
class Surveyed:
    """A camera with its streams, and the one to watch for each of its lenses; else what is in the way.

    `snapshot` is where a still picture is, of a camera without a stream that could be played.
    """

    found: Found
    model: str = ""
    profiles: tuple[Profile, ...] = ()
    chosen: tuple[Resolved, ...] = ()
    trouble: str = ""
    clock_off_s: float = 0.0
    snapshot: str = ""

    @property
    def name(self) -> str:
        """What people call it."""
        return self.found.name or self.model or self.found.hardware or self.found.place.host


def survey(found: Found, login: Login, clock: Clock, deadline: Deadline) -> Surveyed:
    """Ask a camera for all that it offers; never raises CaptureError. A login that is refused is tried once."""
    client = Client(found.place, login, clock, deadline)
    offer = None
    try:
        offer = offer_of(client)
        model = media.model_of(client)
        profiles = tuple(offer.profiles)
        lenses = dict.fromkeys(profile.source for profile in profiles if profile.playable)
        picked = [
            choose([profile for profile in profiles if profile.source == lens], AUTO, found.place.shown)
            for lens in lenses
        ] or [choose(profiles, AUTO, found.place.shown)]
        chosen = tuple(_addresses(client, offer.service, profile) for profile in picked)
    except CaptureError as error:
        off_s = client.clock_off_s or 0.0
        snapshot = _still(client, offer) if offer else ""
        profiles = tuple(offer.profiles) if offer else ()
        return Surveyed(found, profiles=profiles, trouble=str(error), clock_off_s=off_s, snapshot=snapshot)
    except FaultError as fault:
        return Surveyed(found, trouble=str(media.fault_error(found.place, fault.fault)))
    return Surveyed(found, model, profiles, chosen, clock_off_s=client.clock_off_s or 0.0)


def _still(client: Client, offer: Offer) -> str:
    try:
        return snapshot_of(client, offer)
    except (CaptureError, FaultError):
        return ""


def _addresses(client: Client, service: MediaService, profile: Profile) -> Resolved:
    video = address_of(client, service, profile, "tcp")
    return replace(video, snapshot=picture_url(client, media.snapshot_uri(client, service, profile.token)))
