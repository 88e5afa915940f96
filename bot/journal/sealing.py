"""Encrypts what patients leave for a call back, apart from all else: Fernet, with one key or several."""

from __future__ import annotations

import json

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from bot.errors import SettingsError, StoreError


class Box:
    """Seals and opens. The first key seals; all of them open, so that keys can be changed.

    Args:
        keys: Fernet keys, the newest first, separated by commas.

    Raises:
        SettingsError: There is none, or one is no Fernet key.
    """

    def __init__(self, keys: str) -> None:
        given = [key.strip() for key in keys.split(",") if key.strip()]
        if not given:
            raise SettingsError(
                "MARROW_CONTACT_KEY: empty; `./marrow run` makes one, or give every door the same Fernet key"
            )
        try:
            self._fernet = MultiFernet([Fernet(key) for key in given])
        except ValueError as error:
            raise SettingsError(
                "MARROW_CONTACT_KEY: no Fernet key (32 bytes in URL-safe base64); make one with "
                "`python -c 'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())'`"
            ) from error

    def seal(self, members: dict[str, str | None]) -> str:
        """Encrypts the members, by the newest key."""
        return self._fernet.encrypt(json.dumps(members, ensure_ascii=False).encode()).decode()

    def open(self, sealed: str) -> dict[str, str | None]:
        """Decrypts what `seal` gave.

        Raises:
            StoreError: No key opens it, or it was tampered with.
        """
        try:
            opened: dict[str, str | None] = json.loads(self._fernet.decrypt(sealed.encode()))
        except InvalidToken:
            raise StoreError(
                "bot.journal: what was left for a call back cannot be decrypted; add the key that encrypted it to "
                "MARROW_CONTACT_KEY"
            ) from None
        return opened

    def renew(self, sealed: str) -> str:
        """Encrypts anew by the newest key.

        Raises:
            StoreError: No key opens it.
        """
        return self.seal(self.open(sealed))
