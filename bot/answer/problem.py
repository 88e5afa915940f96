"""One thing to correct in the answers, by file and key."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """One thing to correct.

    Attributes:
        file: The file, from the project's folder.
        key: The key in it, such as `responses.utter_greet.metadata.owner`.
        what: What is wrong, with what was found.
        do: What to do.
    """

    file: str
    key: str
    what: str
    do: str

    def __str__(self) -> str:
        """The problem as one line."""
        return f"{self.file}: {self.key}: {self.what}; {self.do}"
