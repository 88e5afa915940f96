"""Charts as SVG, made here: no script draws them, and every one has its table beside it.

Colours are classes (`c0`, `c1`, ...) of desk-figures.css, chosen to be told apart without red and green, in light and
dark. A chart is a group with a title and a description; its bars are links for the mouse, and the same links stand in
the table for the keyboard.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

WIDTH, HEIGHT = 360, 180
LEFT, RIGHT, TOP, BOTTOM = 34, 4, 8, 22
TICKS = 6
"""So many days or weeks are named under a chart."""

ROW = 20
NAMES = 150
"""Width of the names beside lying bars."""


@dataclass(frozen=True)
class Value:
    """One figure and the search behind it."""

    number: int
    link: str


@dataclass(frozen=True)
class Series:
    """Figures of one kind, one for each place on the axis.

    Attributes:
        name: What they count.
        colour: Number of its colour class.
        values: The figures.
        unit: `messages` or `conversations`: what the search behind each counts.
    """

    name: str
    colour: int
    values: tuple[Value, ...]
    unit: str = "messages"


def nice(most: int) -> int:
    """The end of the axis: 1, 2 or 5 times a power of ten, four equal steps of whole numbers where it can be."""
    if most <= 4:
        return 4
    power = 10 ** math.floor(math.log10(most))
    return next(int(step * power) for step in (1, 2, 4, 8, 10) if step * power >= most)


def short(number: int) -> str:
    """A number for an axis: 800, 1.2k."""
    return f"{number / 1000:g}k" if number >= 1000 else str(number)


def _head(name: str, title: str, told: str, height: int) -> Markup:
    return Markup(
        '<svg class="chart" role="group" viewBox="0 0 {width} {height}" aria-labelledby="{name}-t {name}-d">'
        '<title id="{name}-t">{title}</title><desc id="{name}-d">{told}</desc>'
    ).format(width=WIDTH, height=height, name=name, title=title, told=told)


def _link(value: Value, hint: str, drawn: Markup) -> Markup:
    wrapped = '<a href="{link}" tabindex="-1" aria-hidden="true"><title>{hint}</title>{drawn}</a>'
    return Markup(wrapped).format(link=value.link, hint=hint, drawn=drawn)


def _rectangle(x: float, y: float, width: float, height: float, kind: str) -> Markup:
    return Markup('<rect class="{}" x="{}" y="{}" width="{}" height="{}"/>').format(
        kind, f"{x:.1f}", f"{y:.1f}", f"{max(width, 0.5):.1f}", f"{height:.1f}"
    )


def columns(name: str, title: str, places: Sequence[str], series: Sequence[Series]) -> Markup:
    """Standing bars, one over another, one pile for each place.

    Args:
        name: Of the chart, for its ids.
        title: What it shows.
        places: What stands under the piles.
        series: What they are made of, the lowest first.
    """
    piles = [sum(one.values[place].number for one in series) for place in range(len(places))]
    top = nice(max(piles, default=0))
    high, step = HEIGHT - TOP - BOTTOM, (WIDTH - LEFT - RIGHT) / max(1, len(places))
    peak = max(range(len(places)), key=piles.__getitem__, default=0)
    told = f"{sum(piles):,} in all; most, {piles[peak]:,}, at {places[peak]}." if sum(piles) else "Nothing yet."
    made = _head(name, title, told, HEIGHT)
    for quarter in range(5):
        y = TOP + high - high * quarter / 4
        made += Markup('<line class="grid" x1="{}" x2="{}" y1="{}" y2="{}"/>').format(
            LEFT, WIDTH - RIGHT, f"{y:.1f}", f"{y:.1f}"
        )
        made += Markup('<text class="axis end" x="{}" y="{}">{}</text>').format(
            LEFT - 5, f"{y + 3.5:.1f}", short(top * quarter // 4)
        )
    gap = min(4.0, step * 0.22)
    for place, where in enumerate(places):
        y = TOP + high
        for one in series:
            value = one.values[place]
            if value.number:
                tall = high * value.number / top
                y -= tall
                bar = _rectangle(LEFT + place * step + gap / 2, y, step - gap, tall, f"c{one.colour}")
                made += _link(value, f"{where}: {one.name} {value.number:,}", bar)
    every = max(1, math.ceil(len(places) / TICKS))
    for place in range(0, len(places), every):
        x = LEFT + (place + 0.5) * step
        made += Markup('<text class="axis" x="{}" y="{}">{}</text>').format(
            f"{min(max(x, LEFT + 12), WIDTH - 16):.1f}", HEIGHT - 6, places[place]
        )
    return made + Markup("</svg>")


def lying(name: str, title: str, rows: Sequence[tuple[str, Value]], colour: int) -> Markup:
    """Lying bars with their names, the longest first."""
    most = max((value.number for _, value in rows), default=0)
    told = f"Most: {rows[0][0]}, {most:,}." if rows else "Nothing yet."
    made = _head(name, title, told, max(1, len(rows)) * ROW + 4)
    wide = WIDTH - NAMES - 46
    for place, (label, value) in enumerate(rows):
        y = place * ROW + 2
        named = label if len(label) <= 24 else f"{label[:23]}…"
        made += Markup('<text class="axis end" x="{}" y="{}">{}</text>').format(NAMES - 6, y + 13, named)
        length = wide * value.number / most if most else 0
        made += _link(value, f"{label}: {value.number:,}", _rectangle(NAMES, y + 2, length, ROW - 6, f"c{colour}"))
        made += Markup('<text class="axis start" x="{}" y="{}">{}</text>').format(
            f"{NAMES + length + 5:.1f}", y + 13, f"{value.number:,}"
        )
    return made + Markup("</svg>")


def squares(name: str, title: str, days: Sequence[str], of: dict[tuple[int, int], Value]) -> Markup:
    """A square for each hour of the week; the fuller, the more.

    Args:
        name: Of the chart, for its ids.
        title: What it shows.
        days: Names of the days, Monday first.
        of: Figures by day (1 = Monday) and hour.
    """
    most = max((value.number for value in of.values()), default=0)
    side = (WIDTH - LEFT - RIGHT) / 24
    tall = 18
    peak = max(of, key=lambda at: of[at].number, default=None)
    told = f"Busiest: {days[peak[0] - 1]} from {peak[1]}:00, {most:,} messages." if peak and most else "Nothing yet."
    made = _head(name, title, told, 7 * tall + 24)
    for day in range(1, 8):
        y = (day - 1) * tall
        made += Markup('<text class="axis end" x="{}" y="{}">{}</text>').format(LEFT - 5, y + 13, days[day - 1][:2])
        for hour in range(24):
            value = of[day, hour]
            step = math.ceil(value.number / most * 5) if most else 0
            drawn = _rectangle(LEFT + hour * side, y + 1, side - 1.5, tall - 2, f"heat h{step}")
            hint = f"{days[day - 1]} {hour}:00: {value.number:,}"
            made += _link(value, hint, drawn) if value.number else drawn
    for hour in range(0, 24, 3):
        made += Markup('<text class="axis" x="{}" y="{}">{}</text>').format(
            f"{LEFT + (hour + 0.5) * side:.1f}", 7 * tall + 14, f"{hour:02d}"
        )
    return made + Markup("</svg>")


def key(series: Sequence[Series]) -> Markup:
    """What the colours mean, with the sums."""
    made = Markup('<ul class="key">')
    for one in series:
        total = sum(value.number for value in one.values)
        made += (
            Markup(
                '<li><svg viewBox="0 0 10 10" aria-hidden="true"><rect class="c{}" width="10" height="10"/></svg>{} '
            ).format(one.colour, one.name)
            + escape(f"{total:,}")
            + Markup("</li>")
        )
    return made + Markup("</ul>")
