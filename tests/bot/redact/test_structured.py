"""E-mail that is read aloud, what is printed on a card, names of accounts."""

from __future__ import annotations

import pytest

from bot.redact.structured import account, card, email

MAILS = [
    ("Portuguese", "meu mail: ana.lopes arroba correio ponto pt", "ana.lopes arroba correio ponto pt"),
    ("Spanish, with a low line", "escribe a luz guion bajo mar arroba correo punto es", "luz guion bajo mar arroba correo punto es"),
    ("French", "c'est paul tiret roux arobase poste point fr", "paul tiret roux arobase poste point fr"),
    ("German", "an max punkt berg at firma bindestrich nord punkt de", "max punkt berg at firma bindestrich nord punkt de"),
    ("Turkish", "ayse nokta kaya kuyruklu a posta nokta com", "ayse nokta kaya kuyruklu a posta nokta com"),
    ("Russian", "иван точка петров собака почта точка ру", "иван точка петров собака почта точка ру"),
    ("Polish", "jan kropka lis małpa poczta kropka pl", "jan kropka lis małpa poczta kropka pl"),
    ("signs in brackets", "mail olha (underscore) k (at) ukr.example please", "olha (underscore) k (at) ukr.example"),
    ("a domain with a dash", "is help at care minus line dot org yours", "help at care minus line dot org"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "address"), [row[1:] for row in MAILS], ids=[row[0] for row in MAILS])
def test_when_an_address_is_read_aloud_then_it_is_found_whole(text, address):
    assert address in {text[span.start : span.end] for span in email(text)}


@pytest.mark.parametrize(
    "text", ["we stopped at three point five mg", "at that point he was at home", "minus two at night"]
)
def test_when_words_only_sound_like_an_address_then_nothing_is_found(text):
    assert list(email(text)) == []


CARDS = [
    ("its expiry in the past tense", "my card 4111 1111 1111 1111 expired 05/27", "05/27"),
    ("its expiry without a label of the number", "charge 4000-0000-0000-0002 please, expiry 09/29", "09/29"),
    ("its expiry in German", "Karte 4111 1111 1111 1111 gültig bis 07/28", "07/28"),
    ("its last digits", "paid with a card ending in 5512, no wig came", "5512"),
    ("its last digits in Spanish", "la tarjeta terminada en 4471", "4471"),
    ("its last digits in Russian", "карта заканчивается на 9912", "9912"),
    ("its last digits in Chinese", "信用卡尾号3307被扣款", "3307"),
]


@pytest.mark.parametrize(("text", "digits"), [row[1:] for row in CARDS], ids=[row[0] for row in CARDS])
def test_when_something_of_a_card_is_told_then_it_is_found(text, digits):
    assert digits in {text[span.start : span.end] for span in card(text)}


@pytest.mark.parametrize(
    "text", ["Kymriah bag, expiry 11/28", "the week ending 2026", "card for the visit, ends at 1430."]
)
def test_when_no_card_is_told_of_then_nothing_is_found(text):
    assert list(card(text)) == []


@pytest.mark.parametrize("name", ["rosalba.moretti", "kmoyo_1979x", "anna_petrova"])
def test_when_a_part_of_an_account_is_a_name_then_it_is_found_whole(name):
    text = f"portal help, i am {name} there"

    assert name in {text[span.start : span.end] for span in account(text)}


@pytest.mark.parametrize("text", ["no fever.anna came home", "see e.g. the page", "pain.then sleep", "the file scan_a"])
def test_when_a_full_stop_or_a_line_joins_words_then_they_are_no_account(text):
    assert list(account(text)) == []
