"""Text is cut into the same terms whoever wrote it how, and a query is words alone, whatever signs are in it."""

from __future__ import annotations

import pytest

from bot.journal import terms

WORDS = [
    pytest.param("How long does CAR-T take?", "how long does car t take", id="plain"),
    pytest.param("39.2°C, day +12, CD19", "39 2 c day 12 cd19", id="values stay apart"),
    pytest.param("Café naïve Ünal Łódź đường", "cafe naive unal lodz duong", id="accents"),
    pytest.param("e\u0301le\u0300ve", "eleve", id="accents as characters of their own"),
    pytest.param("ＣＡＲ－Ｔ ﬁne", "car t fine", id="width and ligature"),
    pytest.param("straße STRASSE", "strasse strasse", id="German"),
    pytest.param("骨髓移植", "骨 髓 移 植", id="Chinese"),
    pytest.param("CAR-T療法はどのくらい", "car t 療 法 は と の く ら い", id="Japanese, voiced mark or not"),
    pytest.param("골수이식은", "골 수 이 식 은", id="Korean, particle or not"),
    pytest.param("الأَطْفَال", "الاطفال", id="Arabic, vowel signs or not"),
    pytest.param("Ёлка ёлка", "елка елка", id="Russian"),
    pytest.param("zero\u200bwidth so\u00adft", "zerowidth soft", id="joiners part no word"),
    pytest.param("🙂 — … ()*\"'", "", id="signs alone"),
    pytest.param("", "", id="nothing"),
]


@pytest.mark.parametrize(("text", "expected"), WORDS)
def test_when_a_text_is_cut_then_case_accent_and_width_are_gone(text, expected):
    assert " ".join(terms.words(text)) == expected


@pytest.mark.parametrize("text", [row.values[0] for row in WORDS])
def test_when_a_text_is_cut_then_each_term_knows_where_it_stands(text):
    for term in terms.cut(text):
        assert terms.words(text[term.start : term.end]) == (term.word,)


@pytest.mark.parametrize(
    ("query", "wanted", "unwanted"),
    [
        pytest.param("car cost", '("pcar" * AND "pcost" *)', "", id="words, longer ones too"),
        pytest.param('"car cost"', '("pcar pcost")', "", id="phrase, exactly"),
        pytest.param("t 骨髓", '("pt" AND "p骨 p髓")', "", id="short and Chinese"),
        pytest.param("cost -visa", '("pcost" *)', '"pvisa" *', id="without"),
        pytest.param("don't", '("pdon pt")', "", id="a sign inside"),
        pytest.param('x" OR terms : * NEAR(', '("px" AND "por pterms pnear")', "", id="FTS5's own language"),
        pytest.param('"', "", "", id="a sign alone"),
    ],
)
def test_when_a_query_is_read_then_no_sign_is_a_command(query, wanted, unwanted):
    assert terms.for_fts5(terms.read(query), ("patient",)) == (wanted, unwanted)


def test_when_a_text_is_long_and_hostile_then_it_is_cut_in_no_time_and_terms_are_bounded():
    assert [len(term.word) for term in terms.cut("a" * 100_000)] == [terms.LONGEST_TERM]
    assert len(terms.read("a " * 10_000)) == 1
    assert len(terms.read(" ".join(map(str, range(1000))))) == terms.MOST_CLAUSES
    assert len(terms.indexed("patient", "x " * 50_000, sqlite=False)) < 5000


@pytest.mark.parametrize(
    ("text", "query", "expected"),
    [
        pytest.param("Le Café près de cafés", "cafe", ["Café", "cafés"], id="accents and longer words"),
        pytest.param("骨髓移植需要多久", "移植", ["移植"], id="inside Chinese"),
        pytest.param("bone marrow, and marrow bone", '"bone marrow"', ["bone marrow"], id="phrase"),
        pytest.param("cost and visa", "cost -visa", ["cost"], id="what must not be there is not marked"),
    ],
)
def test_when_something_is_found_then_it_is_known_where(text, query, expected):
    assert [text[start:end] for start, end in terms.marks(text, terms.read(query))] == expected
