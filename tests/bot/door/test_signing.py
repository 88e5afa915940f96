"""Tokens and choices cannot be made up, moved or kept too long."""

from __future__ import annotations

import pytest

from bot.door.signing import Session, Signer
from bot.errors import SettingsError

SIGNER = Signer("k" * 32)


def test_when_a_token_is_fresh_then_it_opens_its_conversation():
    session = Session("conversation", 1000)
    assert SIGNER.session(SIGNER.token(session), now_ms=999) == session
    assert SIGNER.session(SIGNER.token(session), now_ms=1000) is None


def test_when_any_character_of_a_token_is_changed_then_it_opens_nothing():
    token = SIGNER.token(Session("conversation", 10**13))
    for index, character in enumerate(token[:-1]):
        changed = token[:index] + ("A" if character != "A" else "B") + token[index + 1 :]
        assert SIGNER.session(changed, now_ms=0) is None, index


@pytest.mark.parametrize("token", ["", ".", "a.b", "é", "[]", "\x00", "." * 500])
def test_when_a_token_is_garbage_then_it_opens_nothing(token):
    assert SIGNER.session(token, now_ms=0) is None
    assert SIGNER.chosen("conversation", token) is None


def test_when_a_choice_comes_back_then_it_names_its_button_for_its_conversation_only():
    choice = SIGNER.choice("mine", 3, 1)
    assert SIGNER.chosen("mine", choice) == (3, 1)
    assert SIGNER.chosen("yours", choice) is None
    assert Signer("x" * 32).chosen("mine", choice) is None


def test_when_a_token_is_given_for_a_choice_then_it_is_none():
    assert SIGNER.chosen("c", SIGNER.token(Session("c", 10**13))) is None
    assert SIGNER.session(SIGNER.choice("c", 1, 1), now_ms=0) is None


@pytest.mark.parametrize("key", ["", "short"])
def test_when_the_key_is_missing_or_short_then_the_door_does_not_start(key):
    with pytest.raises(SettingsError, match="MARROW_SECRET_KEY"):
        Signer(key)
