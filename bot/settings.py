"""Typed settings from the environment and `.env` (python-dotenv), each with its help and unit.

The environment wins over `.env`, `.env` over the defaults here. `docs/settings.md` and `.env.example` are checked
against this file by a test, so this is the one place where a setting is born. Longer than 300 lines
because each has its help.
"""

from __future__ import annotations

import os
from dataclasses import MISSING, dataclass, field, fields
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dotenv import dotenv_values

from bot.errors import SettingsError

ROOT = Path(__file__).resolve().parent.parent
PREFIX = "MARROW_"
_BYTES_A_CHARACTER, _BYTES_AROUND = 4, 1024  # of a message in its JSON
_NO_SETTINGS = ("MARROW_PYTHON", "MARROW_TEST_POSTGRESQL_URL")  # of the file `marrow` and of the tests


def _setting(
    default: Any,
    help: str,
    *,
    unit: str = "",
    secret: bool = False,
    most: int | None = None,
    one_of: tuple[str, ...] = (),
) -> Any:
    about = {"help": help, "unit": unit, "secret": secret, "most": most, "one_of": one_of}
    return field(default=default, repr=not secret, metadata=about)


@dataclass(frozen=True)
class Settings:
    """Every setting of Marrow. A field `x_y` is read from `MARROW_X_Y`."""

    hospital_name: str = _setting("the hospital", "The hospital's name as patients know it.")
    contact_phone: str = _setting("", "Enquiry line shown to patients, with country code.")
    contact_email: str = _setting("", "E-mail address shown to patients; empty: no e-mail is named.")
    office_hours: str = _setting(
        "Mon-Fri 08:30-17:00",
        "When the enquiry line is staffed: days and times in `time_zone`, several separated by commas.",
    )
    time_zone: str = _setting("Asia/Shanghai", "The hospital's time zone, an IANA name.")
    urgent_phone: str = _setting("", "The 24-hour number for treated patients; empty: the text names none.")
    emergency_number: str = _setting(
        "",
        "The local emergency number; empty: the text says 'your local emergency number'.",
    )
    crisis_line: str = _setting(
        "",
        "A crisis line for people who think of harming themselves; empty: named generically.",
    )
    poison_line: str = _setting(
        "",
        "A poison line, named in the text about an overdose after the emergency number; empty: none is named.",
    )
    country: str = _setting(
        "",
        "ISO code of the hospital's country; it gives the emergency number when that is empty (bot/answer/places.yml).",
    )

    door_host: str = _setting("127.0.0.1", "Address on which the door listens.")
    door_port: int = _setting(8080, "Port of the door, the only public one.", unit="TCP port", most=65535)
    brain_port: int = _setting(5005, "Port of the brain on 127.0.0.1.", unit="TCP port", most=65535)
    actions_port: int = _setting(5055, "Port of the action server on 127.0.0.1.", unit="TCP port", most=65535)
    allowed_origins: str = _setting(
        "",
        "Origins of the web pages that may carry the widget, separated by commas; the door's own is always allowed.",
    )
    allowed_hosts: str = _setting(
        "",
        "Names in web addresses under which the door is reached, separated by commas, such as chat.hospital.example; "
        "IP addresses, localhost and names without a dot are always allowed.",
    )
    trusted_proxies: str = _setting(
        "",
        "IP addresses or networks of the reverse proxies before the door, separated by commas; only from these "
        "X-Forwarded-For and X-Forwarded-Proto are believed. Empty: the address of the connection counts.",
    )
    secret_key: str = _setting(
        "",
        "Signs session tokens and button choices; made at the first start when empty.",
        secret=True,
    )
    brain_token: str = _setting(
        "",
        "What the door shows to the brain; made at the first start when empty.",
        secret=True,
    )

    contact_key: str = _setting(
        "",
        "Encrypts what patients leave for a call back: Fernet keys, the newest first, separated by commas; made at the "
        "first start when empty. A lost key makes what it encrypted unreadable.",
        secret=True,
    )

    conversation_retention_days: int = _setting(
        365, "How long a conversation is kept after its last line, then it is erased.", unit="days", most=36500
    )
    contact_retention_days: int = _setting(
        90, "How long what was left for a call back is kept, then it is erased.", unit="days", most=36500
    )
    feedback_retention_days: int = _setting(
        365, "How long thumbs and their comments are kept, then they are erased.", unit="days", most=36500
    )
    audit_retention_days: int = _setting(
        3650, "How long the audit keeps its rows, which hold no words of patients.", unit="days", most=36500
    )

    database_url: str = _setting(
        "sqlite:///var/journal.sqlite3",
        "Where the journal is kept, an SQLAlchemy address; a relative SQLite path is under the project's folder.",
        secret=True,
    )
    message_max_characters: int = _setting(2000, "Longest message a patient may send.", unit="characters")
    body_max_bytes: int = _setting(
        16384, "Largest request body; it must have room for the longest message, 4 bytes a character.", unit="bytes"
    )
    messages_per_minute: int = _setting(20, "Messages a conversation may send in a minute.", unit="messages per minute")
    characters_per_minute: int = _setting(
        10_000,
        "Characters a conversation may send in a minute, in all its messages: long ones take the brain long. Danger is "
        "answered all the same.",
        unit="characters per minute",
    )
    refusals_per_minute: int = _setting(
        60,
        "Refused posts (no consent, no valid token) of one address in a minute; after these it is told to wait. "
        "Danger in them is answered all the same.",
        unit="posts per minute",
    )
    requests_per_second: int = _setting(
        5,
        "Requests of one conversation answered in a second after the first 40; more wait their turn, so that a flood "
        "of one conversation does not slow the others.",
        unit="requests per second",
    )
    conversations_per_minute: int = _setting(
        1200,
        "New conversations of one address in a minute; an IPv6 address counts by its first 64 bits. Lower it when "
        "`trusted_proxies` is right and no clinic sits behind one address.",
        unit="conversations per minute",
    )
    streams_per_conversation: int = _setting(
        10, "Event streams open at the same time in one conversation (windows, devices).", unit="streams"
    )
    streams_per_address: int = _setting(2000, "Event streams open at the same time of one address.", unit="streams")
    streams_most: int = _setting(5000, "Event streams open at the same time at one door.", unit="streams")
    session_days: int = _setting(
        30, "How long a patient's session token opens the conversation, 3650 at most.", unit="days", most=3650
    )
    brain_timeout_ms: int = _setting(
        8000,
        "How long the door waits for one answer of the brain before it tries again, 60000 at most.",
        unit="ms",
        most=60_000,
    )
    brain_attempts: int = _setting(
        10,
        "How often the door asks the brain before it gives the honest text with contacts.",
        unit="attempts",
    )
    brain_backoff_ms: int = _setting(
        1000,
        "Pause before the brain is asked again; it doubles with each attempt, up to 8 s.",
        unit="ms",
    )
    brain_parallel: int = _setting(
        8,
        "How many conversations one door forwards to the brain at the same time.",
        unit="conversations",
    )
    holding_after_ms: int = _setting(
        2500,
        "After this long without an answer the patient is told that it takes longer.",
        unit="ms",
    )

    public_url: str = _setting(
        "",
        "Address under which staff reach the door, for links to the desk; empty: made from host and port.",
    )
    desk_second_step: str = _setting(
        "required",
        "Whether staff need a code from their phone beside the password: required or optional.",
        one_of=("required", "optional"),
    )
    desk_idle_minutes: int = _setting(60, "After so long without doing anything staff log in again.", unit="minutes")
    desk_session_hours: int = _setting(12, "After so long staff log in again in any case.", unit="hours")
    desk_login_attempts: int = _setting(
        10,
        "Logins in vain that one account may have in 15 minutes; one network address may have five times as many.",
        unit="attempts",
    )
    oidc_issuer: str = _setting(
        "", "Address of an OpenID Connect provider for single sign-on of staff; empty: none is offered."
    )
    oidc_client_id: str = _setting("", "The name by which that provider knows Marrow.")
    oidc_client_secret: str = _setting("", "What Marrow shows to that provider.", secret=True)
    handoff_alert_minutes: int = _setting(
        5, "After so long without anybody a wish to talk to a person now is escalated.", unit="minutes"
    )
    call_back_alert_minutes: int = _setting(
        240, "After so long without anybody a wish for a call back is escalated.", unit="minutes"
    )
    handoff_again_minutes: int = _setting(15, "So long after the first alert the second one goes out.", unit="minutes")
    talk_idle_minutes: int = _setting(
        10,
        "When the person who took a conversation over leaves the patient without a word for so long, it goes back to "
        "the bot and to the queue.",
        unit="minutes",
    )
    alert_emails: str = _setting("", "Where alerts go by e-mail, separated by commas; empty: none are sent.")
    alert_email_from: str = _setting("", "From which address they come.")
    smtp_host: str = _setting("", "The mail server for alerts.")
    smtp_port: int = _setting(587, "Its port.", unit="TCP port", most=65535)
    smtp_security: str = _setting(
        "starttls", "How the connection to it is secured: starttls, tls or none.", one_of=("starttls", "tls", "none")
    )
    smtp_user: str = _setting("", "Name for the mail server; empty: it needs none.")
    smtp_password: str = _setting("", "Password for the mail server.", secret=True)
    alert_webhook_url: str = _setting("", "Where alerts are posted, https; empty: nowhere.", secret=True)
    alert_webhook_secret: str = _setting("", "Signs what is posted there (docs/desk.md).", secret=True)
    alert_webhook_private: str = _setting(
        "refused",
        "Whether the webhook may be at a private address of this network: refused or allowed.",
        one_of=("refused", "allowed"),
    )

    def __post_init__(self) -> None:
        """Checks each value.

        Raises:
            SettingsError: A value cannot be used; the message names the key.
        """
        try:
            ZoneInfo(self.time_zone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise SettingsError(
                f"{PREFIX}TIME_ZONE: {self.time_zone!r} is no IANA time zone; use one such as Asia/Shanghai"
            ) from error
        for spec in fields(self):
            key, value, most = f"{PREFIX}{spec.name.upper()}", getattr(self, spec.name), spec.metadata["most"]
            if isinstance(spec.default, int) and value <= 0:
                raise SettingsError(f"{key}: must be above 0, got {value}")
            if most is not None and value > most:
                raise SettingsError(f"{key}: must be {most} at most, got {value}")
            if spec.metadata["one_of"] and value not in spec.metadata["one_of"]:
                raise SettingsError(f"{key}: must be {' or '.join(spec.metadata['one_of'])}, got {value!r}")
        if self.characters_per_minute < self.message_max_characters:
            raise SettingsError(
                f"{PREFIX}CHARACTERS_PER_MINUTE: must have room for one message of {self.message_max_characters} "
                f"characters, got {self.characters_per_minute}; raise it or lower {PREFIX}MESSAGE_MAX_CHARACTERS"
            )
        # A message within its limit must never be refused for its size before the screen has seen it.
        least = _BYTES_A_CHARACTER * self.message_max_characters + _BYTES_AROUND
        if self.body_max_bytes < least:
            raise SettingsError(
                f"{PREFIX}BODY_MAX_BYTES: a message of {self.message_max_characters} characters may need {least} bytes"
                f", got {self.body_max_bytes}; raise it or lower {PREFIX}MESSAGE_MAX_CHARACTERS"
            )


def read(environment: dict[str, str] | None = None, files: tuple[Path, ...] | None = None) -> Settings:
    """Reads the settings.

    Args:
        environment: Variables that win over the files; the process's own when None.
        files: `.env` files, the later wins; the project's own and the made secrets when None.

    Raises:
        SettingsError: A value is of the wrong kind or a key with the prefix is unknown.
    """
    if files is None:
        files = (ROOT / ".marrow" / "secrets.env", ROOT / ".env")
    values: dict[str, str] = {}
    for file in files:
        values.update({key: value for key, value in dotenv_values(file).items() if value})
    values.update({key: value for key, value in (os.environ if environment is None else environment).items() if value})
    known = {PREFIX + spec.name.upper(): spec for spec in fields(Settings)}
    unknown = sorted(key for key in values if key.startswith(PREFIX) and key not in (*known, *_NO_SETTINGS))
    if unknown:
        raise SettingsError(f"{', '.join(unknown)}: no such setting; docs/settings.md lists them all")
    given: dict[str, Any] = {}
    for key, spec in known.items():
        if key not in values:
            continue
        if isinstance(spec.default, int):
            try:
                given[spec.name] = int(values[key])
            except ValueError as error:
                raise SettingsError(
                    f"{key}: must be a whole number ({spec.metadata['unit']}), got {values[key]!r}"
                ) from error
        else:
            given[spec.name] = values[key]
    return Settings(**given)


@lru_cache(maxsize=1)
def settings() -> Settings:
    """The settings of this process, read once."""
    return read()


def as_markdown() -> str:
    """Gives docs/settings.md; `python -m bot.settings > docs/settings.md` writes it, and a test keeps it true."""
    rows = "".join(
        f"| `{PREFIX}{spec.name.upper()}` | {f'`{spec.default}`' if spec.default != '' else 'empty'} "
        f"| {spec.metadata['unit'] or 'text'} | {spec.metadata['help']}"
        f"{' Secret: left out where settings are printed.' if spec.metadata['secret'] else ''} |\n"
        for spec in fields(Settings)
    )
    return _MARKDOWN.format(rows=rows)


_MARKDOWN = """# Settings

Written by `python -m bot.settings`; change `bot/settings.py`, not this page.

Put settings into a file `.env` in the project's folder; `.env.example` is there to be copied. The environment wins over
`.env`, `.env` over the defaults below. An empty value counts as not set. A value that cannot be used, or a name that
begins with `MARROW_` and is not in this table, stops the start with one sentence that names it. Changes count from the
next start.

The three secrets are made at the first start, in `.marrow/secrets.env`, readable by its owner alone. Whoever changes
`MARROW_SECRET_KEY` ends every open conversation's session. Whoever changes `MARROW_CONTACT_KEY` puts the new key before
the old one, with a comma between, and takes the old one away after `./marrow retain` has run once.

| setting | default | unit | what it does |
|---|---|---|---|
{rows}
Two variables are for the command `./marrow` itself and are read from the environment alone: `MARROW_PYTHON`, the Python
that starts it (3.9 or newer; otherwise the first one found), and `CI`, which when `true` makes a missing Chromium a
failure of `./marrow test` instead of a hint.
"""

assert all(spec.default is not MISSING for spec in fields(Settings)), "a setting without default stops a fresh start"

if __name__ == "__main__":
    print(as_markdown(), end="")
