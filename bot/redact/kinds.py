"""The kinds of secrets, their placeholders, and which wins where two overlap."""

from __future__ import annotations

from dataclasses import dataclass

KINDS: dict[str, str] = {
    "password": "[password]",
    "email": "[email address]",
    "url": "[link]",
    "bank_account": "[bank account]",
    "card": "[card number]",
    "passport": "[passport number]",
    "national_id": "[ID number]",
    "record_number": "[record number]",
    "birth_date": "[birth date]",
    "ip": "[IP address]",
    "handle": "[account name]",
    "phone": "[phone number]",
    "address": "[address]",
    "name": "[name]",
}
"""Kind → placeholder. The order says whose name counts where two kinds claim the same words: the earlier."""

WITHHELD = "[message not kept]"
"""Stands for a whole text that could not be looked through."""


@dataclass(frozen=True, order=True)
class Span:
    """A piece of a text that is to be hidden.

    Attributes:
        start: First character.
        end: Behind the last one.
        kind: One of `KINDS`.
        strong: True when a checksum, a label or an introduction says so: then clinical look-alikes do not save it.
    """

    start: int
    end: int
    kind: str
    strong: bool = False


@dataclass(frozen=True)
class Redacted:
    """A text that may be stored.

    Attributes:
        text: The words with placeholders.
        hidden: The kinds that were hidden, each once, in the order of the text; empty when nothing was.
        withheld: True when the text could not be looked through and `text` is `WITHHELD`.
    """

    text: str
    hidden: tuple[str, ...] = ()
    withheld: bool = False


def settle(spans: list[Span]) -> list[Span]:
    """Makes overlapping spans one, of the kind that comes first in `KINDS`; the result is in order and apart.

    The whole of both is hidden: where two recognisers disagree about the ends, the wider one is safer.
    """
    rank = {kind: number for number, kind in enumerate(KINDS)}
    settled: list[Span] = []
    for span in sorted(spans):
        if settled and span.start < settled[-1].end:
            last = settled[-1]
            # the surer of two knows what it is; of equals the one that comes first
            kind = min((not one.strong, rank[one.kind], one.kind) for one in (last, span))[2]
            settled[-1] = Span(last.start, max(last.end, span.end), kind, last.strong or span.strong)
        else:
            settled.append(span)
    return settled
