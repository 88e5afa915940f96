"""What was found, to take along: CSV for a spreadsheet, JSON Lines for a program. Written line by line."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from typing import Any

from bot.journal.clock import iso
from bot.journal.search import Hit

COLUMNS = (
    "conversation", "seq", "at", "kind", "text", "answer", "label", "confidence", "outcome", "verdict", "language",
    "page", "feedback", "comment", "reviewed", "tags",
)  # fmt: skip
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def record(hit: Hit) -> dict[str, Any]:
    """One message as a record; times in UTC."""
    return {
        "conversation": hit.conversation,
        "seq": hit.seq,
        "at": iso(hit.at_ms),
        "kind": hit.kind,
        "text": hit.text,
        "answer": "\n\n".join(text for _, text in hit.answers),
        "label": hit.label,
        "confidence": hit.confidence,
        "outcome": hit.outcome,
        "verdict": hit.verdict,
        "language": hit.language,
        "page": hit.page,
        "feedback": hit.thumb,
        "comment": hit.comment,
        "reviewed": hit.reviewed,
        "tags": list(hit.tags),
    }


def harmless(value: Any) -> str:
    """A cell that no spreadsheet takes for a formula: an apostrophe goes before what might begin one.

    Spaces before the sign do not help: some programs strip them.
    """
    written = "" if value is None else ", ".join(value) if isinstance(value, list) else str(value)
    return f"'{written}" if written.lstrip(" \u00a0\u200b\ufeff").startswith(_FORMULA) else written


def as_csv(hits: Iterable[Hit]) -> Iterator[str]:
    """Lines of a CSV file (RFC 4180, UTF-8 with a mark so that spreadsheets know it)."""
    yield "\ufeff" + _row(COLUMNS)
    for hit in hits:
        yield _row([harmless(value) for value in record(hit).values()])


def _row(cells: Iterable[Any]) -> str:
    written = io.StringIO()
    csv.writer(written).writerow(cells)
    return written.getvalue()


def as_jsonl(hits: Iterable[Hit]) -> Iterator[str]:
    """Lines of JSON."""
    for hit in hits:
        yield json.dumps(record(hit), ensure_ascii=False) + "\n"
