"""Session tokens and button choices: signed here, opened here, opaque to everybody else."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass

from itsdangerous import BadData, URLSafeSerializer

from bot.errors import SettingsError

_LEAST_KEY = 32


@dataclass(frozen=True)
class Session:
    """What a token says: the conversation it opens, and until when (ms since 1970-01-01 UTC)."""

    conversation: str
    expires_at_ms: int


class Signer:
    """Signs with HMAC-SHA-256 and the secret key.

    Args:
        secret_key: At least 32 characters.

    Raises:
        SettingsError: The key is missing or short.
    """

    def __init__(self, secret_key: str) -> None:
        if len(secret_key) < _LEAST_KEY:
            raise SettingsError(
                f"MARROW_SECRET_KEY: needs at least {_LEAST_KEY} characters, got {len(secret_key)}; "
                "`./marrow run` makes one, or use: python3 -c 'import secrets; print(secrets.token_urlsafe(32))'"
            )
        self._key = secret_key
        self._sessions = self._serializer("marrow.session")

    def _serializer(self, salt: str) -> URLSafeSerializer:
        options = {"digest_method": hashlib.sha256, "key_derivation": "hmac"}
        return URLSafeSerializer(self._key, salt=salt, signer_kwargs=options)

    def token(self, session: Session) -> str:
        """Makes the token that opens a conversation until its end time."""
        return str(self._sessions.dumps([session.conversation, session.expires_at_ms]))

    def session(self, token: str, *, now_ms: int) -> Session | None:
        """Reads a token; None when it is forged, cut or over."""
        try:
            conversation, expires_at_ms = self._sessions.loads(token)
            session = Session(str(conversation), int(expires_at_ms))
        except (BadData, TypeError, ValueError):
            return None
        # base64 has several spellings of the same bytes, and takes what is none of its letters; only ours counts.
        ours = hmac.compare_digest(self.token(session).encode(), token.encode())
        return session if ours and now_ms < session.expires_at_ms else None

    def choice(self, conversation: str, seq: int, index: int) -> str:
        """Names one button of one line, for this conversation only. The same button always gets the same name."""
        return str(self._serializer(f"marrow.choice:{conversation}").dumps([seq, index]))

    def chosen(self, conversation: str, choice: str) -> tuple[int, int] | None:
        """Reads a choice as (seq, index); None when it is forged or another conversation's."""
        try:
            seq, index = self._serializer(f"marrow.choice:{conversation}").loads(choice)
            named = int(seq), int(index)
        except (BadData, TypeError, ValueError):
            return None
        return named if hmac.compare_digest(self.choice(conversation, *named).encode(), choice.encode()) else None
