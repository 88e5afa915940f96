"""Cuts a message into the questions it may hold. Pure, linear in the text's length."""

from __future__ import annotations

import re

MAX_PARTS = 4  # more questions than this in one message are answered best by a person or one after the other
_MIN_WORDS = 2
_MAX_SENTENCES = 24
_MIN_TOLD = 3  # words; fewer tell nothing by themselves

# ends of sentences, and joints where people who write without full stops begin their next question
_SENTENCE = re.compile(r"(?<=[.!?;])\s+|\n+|(?<=\?)(?=\w)")
_BLANKS = re.compile(r"[^\S\n]+")  # runs of blanks would cost the patterns below the square of their length
_QUESTION_WORD = (
    r"(?:how|what|when|where|which|who|why|can|could|do|does|did|is|are|will|would|should|wat|wich|hw|wher)"
)
_JOINT = re.compile(
    rf"(?:,|\s)\s*(?:and|also|plus|then|&)\s+(?:also\s+)?(?={_QUESTION_WORD}\b)|,\s*(?={_QUESTION_WORD}\b)",
    re.IGNORECASE,
)
_BEFORE = "and|also|so|but|pls|please|then|hi|hello|ok|tell|me|us|explain|know|want|to|i|we|wonder|wondering|about|am"
_ASKS = re.compile(rf"\?|^\W*(?:(?:{_BEFORE})\W+){{0,8}}{_QUESTION_WORD}\b", re.IGNORECASE)


def asks(text: str) -> bool:
    """Whether a piece of text reads as a question."""
    return bool(_ASKS.search(text))


def _pieces_of(text: str) -> list[str]:
    pieces: list[str] = []
    for sentence in _SENTENCE.split(_BLANKS.sub(" ", text)):
        pieces.extend(piece.strip(" ,;-") for piece in _JOINT.split(sentence))
    return pieces


def parts_of(text: str) -> list[str]:
    """The questions in a message, in order; fewer than two mean that it holds one matter."""
    questions = [piece for piece in _pieces_of(text) if len(piece.split()) >= _MIN_WORDS and asks(piece)]
    return questions[:MAX_PARTS] if len(questions) >= 2 else []


def sentences_of(text: str) -> list[str]:
    """What a message holds, piece by piece, questions and all."""
    return [piece for piece in _pieces_of(text) if len(piece.split()) >= _MIN_TOLD][:_MAX_SENTENCES]


def told_in(text: str) -> str:
    """What a message tells beside its questions; empty when it tells nothing."""
    return ". ".join(
        piece.rstrip(" .") for piece in _pieces_of(text) if len(piece.split()) >= _MIN_WORDS and not asks(piece)
    )
