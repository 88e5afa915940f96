"""Forged and swapped conversations and tokens, endless and the same in each run."""

from __future__ import annotations

import base64
import json
import random
import string
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bot.door.signing import Session, Signer

LETTERS = string.ascii_letters + string.digits + "-_"


@dataclass(frozen=True)
class Known:
    """What an attacker may have: a conversation of his own, the id of another's, and tokens that are over."""

    own: str
    own_token: str
    other: str
    other_token: str
    now_ms: int
    key: str


def _b64(data: object) -> str:
    text = data if isinstance(data, bytes) else json.dumps(data, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(text).decode().rstrip("=")


def _flip(token: str, chance: random.Random) -> str:
    """One bit of one letter."""
    at = chance.randrange(len(token))
    changed = chr(ord(token[at]) ^ (1 << chance.randrange(7)))
    return token[:at] + changed + token[at + 1 :]


def _letter(token: str, chance: random.Random) -> str:
    at = chance.randrange(len(token))
    return token[:at] + chance.choice([one for one in LETTERS if one != token[at]]) + token[at + 1 :]


def _cut(token: str, chance: random.Random) -> str:
    return token[: chance.randrange(1, len(token))]


def _inserted(token: str, chance: random.Random) -> str:
    at = chance.randrange(len(token))
    return token[:at] + chance.choice(["!", "=", ".", "A", "%20", "\x0b", "é", "\u200b", "/", "+"]) + token[at:]


def _spelt_otherwise(token: str, chance: random.Random) -> str:
    """The same bytes in another spelling of base64: the last letter has bits that count for nothing."""
    order = string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_"
    at = order.index(token[-1])
    return token[:-1] + order[at ^ chance.choice([1, 2, 3])]


def _pieces(known: Known, chance: random.Random) -> str:
    """The body of one token with the signature of another."""
    return known.other_token.rpartition(".")[0] + "." + known.own_token.rpartition(".")[2]


def _jwt(known: Known, chance: random.Random) -> str:
    """As if it were a JSON web token that says how it is signed."""
    head = {"alg": chance.choice(["none", "None", "HS256", "RS256", "HS512"]), "typ": "JWT", "kid": "../../dev/null"}
    signature = chance.choice(["", _b64(b"x" * 32), known.own_token.rpartition(".")[2]])
    return f"{_b64(head)}.{_b64([known.other, known.now_ms + 10**9])}.{signature}"


def _unsigned(known: Known, chance: random.Random) -> str:
    body = [known.other, chance.choice([known.now_ms + 10**9, "Infinity", 1e308, None, -1])]
    return f"{_b64(body)}{chance.choice(['', '.', '..', '.' + _b64(bytes(32)), '.AAAA'])}"


def _other_key(known: Known, chance: random.Random) -> str:
    key = "".join(chance.choices(LETTERS, k=40))
    return Signer(key).token(Session(known.other, known.now_ms + 10**9))


def _other_purpose(known: Known, chance: random.Random) -> str:
    """Signed by the right key, but as a button's choice."""
    return Signer(known.key).choice(known.other, chance.randrange(9), chance.randrange(4))


def _expired(known: Known, chance: random.Random) -> str:
    return Signer(known.key).token(Session(known.other, known.now_ms - chance.randrange(1, 10**9)))


def _long(known: Known, chance: random.Random) -> str:
    return known.own_token + "A" * chance.choice([100, 1000, 8000])


def _odd(known: Known, chance: random.Random) -> str:
    return chance.choice(
        [
            *(
                "null",
                "undefined",
                "[]",
                "{}",
                "true",
                "*",
                "' OR '1'='1",
                "%00",
                "..",
                ".",
                "0",
                "é" * 40,
                "ａｂｃ",
                "\x7f",
            ),
            *("\\u0000", "{{7*7}}", "${jndi:ldap://x}", "../../etc/passwd", known.other, known.own),
        ]
    )


_TOKENS: dict[str, Callable[[Known, random.Random], str]] = {
    "the attacker's own": lambda known, chance: known.own_token,
    "bit flipped": lambda known, chance: _flip(known.other_token, chance),
    "letter changed": lambda known, chance: _letter(known.other_token, chance),
    "cut": lambda known, chance: _cut(known.other_token, chance),
    "something put in": lambda known, chance: _inserted(known.other_token, chance),
    "another spelling of the same bytes": lambda known, chance: _spelt_otherwise(known.other_token, chance),
    "upper and lower case": lambda known, chance: known.other_token.swapcase(),
    "two tokens' pieces": _pieces,
    "as a JSON web token": _jwt,
    "not signed": _unsigned,
    "another key": _other_key,
    "another purpose": _other_purpose,
    "expired": _expired,
    "very long": _long,
    "odd": _odd,
}


def attempts(known: Known, count: int, seed: int = 4) -> Iterator[tuple[str, str, str]]:
    """So many of them: kind, conversation, token. None of them may open anything but the attacker's own conversation."""
    chance = random.Random(seed)
    kinds = list(_TOKENS.items())
    for number in range(count):
        kind, make = kinds[number // 3 % len(kinds)]
        token = make(known, chance)
        conversation = known.other
        if number % 3 == 2:  # the other way round: a real token, and an id that is nearly or not at all known
            swapped = {
                0: known.other[:-1] + chance.choice(LETTERS),
                1: known.own + chance.choice(["%00", "%20", ".", "%2e%2e", "A", "%ef%bc%8f"]),
                2: "".join(chance.choices(LETTERS, k=24)),
                3: chance.choice(["%2e%2e%2f" + known.other, known.other + "%2f", known.other.swapcase(), "null", "0"]),
                4: "x" * chance.choice([1, 65, 4000]),
            }[chance.randrange(5)]
            kind, conversation, token = f"id, {kind}", swapped, known.own_token if chance.random() < 0.5 else token
        if (conversation, token) == (known.other, known.other_token):
            continue
        yield kind, conversation, token
