"""What the tagger adds to the rules, and what it takes away from them."""

from __future__ import annotations

import pytest

from bot.redact.join import alone, believed, runs
from bot.redact.kinds import Span
from bot.redact.tagger import CODE, Tag
from bot.redact.tokens import tokens

NOTHING = Tag(None, False, 0.0)


def tagged(text: str, *said: tuple[str, str | None, float]) -> tuple[list, list[Tag]]:
    """The tokens of a text and what is said of some of them: word, kind, how sure."""
    pieces = tokens(text)
    by_word = {word: Tag(kind, False, hidden) for word, kind, hidden in said}
    return pieces, [by_word.get(piece.text, NOTHING) for piece in pieces]


RUNS = [
    ("a sure piece", "I am Olga here", [("Olga", "name", 0.9)], [("Olga", "name")]),
    ("no piece is sure enough", "I am Olga here", [("Olga", None, 0.09)], []),
    ("it goes on over unsure neighbours", "at Elm Rise 4 now", [("Elm", "address", 0.9), ("Rise", None, 0.1), ("4", None, 0.06)], [("Elm Rise 4", "address")]),
    ("commas within an address are hidden too", "Elm Rise, Kest", [("Elm", "address", 0.9), ("Rise", "address", 0.9), (",", None, 0.1), ("Kest", None, 0.1)], [("Elm Rise, Kest", "address")]),
    ("a sign at its end is not", "Elm Rise, ok", [("Elm", "address", 0.9), ("Rise", "address", 0.9), (",", None, 0.1)], [("Elm Rise", "address")]),
    ("a small Chinese word before it is not", "住在老塔", [("在", "address", 0.3), ("老", "address", 0.9), ("塔", "address", 0.9)], [("老塔", "address")]),
    ("two kinds side by side are two", "Olga 4417", [("Olga", "name", 0.9), ("4417", CODE, 0.9)], [("Olga", "name"), ("4417", "record_number")]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "said", "hidden"), [row[1:] for row in RUNS], ids=[row[0] for row in RUNS])
def test_when_the_tagger_is_sure_then_a_run_of_pieces_is_hidden(text, said, hidden):
    found = runs(text, *tagged(text, *said), [])

    assert [(text[span.start : span.end], span.kind) for span in found] == hidden


def test_when_a_rule_knows_what_a_number_is_then_the_tagger_calls_it_so():
    text = "file E4417"
    found = runs(text, *tagged(text, ("E", CODE, 0.9), ("4417", CODE, 0.9)), [Span(5, 10, "passport")])

    assert [(span.start, span.end, span.kind) for span in found] == [(5, 10, "passport")]


BELIEVED = [
    ("a weak find that the tagger takes for nothing goes", Span(0, 8, "name"), 0.01, False),
    ("one that it half believes stays", Span(0, 8, "name"), 0.3, True),
    ("an introduced name that it doubts stays", Span(0, 8, "name", True), 0.12, True),
    ("one that is surely none goes", Span(0, 8, "name", True), 0.01, False),
    ("a street that is surely none goes", Span(0, 11, "address", True), 0.01, False),
    ("what has a form of its own stays", Span(0, 8, "email", True), 0.0, True),
    ("a passport with its label stays", Span(0, 8, "passport", True), 0.0, True),
]


@pytest.mark.parametrize(("span", "hidden", "stays"), [row[1:] for row in BELIEVED], ids=[row[0] for row in BELIEVED])
def test_when_the_tagger_reads_what_a_rule_found_then_weak_false_alarms_go(span, hidden, stays):
    pieces, tags = tagged("Prevenar 20", ("Prevenar", None, hidden))

    assert believed([span], pieces, tags) == ([span] if stays else [])


def test_when_the_tagger_takes_a_sure_place_for_nothing_then_it_stays():
    pieces, tags = tagged("Prevenar 20", ("Prevenar", None, 0.0))
    span = Span(0, 11, "address", True)

    assert believed([span], pieces, tags, [(9, 11)]) == [span]
    assert believed([span], pieces, tags, [(11, 12)]) == []


@pytest.mark.parametrize(
    ("text", "said", "stays"),
    [
        pytest.param("in Papanikolaou now", [("Papanikolaou", "name", 0.9)], True, id="alone"),
        pytest.param("Kalliopi Papanikolaou", [("Kalliopi", "name", 0.9), ("Papanikolaou", "name", 0.9)], False, id="a name beside it"),
        pytest.param("Papanikolaou 12", [("Papanikolaou", "address", 0.9)], False, id="a street"),
    ],
)  # fmt: skip
def test_when_a_hospital_is_called_like_people_then_it_stays_only_alone(text, said, stays):
    start = text.index("Papanikolaou")
    place = (start, start + len("Papanikolaou"))
    assert list(alone(*tagged(text, *said), [place])) == ([place] if stays else [])
