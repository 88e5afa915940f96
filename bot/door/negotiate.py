"""Chooses the form of an answer from the client's `Accept` header."""

from __future__ import annotations

from bot.door.problems import Problem


def preferred(accept: str, offered: tuple[str, ...]) -> str:
    """Gives the media type that the client likes best; the first offered when it does not mind.

    Args:
        accept: The header, such as `application/json, text/event-stream;q=0.5`.
        offered: Media types, the default first.

    Raises:
        Problem: 406, none of them fits.
    """
    weights: dict[str, float] = {}
    for part in (accept or "*/*").split(","):
        name, *parameters = (piece.strip() for piece in part.split(";"))
        weights[name.lower()] = _weight(parameters)

    def liked(media_type: str) -> float:
        for name in (media_type, media_type.split("/")[0] + "/*", "*/*"):
            if name in weights:
                return weights[name]
        return 0.0

    best = max(offered, key=liked)
    if liked(best) <= 0:
        raise Problem(406, "not-acceptable", f"Accept one of: {', '.join(offered)}.")
    return best


def _weight(parameters: list[str]) -> float:
    for parameter in parameters:
        if parameter.lower().startswith("q="):
            try:
                return float(parameter[2:])
            except ValueError:
                return 0.0
    return 1.0
