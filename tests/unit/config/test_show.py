"""What show-config prints loads again as the same settings, and holds no secret."""

from dataclasses import replace

from hypothesis import given
from hypothesis import settings as hypothesis_settings

from edge.config.loader import loads
from edge.config.show import MASK, show
from edge.settings import (
    ChannelSettings,
    MqttSettings,
    RtspSettings,
    Settings,
    SourceSettings,
    WebhookSettings,
)
from edge.settings.ids import with_ids
from tests.support.settings_strategies import whole_settings


def masked(settings: Settings) -> Settings:
    channels = []
    for channel in settings.channels:
        rtsp = channel.source.rtsp
        if rtsp and rtsp.password:
            channels.append(replace(channel, source=SourceSettings(rtsp=replace(rtsp, password=MASK))))
        else:
            channels.append(channel)
    return replace(settings, channels=tuple(channels))


@given(whole_settings())
@hypothesis_settings(max_examples=60, deadline=None)
def test_shown_settings_load_as_the_same_save_for_secrets(settings: Settings) -> None:
    resolved = with_ids(settings)
    assert loads(show(resolved), "shown") == masked(resolved)


def test_switched_off_sections_load_as_switched_off() -> None:
    text = "channels: [{name: A, source: {demo: {}}, sabotage: false, disconnect: false}]"
    settings = loads(text, "edge.yaml")
    assert loads(show(settings), "shown") == settings
    assert settings.channels[0].sabotage is None


def test_the_secret_step_of_a_path_is_masked() -> None:
    key = "AKfycbwRo7V-DNXQSCjplDs-j43Y7evXioFNvy_bQs"
    hook = WebhookSettings(url=f"https://script.google.com/macros/s/{key}/exec")
    text = show(Settings(webhooks=(hook,)))
    assert key not in text
    assert f"https://script.google.com/macros/s/{MASK}/exec" in text


def test_secrets_are_masked() -> None:
    source = SourceSettings(rtsp=RtspSettings(url="rtsp://h/x", username="viewer", password="geheim"))
    hook = WebhookSettings(
        url="https://h/hook?site=geheim&key=geheim",
        headers={"X-Site": "12", "Authorization": "geheim", "X-Api-Key": "geheim"},
    )
    settings = Settings(
        channels=(ChannelSettings(name="A", source=source),),
        webhooks=(hook,),
        mqtt=MqttSettings(host="h", password_file="/f"),
    )
    text = show(settings)
    assert "geheim" not in text
    assert text.count(MASK) == 5
    assert 'X-Site: "12"' in text
    assert "viewer" in text
