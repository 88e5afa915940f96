"""What is left for a call back is unreadable without its key, and keys can be changed."""

from __future__ import annotations

import base64

import pytest
from sqlalchemy import text

from bot.errors import SettingsError, StoreError
from bot.journal import audit, contacts, conversations, wishes
from bot.journal.sealing import Box

OLD, NEW = (base64.urlsafe_b64encode(letter * 32).decode() for letter in (b"o", b"n"))
LEFT = {"name": "Olga", "phone": "+44 20 7946 0958", "email": None, "note": "после 5"}


def test_when_it_is_sealed_then_only_its_key_opens_it():
    sealed = Box(OLD).seal(LEFT)

    assert Box(OLD).open(sealed) == LEFT
    assert "Olga" not in sealed
    with pytest.raises(StoreError, match="MARROW_CONTACT_KEY"):
        Box(NEW).open(sealed)


def test_when_it_was_tampered_with_then_it_is_not_opened():
    sealed = Box(OLD).seal(LEFT)

    with pytest.raises(StoreError):
        Box(OLD).open(sealed[:-4] + "AAA=")


@pytest.mark.parametrize("keys", ["", " , ", "short", f"{OLD},short"])
def test_when_a_key_cannot_be_used_then_the_setting_is_named(keys):
    with pytest.raises(SettingsError, match="MARROW_CONTACT_KEY"):
        Box(keys)


@pytest.fixture
def left(store):
    """A conversation with something left for a call back, under the old key."""
    conversations.begin(store, "c", now_ms=1, expires_at_ms=10**13, language=None, time_zone=None, claim=None)
    reachable = wishes.Reachable("Olga", "+44 20 7946 0958", None, "Europe/London", wishes.Aside("after 5"))
    wishes.leave_contact(store, Box(OLD), "c", reachable, "noted", now_ms=2, per_minute=9)
    return store


def test_when_staff_read_it_then_the_audit_knows_who(left):
    (contact,) = contacts.of(left, Box(OLD), "c", now_ms=7, actor="anna")

    assert (contact.name, contact.phone, contact.note, contact.time_zone) == (
        "Olga", "+44 20 7946 0958", "after 5", "Europe/London",
    )  # fmt: skip
    with left.read() as connection:
        row = connection.execute(text("SELECT at_ms, action, subject FROM audit")).one()
    assert (row.at_ms, row.action) == (7, "read_contact")
    assert row.subject == audit.subject_of("c")


def test_when_the_key_is_changed_then_both_open_it_and_after_renewal_the_new_one_alone(left):
    both = Box(f"{NEW},{OLD}")
    assert contacts.of(left, both, "c", now_ms=7, actor="anna")[0].name == "Olga"

    assert contacts.renew(left, both) == 1

    assert contacts.of(left, Box(NEW), "c", now_ms=8, actor="anna")[0].name == "Olga"
