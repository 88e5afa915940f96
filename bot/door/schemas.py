"""The bodies of the patient API: what is read is checked here, what is written is described here."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    StrictStr,
    model_validator,
)

from bot.answer.hours import zone_or_none

PAGE_LENGTH = 255
"""Characters of a page's path that are kept."""

_LANGUAGE = r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$"


_HALF_CHARACTERS = re.compile("[\ud800-\udfff]")


def storable(text: Any) -> Any:
    """The text as every database can keep it: none keeps half a surrogate pair, and PostgreSQL no NUL."""
    return _HALF_CHARACTERS.sub("\ufffd", text.replace("\x00", "")) if isinstance(text, str) else text


def _real_zone(name: str | None) -> str | None:
    # Some browsers name zones that do not exist (Etc/Unknown). That must not keep a patient out.
    return name if zone_or_none(name) else None


def _path(page: Any) -> Any:
    # Where the chat stands is nice to know; no oddity in it may keep a patient out. What follows ? or # may be private.
    if not isinstance(page, str):
        return None
    try:
        return storable(urlsplit(page.strip()).path)[:PAGE_LENGTH] or None
    except ValueError:
        return None


Text = Annotated[StrictStr, BeforeValidator(storable)]
Page = Annotated[
    StrictStr | None,
    BeforeValidator(_path),
    Field(description="address of the page that the chat stands on; only its path is kept, nothing behind `?` or `#`"),
]
Zone = Annotated[StrictStr | None, Field(max_length=64, description="IANA time zone"), AfterValidator(_real_zone)]


class _Body(BaseModel):
    model_config = ConfigDict(str_strip_whitespace=False)


class Begin(_Body):
    """Begins a conversation."""

    consent: StrictBool = Field(False, description="the patient agreed that the conversation is kept")
    language: Annotated[StrictStr | None, Field(max_length=35, pattern=_LANGUAGE, description="BCP 47 tag")] = None
    time_zone: Zone = None
    page: Page = None
    text: Annotated[Text | None, Field(description="only without consent: screened for danger, never stored")] = None

    @model_validator(mode="after")
    def _kept_nowhere(self) -> Begin:
        if self.consent and self.text is not None:
            raise ValueError("`text` goes without consent only; send it as a message of the conversation")
        return self


class Begun(BaseModel):
    """A begun conversation."""

    conversation: str
    token: str = Field(description="to be sent as `Authorization: Bearer`")
    expires_at: str = Field(description="ISO 8601, UTC")


class Say(_Body):
    """One message: typed words, or a pressed button."""

    client_id: StrictStr = Field(pattern=r"^[A-Za-z0-9._:-]{1,64}$", description="the client's own name for it")
    text: Text | None = None
    choice: Annotated[StrictStr | None, Field(max_length=512)] = None

    @model_validator(mode="after")
    def _one_of_two(self) -> Say:
        if (self.text is None) == (self.choice is None):
            raise ValueError("give `text` or `choice`, one of the two")
        return self


Hidden = Annotated[
    list[str] | None,
    Field(description="kinds of secrets that were hidden before it was kept; absent when there were none"),
]


class Safety(BaseModel):
    """The fixed text for danger, outside a message of the conversation."""

    verdict: Literal["emergency", "self_harm"]
    text: str


class Acknowledged(BaseModel):
    """The message is written down."""

    seq: int
    hidden: Hidden = None


class Typing(_Body):
    """Whether the patient is writing; to be said again while it goes on, every 3 seconds or so."""

    on: StrictBool


class Rate(_Body):
    """A thumb on a line."""

    seq: StrictInt = Field(ge=1, le=2**31 - 1)
    value: Literal["up", "down"]
    comment: Annotated[Text | None, Field(max_length=2000)] = None


class Rated(BaseModel):
    """The thumb as kept."""

    seq: int
    value: str
    hidden: Hidden = None
    safety: Safety | None = Field(None, description="the comment tells of danger: show this at once")


class Reach(_Body):
    """How a patient asks to be called back."""

    consent: StrictBool = Field(False, description="the patient agreed that this is kept for the call back")
    name: Annotated[Text | None, Field(max_length=200)] = None
    phone: Annotated[Text | None, Field(max_length=40, pattern=r"^[^\d]*(\d[^\d]*){5,20}$")] = None
    email: Annotated[Text | None, Field(max_length=254, pattern=r"^[^@\s]+@[^@\s]+$")] = None
    time_zone: Zone = None
    note: Annotated[Text | None, Field(max_length=2000)] = None

    @model_validator(mode="before")
    @classmethod
    def _blank_is_none(cls, data: Any) -> Any:
        # A form sends its empty fields too.
        if isinstance(data, dict):
            return {key: None if isinstance(value, str) and not value.strip() else value for key, value in data.items()}
        return data


class Noted(BaseModel):
    """The request was kept; `seq` is the line that says so."""

    seq: int
    hidden: Hidden = None
    safety: Safety | None = Field(None, description="the note tells of danger: show this at once")


class ButtonShown(BaseModel):
    """A button; `choice` is sent back when it is pressed."""

    label: str
    choice: str


class Event(BaseModel):
    """One line of a conversation."""

    model_config = ConfigDict(populate_by_name=True)

    seq: int
    at: str
    sender: Literal["patient", "bot", "staff", "system"] = Field(alias="from")
    text: str
    language: str
    reply_to: int | None = None
    client_id: str | None = None
    answer: dict[str, str] | None = Field(
        None, description="`label`, and for reviewed answers `source`, `owner`, `reviewed_on`, `review_by`, `state`"
    )
    buttons: list[ButtonShown] | None = None
    safety: Literal["emergency", "self_harm", "personal_advice", "check"] | None = None
    handoff: dict[str, Any] | None = None
    hidden: Hidden = None
    staff: dict[str, str] | None = Field(None, description="`name` of the person of the hospital")
    presence: Literal["joined", "left"] | None = Field(None, description="that person came or went")


class Transcript(BaseModel):
    """A whole conversation."""

    conversation: str
    hospital_name: str
    events: list[Event]


class Config(BaseModel):
    """What the widget needs to know before a conversation begins."""

    hospital_name: str
    contact_phone: str
    contact_email: str
    office_hours: str
    open_now: bool = Field(description="whether the enquiry line is staffed at this moment")
    opens_at: str | None = Field(description="ISO 8601, UTC: when it opens next; null while it is open")
    expected_wait_min: int | None = Field(
        description="minutes that patients lately waited for a person to join; null while closed, or while too few did"
    )
    languages: list[str] = Field(description="tags of the languages in which the widget's own words can be shown")
    urgent_phone: str = Field(description="the 24-hour number for treated patients, or empty")
    emergency_number: str = Field(description="the emergency number of the hospital's place, or empty")
    message_max_characters: int


class ProblemDocument(BaseModel):
    """An error (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    limit: dict[str, Any] | None = Field(None, description="`name`, `value` and `unit` of the limit that was hit")
    errors: list[dict[str, str]] | None = None
    safety: Safety | None = Field(None, description="the refused text tells of danger: show this at once")
