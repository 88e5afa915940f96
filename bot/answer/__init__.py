"""The answers: labels, texts, facts, provenance, hand-off and the fixed safety texts.

Pure code (standard library, PyYAML and `bot.settings`) for Python 3.10 and newer, without Rasa: the door uses it too.
Only `bot.answer.nlg` imports Rasa and is imported by nobody but Rasa itself.
"""

from bot.answer.safety import safety_text

__all__ = ["safety_text"]
