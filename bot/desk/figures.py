"""The dashboard: figures of some days, each with its chart, its table, its definition, and the search behind it.

Longer than 300 lines because every figure stands beside its definition and its link.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from bot.desk import address, charts
from bot.desk.address import CONVERSATIONS, MESSAGES
from bot.desk.charts import Series, Value
from bot.desk.context import Desk, desk_of
from bot.desk.find import LANGUAGES, WEEKDAYS, base
from bot.desk.guard import page
from bot.desk.render import page as write
from bot.desk.roles import READ
from bot.journal import figures as counting
from bot.journal.figures import DAY, WEEK, Figures, Stretch, Tally
from bot.journal.search import Filters

USUAL_DAYS = 28
MOST_DAYS = 731
MOST_BARS = 92
"""More days than this are shown by week."""

RANKED = 12
"""Rows of a chart of labels."""

KEPT_FROM_MS, KEPT_FOR_S = 60, 45
"""Figures that took this long (ms) to count and draw are shown again for this long (s) before they are counted anew."""

PRESETS = (7, 28, 91, 365)

OUTCOME_SERIES = (
    ("answer", "answered", 0), ("no_answer", "no reviewed answer yet", 1), ("clarify", "readings offered", 2),
    ("fallback", "not understood", 3), ("handoff", "handed to a person", 4), ("safety", "danger or advice", 5),
    ("staff", "left to a person", 6), ("failed", "brain out of reach", 7), ("withheld", "kept back unread", 7),
    ("waiting", "waiting", 8),
)  # fmt: skip


@dataclass(frozen=True)
class Tile:
    """A figure at the head of the page.

    Attributes:
        name: What it is.
        shown: The figure as it is shown.
        value: The number of messages or conversations behind it, and their search.
        unit: What the search counts.
        beside: What else is worth knowing, or "".
    """

    name: str
    shown: str
    value: Value
    unit: str
    beside: str = ""


@dataclass(frozen=True)
class Chart:
    """One chart with its table.

    Attributes:
        name: For ids.
        title: What it shows.
        drawn: The SVG.
        key: What the colours mean; empty for one colour.
        heads: The table's columns.
        rows: Its rows: the name, then the figures with the unit that their search counts.
        told: How the figures are defined.
        wide: Whether it takes the whole width.
    """

    name: str
    title: str
    drawn: Markup
    key: Markup
    heads: tuple[str, ...]
    rows: list[tuple[str, list[tuple[Value, str]]]]
    told: str
    wide: bool = False


@dataclass(frozen=True)
class Kept:
    """Figures that were counted, when, and as they are shown: drawing a year takes as long as counting it."""

    tiles: list[Tile]
    charts: list[Chart]
    at_ms: int
    until_s: float


def taken(ms: int | None) -> str:
    """How long something took: "40 s", "12 min", "3 h 5 min", "2 d 4 h"; a dash when it never happened."""
    if ms is None:
        return "–"
    seconds = ms // 1000
    for big, small, of_big, of_small in ((86_400, 3600, "d", "h"), (3600, 60, "h", "min")):
        if seconds >= big:
            rest = seconds % big // small
            return f"{seconds // big} {of_big}" + (f" {rest} {of_small}" if rest else "")
    return f"{seconds // 60} min" if seconds >= 60 else f"{seconds} s"


def share(part: int, whole: int) -> str:
    """A part in percent; a dash of nothing."""
    return f"{100 * part / whole:.0f} %" if whole else "–"


class Links:
    """Searches behind the figures of one stretch."""

    def __init__(self, base: Filters, stretch: Stretch) -> None:
        self._base = replace(base, from_ms=stretch.from_ms, to_ms=stretch.to_ms)

    def of(self, number: int, unit: str = MESSAGES, **changed: Any) -> Value:
        """A figure and the search for what it counts."""
        return Value(number, address.of(replace(self._base, **changed), show=unit))


async def show(request: Request) -> Response:
    """The dashboard."""
    desk = desk_of(request)
    today, plain = desk.today, base(desk)
    asked = address.read(request.query_params.multi_items(), plain)
    last = min(asked.last or today, today)
    first = min(asked.first or last - timedelta(days=USUAL_DAYS - 1), last)
    if (last - first).days >= MOST_DAYS:
        first = last - timedelta(days=MOST_DAYS - 1)
        asked.notices.append(f"{MOST_DAYS} days at most are shown at once; these are the last ones.")
    days = (last - first).days + 1
    by = WEEK if request.query_params.get("by") == WEEK or days > MOST_BARS else DAY
    stretch = Stretch.of(first, last, desk.settings.time_zone)
    kept = await _counted(request, desk, plain, stretch, by)
    presets = [(number, _address(today - timedelta(days=number - 1), today, "")) for number in PRESETS]
    return write(
        request, "figures.html", stretch=stretch, by=by, presets=presets, notices=asked.notices, days=days,
        today=today, counted_at_ms=kept.at_ms, by_day_possible=days <= MOST_BARS,
        tiles=kept.tiles, charts=kept.charts,
        search=address.of(replace(plain, from_ms=stretch.from_ms, to_ms=stretch.to_ms)),
    )  # fmt: skip


def _address(first: date, last: date, by: str) -> str:
    return f"/desk/figures?from={first}&to={last}" + (f"&by={by}" if by else "")


async def _counted(request: Request, desk: Desk, plain: Filters, stretch: Stretch, by: str) -> Kept:
    """The figures: counted now, or a moment ago when counting takes long; then they are counted anew meanwhile."""
    known: dict[Any, Kept] = request.app.state.__dict__.setdefault("figures", {})
    name = (stretch.from_ms, stretch.to_ms, by)

    def count() -> Kept:
        began = time.monotonic()
        now_ms = desk.clock.now_ms()
        found = counting.figures(desk.store, stretch, by, plain)
        shown = tiles(found, plain), all_charts(found, plain, by)
        ended = time.monotonic()
        made = Kept(*shown, now_ms, ended + KEPT_FOR_S)
        if (ended - began) * 1000 >= KEPT_FROM_MS:
            if len(known) > 50:
                known.clear()
            known[name] = made
        return made

    kept = known.get(name)
    if kept is None:
        return await desk.journal(count)
    if kept.until_s < time.monotonic():
        known[name] = replace(kept, until_s=time.monotonic() + KEPT_FOR_S)  # one counts, not everybody at once
        task = asyncio.create_task(_again(desk, count), name="figures")
        _tasks.add(task)
        task.add_done_callback(_tasks.discard)
    return kept


_tasks: set[asyncio.Task[None]] = set()


async def _again(desk: Desk, count: Callable[[], Kept]) -> None:
    await desk.journal(count)


def tiles(found: Figures, filters: Filters) -> list[Tile]:
    """The figures at the head."""
    total = found.total
    links = Links(filters, total.stretch)
    answered, rated = total.outcomes["answer"], total.up + total.down
    understood = sum(total.outcomes[name] for name in ("answer", "no_answer", "clarify", "fallback"))

    def messages(name: str, key: str, beside: str = "") -> Tile:
        value = links.of(total.outcomes[key], outcomes=(key,))
        return Tile(name, f"{value.number:,}", value, MESSAGES, beside)

    talks = links.of(total.conversations, CONVERSATIONS)
    alone = links.of(found.by_itself, CONVERSATIONS, outcomes=("answer",), person="none")
    asked = links.of(total.asked, CONVERSATIONS, person="asked")
    came = links.of(total.came, CONVERSATIONS, person="came")
    danger = links.of(total.danger, danger="red")
    unread = links.of(found.danger_unread, danger="red", reviewed=False)
    up, down = links.of(total.up, feedback="up"), links.of(total.down, feedback="down")
    return [
        Tile("Conversations", f"{talks.number:,}", talks, CONVERSATIONS),
        Tile("Messages", f"{total.messages:,}", links.of(total.messages), MESSAGES),
        Tile("Answered without a person", f"{alone.number:,}", alone, CONVERSATIONS,
             f"{share(alone.number, talks.number)} of conversations"),
        messages("Messages answered", "answer", f"{share(answered, understood)} of questions"),
        messages("Readings offered", "clarify", share(total.outcomes["clarify"], understood)),
        messages("Not understood", "fallback", share(total.outcomes["fallback"], understood)),
        messages("No reviewed answer yet", "no_answer", share(total.outcomes["no_answer"], understood)),
        Tile("A person asked for", f"{asked.number:,}", asked, CONVERSATIONS, f"came in {came.number:,}"),
        Tile("Time to a person", taken(found.to_a_person.median_ms), came, CONVERSATIONS,
             f"median; 9 in 10 within {taken(found.to_a_person.p90_ms)}"),
        Tile("Thumbs up", f"{up.number:,}", up, MESSAGES, f"{share(up.number, rated)} of thumbs"),
        Tile("Thumbs down", f"{down.number:,}", down, MESSAGES, f"{share(down.number, rated)} of thumbs"),
        Tile("Danger", f"{danger.number:,}", danger, MESSAGES),
        Tile("Time to review danger", taken(found.to_review.median_ms),
             links.of(found.to_review.count, danger="red", reviewed=True), MESSAGES,
             f"median; 9 in 10 within {taken(found.to_review.p90_ms)}"),
        Tile("Danger not read", f"{unread.number:,}", unread, MESSAGES),
    ]  # fmt: skip


def _place(stretch: Stretch) -> str:
    return f"{stretch.first.day} {stretch.first:%b}"


def _full(stretch: Stretch) -> str:
    first = f"{stretch.first:%a} {stretch.first.day} {stretch.first:%b %Y}"
    return first if stretch.first == stretch.last else f"{first} to {stretch.last.day} {stretch.last:%b}"


def all_charts(found: Figures, filters: Filters, by: str) -> list[Chart]:
    """Every chart with its table and its definition."""
    tallies = found.tallies

    def over_time(
        name: str, title: str, told: str, kinds: list[tuple[str, int, str, Callable[[Tally], int], dict[str, Any]]],
        *, wide: bool = False,
    ) -> Chart:  # fmt: skip
        series = [
            Series(
                word, colour,
                tuple(Links(filters, one.stretch).of(number(one), unit, **changed) for one in tallies), unit,
            )
            for word, colour, unit, number, changed in kinds
        ]  # fmt: skip
        series = [one for one in series if any(value.number for value in one.values)] or series[:1]
        rows = [
            (_full(one.stretch), [(kind.values[place], kind.unit) for kind in series])
            for place, one in enumerate(tallies)
        ]
        drawn = charts.columns(name, title, [_place(one.stretch) for one in tallies], series)
        key = charts.key(series) if len(kinds) > 1 else Markup("")
        return Chart(name, title, drawn, key, (by.capitalize(), *(one.name for one in series)), rows, told, wide)

    outcomes = [
        (words, colour, MESSAGES, lambda one, key=key: one.outcomes[key], {"outcomes": (key,)})
        for key, words, colour in OUTCOME_SERIES
    ]
    return [
        over_time("messages", f"Messages by {by}, and what became of them",
                  "A message is what a patient typed or a button that was pressed. Answered: the bot gave an answer, "
                  "also small talk. No reviewed answer yet: it understood the question and said that there is no "
                  "reviewed answer. Readings offered: it asked “did you mean”. Not understood: it said so. Handed to "
                  "a person: the message asked for one. Left to a person: it came while a person was talking. "
                  "Kept back: it could not be looked through for secrets, so nobody was given it.",
                  outcomes, wide=True),  # type: ignore[arg-type]
        over_time("conversations", f"Conversations by {by}",
                  "A conversation counts on every day on which the patient sent a message, and once in the sum.",
                  [("conversations", 0, CONVERSATIONS, lambda one: one.conversations, {})]),
        over_time("persons", f"A person was asked for, by {by}",
                  "Conversations by the day of the wish: a person in the chat, or a call back.",
                  [("asked for", 0, CONVERSATIONS, lambda one: one.asked, {"person": "asked"})]),
        over_time("came", f"A person came, by {by} of the wish",
                  "Those of them that a member of staff took over, or met without a chat. Time to a person runs from "
                  "the wish until then; wishes that nobody took are not in it. Half took no longer than the median.",
                  [("came", 2, CONVERSATIONS, lambda one: one.came, {"person": "came"})]),
        over_time("thumbs", f"Thumbs by {by}",
                  "Messages whose answer got a thumb, on the day of the message; of several thumbs on one message the "
                  "last one counts.",
                  [("up", 0, MESSAGES, lambda one: one.up, {"feedback": "up"}),
                   ("down", 3, MESSAGES, lambda one: one.down, {"feedback": "down"})]),
        over_time("danger", f"Danger by {by}",
                  "Messages in which the rules or the model saw an emergency or self-harm. Time to review runs until a "
                  "member of staff marked the message as read; those not read yet are not in it.",
                  [("danger", 5, MESSAGES, lambda one: one.danger, {"danger": "red"})]),
        _ranked("languages", "Languages", found.languages, filters, found.total.stretch, 6,
                lambda name: {"languages": (name,)}, LANGUAGES,
                "Messages by the language they were written in, as the model tells it. Not known: danger seen by the "
                "rules alone, and what the model never saw."),
        _ranked("labels", "What patients ask", found.labels, filters, found.total.stretch, 0,
                lambda name: {"labels": (name,)}, {},
                "Messages by what was understood, whatever became of them."),
        _ranked("unanswered", "What they ask in vain", found.unanswered, filters, found.total.stretch, 1,
                lambda name: {"labels": (name,), "outcomes": counting.UNANSWERED}, {},
                "Messages without an answer at once (no reviewed answer yet, not understood, or readings offered) by "
                "the most likely reading: what to write or to teach next."),
        _hours(found, filters),
    ]  # fmt: skip


def _ranked(
    name: str, title: str, rows: tuple[tuple[str, int], ...], filters: Filters, stretch: Stretch, colour: int,
    changed: Callable[[str], dict[str, Any]], words: dict[str, str], told: str,
) -> Chart:  # fmt: skip
    links = Links(filters, stretch)
    shown = [(words.get(label, label), links.of(number, **changed(label))) for label, number in rows]
    drawn = charts.lying(name, title, shown[:RANKED], colour)
    table = [(label, [(value, MESSAGES)]) for label, value in shown]
    return Chart(name, title, drawn, Markup(""), (title, "messages"), table, told)


def _hours(found: Figures, filters: Filters) -> Chart:
    links = Links(filters, found.total.stretch)
    of = {
        (day, hour): links.of(found.hours.get((day, hour), 0), weekday=day, hour=hour)
        for day in range(1, 8)
        for hour in range(24)
    }
    title = "Busiest hours"
    table = [(f"{hour:02d}:00", [(of[day, hour], MESSAGES) for day in range(1, 8)]) for hour in range(24)]
    told = "Messages by day of the week and hour of the day, by the hospital's clock. The fuller a square, the more."
    drawn = charts.squares("hours", title, WEEKDAYS, of)
    return Chart("hours", title, drawn, Markup(""), ("Hour", *(day[:3] for day in WEEKDAYS)), table, told)


ROUTES = [page("/figures", show, READ, name="figures")]
