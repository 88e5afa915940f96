"""What only a sure rule may hide."""

from __future__ import annotations

import pytest
import yaml

from bot.redact import firm as module
from bot.redact.firm import blood_groups, firm

FIRM = [
    ("a product", "is BMS-986393 the same as arlo-cel", "BMS-986393"),
    ("a product without its hyphen", "SY1425 for MDS", "SY1425"),
    ("a product in small letters", "what is gc012f", "gc012f"),
    ("a product with its sponsor's long number", "JNJ-68284528 in 2019", "JNJ-68284528"),
    ("a code of a bill", "refused: Q2042 and XW033C7", "XW033C7"),
    ("one behind its list", "CPT 38241 was billed", "CPT 38241"),
    ("a diagnosis", "ICD C91.0 on the form", "ICD C91.0"),
    ("HLA", "typed as HLA-C*07:01 today", "HLA-C*07:01"),
    ("KIR", "the donor is KIR AA", "KIR AA"),
    ("a karyotype", "46,XY,t(9;22)(q34;q11.2) at start", "46,XY,t(9;22)(q34;q11.2)"),
    ("two clones", "now 47,XX,+8[14]/46,XX[6] again", "47,XX,+8[14]/46,XX[6]"),
    ("a target", "CAR against Claudin18.2 for stomach", "Claudin18.2"),
    ("blood pressure in rows", "07:00 118/76 131/84", "118/76"),
    ("the last of several pressures", "bp this morning 142/91, at noon 128/84, in the evening 160/102", "160/102"),
    ("blood pressure by its name", "bp at home 160/102 now", "160/102"),
    ("vital signs in a row", "RR 120/80 72 36.6 98% ok", "120/80 72 36.6 98%"),
    ("morning, noon, night", "CycloA 75-0-75 since Monday", "75-0-75"),
    ("and bedtime", "zopiclone 7.5 0-0-0-1", "0-0-0-1"),
    ("a price before", "in haifa ₪280,000 or less", "₪280,000"),
    ("a price behind", "devis de 61 000 € refusé", "61 000 €"),
    ("millions", "KES 8.5M is needed", "KES 8.5M"),
    ("rand", "R45,000 a month", "R45,000"),
    ("money by its word", "they ask 500 yuan a day", "500 yuan"),
    ("a flight to a city", "on QR 1342 Doha", "QR 1342"),
    ("a flight by the word", "my flight is tk 1984, gate 5", "tk 1984"),
    ("a train by its name", "Nozomi 217 to Osaka", "Nozomi 217"),
    ("a train by the word, and the seat", "train IC 2213 seat 61", "train IC 2213"),
    ("a ferry", "ferry Blue Star 2 from Rhodes", "ferry Blue Star 2"),
    ("a month that is a name", "infusion mid-April then home", "mid-April"),
    ("a lot", "lot NV-40218 of the bag", "lot NV-40218"),
    ("a day in notes", "dob 090385 adm 090326", "adm 090326"),
    ("scores", "PHQ-9 2 3 0 1 3 today", "PHQ-9 2 3 0 1 3"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "piece"), [row[1:] for row in FIRM], ids=[row[0] for row in FIRM])
def test_when_a_form_is_surely_of_a_treatment_then_it_is_firm(text, piece):
    at = text.index(piece)

    assert any(low <= at and at + len(piece) <= high for low, high in firm(text))


@pytest.mark.parametrize(
    "text",
    [
        "passport LH 7174402, born in Kazan",
        "IC 860412-14-5539",
        "flat 12/34 in 118 Elm Road",
        "Shibuya 2-1-2, Tokyo",
        "file KB 330172, folder A-20-33-19",
        "call 0-800-555-1234",
        "April is my daughter, June my wife",
        "12 Ward Road, lot 14",
        "born 12.04.1985 in Lima",
        "MRN 118/7644",
        "my number 943 771 2208",
        "RMB 1140 Dusty Gully Rd, Blk 4 Tampines Ave 10 #09-118, off the R34",
        "Kerkwegel 5 bus 2, 9300",
        "RM 77.04.18, RM 11-42-86-03, R25-440918",
        "file SY-0417",
        "15 лютого 2011 р.",
    ],
)  # fmt: skip
def test_when_a_number_may_be_somebodys_then_it_is_not_firm(text):
    assert list(firm(text)) == []


@pytest.mark.parametrize(
    ("text", "group"),
    [("i am o positive now", "o positive"), ("nasser a+, ibtisam o-", "o-"), ("AB neg donor", "AB neg")],
)
def test_when_a_blood_group_stands_behind_a_name_then_it_is_found_alone(text, group):
    assert group in {text[low:high] for low, high in blood_groups(text)}


def test_when_the_list_is_read_then_each_group_says_why_and_has_only_codes():
    groups = yaml.safe_load(module._FILE.read_text(encoding="utf-8"))

    assert all(group["why"] and group["codes"] for group in groups.values())
    # a code of letters alone would keep a word open
    products = [code.strip() for code in groups["products"]["codes"].split("|")]
    assert [code for code in products if not any(sign in "#0123456789" for sign in code)] == []
