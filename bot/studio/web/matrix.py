"""The confusion matrix as a picture: what was meant from top to bottom, what was understood across."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

CELL, NAMES = 14, 170


def matrix(counted: Mapping[Any, int]) -> Markup:
    """Draws a confusion matrix.

    Args:
        counted: How often a truth was understood as a label, by both.
    """
    labels = sorted({label for pair in counted for label in pair})
    totals = {truth: sum(count for (one, _), count in counted.items() if one == truth) for truth in labels}
    place = {label: number for number, label in enumerate(labels)}
    side = CELL * len(labels)
    wrong = sum(count for (truth, label), count in counted.items() if truth != label)
    made = Markup(
        '<svg class="matrix" role="img" viewBox="0 0 {} {}" aria-labelledby="matrix-t matrix-d">'
        '<title id="matrix-t">Confusion matrix of the held-back questions</title>'
        '<desc id="matrix-d">{} labels, {} messages, {} not on the diagonal. The table below has the same.</desc>'
    ).format(NAMES + side + CELL, side + 2 * CELL, len(labels), sum(counted.values()), wrong)
    for label, at in place.items():
        y = CELL * (at + 1)
        made += Markup('<text x="{}" y="{}" text-anchor="end">{}</text>').format(NAMES - 4, y - 3, label)
        made += Markup('<line x1="{}" x2="{}" y1="{}" y2="{}"/>').format(NAMES, NAMES + side, y, y)
    for (truth, label), count in counted.items():
        share = count / max(1, totals[truth])
        kind = "right" if truth == label else "astray"
        made += Markup(
            '<rect class="{}" x="{}" y="{}" width="{}" height="{}" fill-opacity="{}"><title>{}</title></rect>'
        ).format(
            kind, NAMES + CELL * place[label], CELL * place[truth], CELL - 1, CELL - 1, f"{max(0.15, share):.2f}",
            f"{truth} understood as {label}: {count}",
        )  # fmt: skip
    return made + Markup("</svg>")
