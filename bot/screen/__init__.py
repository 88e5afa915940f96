"""The screen: rules that see danger in a patient's message before anything else looks at it.

`screen(text)` is pure (standard library and yaml, no input or output after import) and works with everything else dead.
How it reasons is told in docs/screen.md; what it knows is data in `rules/` and `words/`.
"""

from bot.screen.judge import screen
from bot.screen.outline import COUNTS, Outline, outline
from bot.screen.verdict import VERDICTS, Verdict

__all__ = ["COUNTS", "VERDICTS", "Outline", "Verdict", "outline", "screen"]
