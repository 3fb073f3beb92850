"""Where events go besides the REST API."""

from dataclasses import dataclass, field
from typing import Annotated, Literal

from edge.model.event import EventType
from edge.settings.checks import host_name, mqtt_topic, own_header, web_url
from edge.settings.marks import Check, Doc, Length, Pattern, Range, Secret

HeaderName = Annotated[
    str, Pattern(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}", "the name of an HTTP header"), Check(own_header)
]
HeaderText = Annotated[str, Length(0, 2000)]

ProgramWord = Annotated[str, Length(0, 4000)]

MQTT_PREFIX_PATTERN = "^[^$+#/][^+#/]*(/[^+#/]+)*$"
WEB_PATTERN = "^[hH][tT][tT][pP][sS]?://[^/?#@\\s]+([/?#]\\S*)?$"


@dataclass(frozen=True, slots=True, kw_only=True)
class RetrySettings:
    """What happens when a receiver does not answer."""

    max_age_h: Annotated[float, Doc("given up after so many hours"), Range(0, 8760)] = 168.0
    after_timeout: Annotated[bool, Doc("also when it may have been received")] = True


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookSettings:
    """One URL that receives events."""

    url: Annotated[str, Doc("http:// or https:// address"), Length(1), Check(web_url, WEB_PATTERN), Secret()]
    when: Annotated[Literal["immediate", "hourly", "daily"], Doc("each event, or sums")] = "immediate"
    events: Annotated[tuple[EventType, ...], Doc("which events; empty: all; sums always have all")] = ()
    channels: Annotated[tuple[str, ...], Doc("which channels by name; empty: all")] = ()
    secret_files: Annotated[tuple[str, ...], Doc("files with signing secrets, two while rotating"), Length(0, 2)] = ()
    headers: Annotated[dict[HeaderName, HeaderText], Doc("further headers"), Secret()] = field(default_factory=dict)
    retry: Annotated[RetrySettings, Doc("what happens without an answer")] = field(default_factory=RetrySettings)
    zero_rules: Annotated[bool, Doc("sums have rows for rules without events")] = True
    extended: Annotated[bool, Doc("further keys in the body")] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MqttTlsSettings:
    """Encryption towards the broker."""

    ca_file: Annotated[str | None, Doc("certificate authority, PEM; null: the system's")] = None
    insecure: Annotated[bool, Doc("do not check the broker's certificate")] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MqttSettings:
    """An MQTT broker."""

    host: Annotated[str, Doc("address or name"), Length(1), Check(host_name)]
    port: Annotated[int, Doc("port"), Range(1, 65535)] = 1883
    username: Annotated[str, Doc("user name; empty: none")] = ""
    password_file: Annotated[str, Doc("file whose first line is the password")] = ""
    tls: Annotated[MqttTlsSettings | None, Doc("encryption; absent: none")] = None
    topic_prefix: Annotated[
        str, Doc("first part of every topic"), Length(1, 100), Check(mqtt_topic, MQTT_PREFIX_PATTERN)
    ] = "edge"
    version: Annotated[Literal[5, 3], Doc("MQTT version; 5 falls back to 3.1.1")] = 5
    commands: Annotated[bool, Doc("take commands: channels and rules on and off, restart, test alarm")] = False
    home_assistant: Annotated[bool, Doc("announce to Home Assistant")] = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgramSettings:
    """A program that is run for each event, the event as JSON on its standard input."""

    command: Annotated[
        tuple[ProgramWord, ...], Doc("program and arguments, without a shell; no secrets: `ps` shows them"), Length(1)
    ]
    events: Annotated[tuple[EventType, ...], Doc("which events; empty: all")] = ()
    timeout_s: Annotated[float, Doc("ended after so long"), Range(0.1, 3600)] = 10.0
