"""Codes of letters and digits behind what they are of."""

from __future__ import annotations

import pytest

from bot.redact.numbers import phone, record_number

CODES = [
    ("a booking", "pnr ab3k7w to istanbul", "ab3k7w"),
    ("one with a single digit", "booking ref TKBWZ6, wheelchair please", "TKBWZ6"),
    ("a Spanish booking", "código de reserva QR5T2M", "QR5T2M"),
    ("a contract in Russian", "в договоре Д-118/ТКМ другая дата", "Д-118/ТКМ"),
    ("an invoice in Chinese", "发票No.04418827抬头写错", "04418827"),
    ("an invoice with its year", "invoice RE-2026-00931 €6,420.00 for ECP", "RE-2026-00931"),
    ("a chain of identity", "chain of identity COI 9F-2207-RK on my paper", "9F-2207-RK"),
    ("a donor", "the donor code D-4471-XK says male", "D-4471-XK"),
    ("a sample in German", "Probennummer P25-04417 fehlt", "P25-04417"),
    ("an insurer's letters go with it", "policy AXA-PPP 66201938 please", "AXA-PPP 66201938"),
    ("dashes read aloud", "claim CLM 00539 it is", "CLM 00539"),
    ("a contract in German", "Vertrag VX-20-77120 liegt bei", "VX-20-77120"),
]


@pytest.mark.parametrize(("text", "code"), [row[1:] for row in CODES], ids=[row[0] for row in CODES])
def test_when_a_paper_or_a_journey_has_a_code_then_it_is_found(text, code):
    assert code in {text[span.start : span.end] for span in record_number(text)}


@pytest.mark.parametrize(
    "text",
    [
        "invoice 6,420.00 paid",
        "contract 2024 ended",
        "contract signed 12.05.2024",
        "bill 61 000 € please",
        "booking for 3 people",
        "case closed in 2024",
        "donor 9/10, my brother",
        "sample taken on 3 May 2025",
        "the donor 2021 and his label 5 mg",
    ],
)
def test_when_a_price_or_a_date_stands_there_then_nothing_is_found(text):
    assert list(record_number(text)) == []


def test_when_a_label_ends_within_a_word_then_the_word_is_no_part_of_the_number():
    text = "his number 110914 33821"

    assert text.index("ber") not in {span.start for span in record_number(text)}


@pytest.mark.parametrize("text", ["07:00 118/76\n13:00 131/84\n20:00 149/95", "took 5\n12 34 56"])
def test_when_values_stand_in_rows_then_they_are_no_phone(text):
    assert list(phone(text)) == []


@pytest.mark.parametrize("text", ["Phone:0123456789", "tel:+49 30 1234567"])
def test_when_a_label_touches_its_number_then_it_is_a_phone(text):
    assert [span.kind for span in phone(text)] == ["phone"]
