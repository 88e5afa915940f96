"""Three outcomes: answer, offer readings, or say honestly that it was not understood.

The thresholds are found on training data alone, from scores that each text got by a model which had not seen it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import Enum

import numpy as np
import numpy.typing as npt

from bot.understand.ensemble import ASIDE, Scores

_TRACE = 1e-6


class Outcome(str, Enum):
    """What to do with a message; the values are the fixed contract of `./marrow parse`."""

    ANSWER = "answer"
    CLARIFY = "clarify"
    FALLBACK = "fallback"
    SAFETY = "safety"
    HANDOFF = "handoff"


@dataclass(frozen=True)
class Thresholds:
    """Scores (0 to 1, without unit) from which something is done.

    Attributes:
        answer: From here the first reading is answered.
        clarify: From here the first readings are offered; below, the bot says that it did not understand.
        part: From here one question among several in a message is answered.
        safety: From here (probability of danger, see `bot.understand.danger`) danger is taken as said.
        line: From here (probability of a safety intent, or of being unclear about it) a line on whom to call is added.
    """

    answer: float
    clarify: float
    part: float
    safety: float
    line: float = 1.0

    def to_json(self) -> dict[str, float]:
        """Gives the thresholds by name."""
        return asdict(self)


def _lowest_with(values: npt.NDArray[np.float64], good: npt.NDArray[np.bool_], share: float) -> float:
    """The lowest threshold above which at least `share` of the texts are good; 1.0 where there is none."""
    order = np.argsort(-values)
    running = np.cumsum(good[order]) / np.arange(1, len(order) + 1)
    last_of_equals: npt.NDArray[np.bool_] = np.append(
        np.diff(values[order]) != 0, True
    )  # a threshold lets all texts of one score through
    enough = np.nonzero((running >= share) & last_of_equals)[0]
    # the first rows are few: a threshold resting on fewer than 20 texts would be chance
    enough = enough[enough >= min(20, len(order) - 1)]
    return float(values[order][enough[-1]]) if len(enough) else 1.0


def find_thresholds(
    held_out: Scores,
    labels: Sequence[str],
    *,
    wrong_among_answered: float,
    right_among_offered: float,
    false_alarms: float,
    false_lines: float = 0.0,
    safety_intents: Sequence[str] = (),
    danger: npt.NDArray[np.float64] | None = None,
    seen: npt.NDArray[np.bool_] | None = None,
) -> Thresholds:
    """Finds thresholds on cross-validated scores.

    Args:
        held_out: Scores of each training text by a model that had not seen it.
        labels: Its true intent.
        wrong_among_answered: Largest share of wrong answers among answered texts.
        right_among_offered: Smallest share of right intents among the first three, at the edge where readings are
            offered.
        false_alarms: Largest share of texts of other intents that may be taken as danger.
        false_lines: Largest share of harmless texts that may get the line on whom to call.
        safety_intents: Intents that are danger.
        danger: Probability of danger of each text; None: that of the safety intents.
        seen: Which texts the rules take for danger already, so that the model's word changes nothing; None: none.
    """
    classes = np.asarray(held_out.classes)
    is_intent = np.asarray(labels) != ASIDE
    held_out = Scores(
        held_out.classes, *(values[is_intent] for values in (held_out.probabilities, held_out.nearness, held_out.aside))
    )
    truth = np.asarray(labels)[is_intent]
    scores = held_out.scores
    order = np.argsort(-scores, axis=1)
    top = scores[np.arange(len(truth)), order[:, 0]]
    first_right = classes[order[:, 0]] == truth
    in_three = (classes[order[:, :3]] == truth[:, None]).any(axis=1)
    answer = _lowest_with(top, first_right, 1 - wrong_among_answered)
    part = _lowest_with(top, first_right, 1 - wrong_among_answered / 2)  # a piece of a message is easier misread
    clarify = _edge(top, in_three, right_among_offered)
    likely = held_out.likely(safety_intents)
    harmless = ~np.isin(truth, list(safety_intents))
    decided = harmless if seen is None else harmless & ~seen[is_intent]
    dangerous = np.isin(classes, list(safety_intents)).any()
    safety = _lets_pass((likely if danger is None else danger[is_intent])[decided], false_alarms) if dangerous else 1.0
    # rounding leaves a trace of ASIDE where nothing was learnt of it
    told_unclear = len(truth) and held_out.aside.max() > _TRACE
    line = _lets_pass((likely + held_out.aside)[harmless], false_lines) if told_unclear else 1.0
    return Thresholds(answer, min(clarify, answer), max(answer, part), safety, line)


def _lets_pass(values: npt.NDArray[np.float64], share: float) -> float:
    """The threshold just above the highest value that must not count, so that `share` of the values do; 1.0 of none."""
    ordered = np.sort(values)
    if not len(ordered):
        return 1.0
    return float(np.nextafter(ordered[max(0, len(ordered) - 1 - int(len(ordered) * share))], 2))


def _edge(values: npt.NDArray[np.float64], good: npt.NDArray[np.bool_], share: float, window: int = 100) -> float:
    """The value at which, in a window of neighbours, fewer than `share` are good for the first time going down."""
    order = np.argsort(-values)
    sorted_good = good[order].astype(float)
    if len(order) <= window:
        return float(values.min()) if len(values) else 0.0
    moving = np.convolve(sorted_good, np.ones(window) / window, mode="valid")
    below = np.nonzero(moving < share)[0]
    return float(values[order][below[0] + window // 2]) if len(below) else float(values.min())
