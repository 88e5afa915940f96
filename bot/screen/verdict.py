"""What the screen says about one message."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

VERDICTS = ("none", "check", "emergency", "self_harm", "personal_advice")
"""Every verdict, as outside tools read it."""


@dataclass(frozen=True)
class Verdict:
    """What the rules see in one message.

    Attributes:
        verdict: `none`, `check` (unclear: answer, plus one line on whom to call), `emergency`, `self_harm` or
            `personal_advice` (a decision, dose, diagnosis or prognosis for one person).
        rule: The id of the rule that decided, or None.
        span: Start and end (exclusive) of the words that decided, in characters of the given text, or None.
        danger: The rule's class, such as `fever` or `bleeding`, or None.
        explained: With `none`: words of danger were seen, and all of them are denied, over, imagined or asked about.
        doubted: With `check`: the red verdict of the rules that the second reading (`bot.screen.doubt`) doubts.
    """

    verdict: str = "none"
    rule: str | None = None
    span: tuple[int, int] | None = None
    danger: str | None = None
    explained: bool = False
    doubted: str | None = None

    def doubtful(self) -> Verdict:
        """The verdict once the second reading doubts it: unclear."""
        return replace(self, verdict="check", doubted=self.verdict)

    @property
    def without_brain(self) -> str:
        """The verdict for a message that no brain will read: what is doubted stays red."""
        return self.doubted or self.verdict

    @property
    def is_red(self) -> bool:
        """True for danger that gets the fixed safety text at once and alone."""
        return self.verdict in ("emergency", "self_harm")

    def to_json(self) -> dict[str, Any]:
        """Gives verdict, rule and span as JSON-ready values, and what is doubted where something is."""
        said = {"verdict": self.verdict, "rule": self.rule, "span": list(self.span) if self.span else None}
        return said | ({"doubted": self.doubted} if self.doubted else {})
