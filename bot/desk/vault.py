"""Secrets of the desk: passwords, second steps, recovery codes, and the token that each form carries."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
import unicodedata

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

LEAST_CHARACTERS, MOST_CHARACTERS = 12, 256
"""How long a password may be. Nothing else is asked of its characters."""

STEP_S = 30
RECOVERY_CODES = 10
_RUNS = re.compile(r"^(.{1,4})\1+.{0,3}$")
_USUAL = (
    "password", "passwort", "qwerty", "azerty", "qwertz", "asdfgh", "zxcvbn", "letmein", "welcome", "iloveyou", "admin",
    "changeme", "secret", "hospital", "marrow", "123456", "abcdef", "abc123", "654321", "monkey", "dragon", "sunshine",
    "football", "princess", "trustno1", "superman", "master", "login",
)  # fmt: skip


class Vault:
    """Makes and checks the desk's secrets.

    Args:
        secret_key: The setting; what is derived from it opens nothing else.
        hasher: Argon2id, by default with the parameters that its library recommends.
    """

    def __init__(self, secret_key: str, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._csrf_key = self._derived(secret_key, b"marrow.desk.csrf")
        self._code_key = self._derived(secret_key, b"marrow.desk.recovery")
        self._box = Fernet(base64.urlsafe_b64encode(self._derived(secret_key, b"marrow.desk.second")))
        # Looked at when there is no account, so that an unknown address takes as long as a known one.
        self._nobody = self._hasher.hash(secrets.token_urlsafe())

    @staticmethod
    def _derived(secret_key: str, purpose: bytes) -> bytes:
        return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(secret_key.encode())

    def hash(self, password: str) -> str:
        """Hashes a password with Argon2id."""
        return self._hasher.hash(_same(password))

    def is_password(self, password: str, password_hash: str | None) -> bool:
        """Whether it is the password; without a hash it takes as long and is False."""
        try:
            return self._hasher.verify(password_hash or self._nobody, _same(password)) and password_hash is not None
        except (VerificationError, InvalidHashError):
            return False

    def is_outdated(self, password_hash: str) -> bool:
        """Whether the hash was made with weaker parameters than today's."""
        return self._hasher.check_needs_rehash(password_hash)

    def csrf(self, token: str) -> str:
        """What a form must carry for the session of a cookie."""
        return hmac.new(self._csrf_key, token.encode(), hashlib.sha256).hexdigest()

    def is_csrf(self, given: str, token: str) -> bool:
        """Whether a form of this session sent it."""
        return bool(token) and hmac.compare_digest(given.encode(), self.csrf(token).encode())

    def seal(self, secret: str) -> bytes:
        """Encrypts a second step's secret."""
        return self._box.encrypt(secret.encode())

    def opened(self, sealed: bytes) -> str | None:
        """Decrypts it; None when it was sealed under another secret key, and must be set up anew."""
        try:
            return self._box.decrypt(sealed).decode()
        except InvalidToken:
            return None

    def recovery_codes(self) -> list[str]:
        """New recovery codes, to be shown once."""
        codes = [base64.b32encode(secrets.token_bytes(10)).decode().lower() for _ in range(RECOVERY_CODES)]
        return [f"{code[:4]}-{code[4:8]}-{code[8:12]}-{code[12:]}" for code in codes]

    def code_hash(self, code: str) -> str:
        """The hash under which a recovery code is kept; spaces, dashes and capitals do not matter."""
        plain = re.sub(r"[^a-z2-7]", "", code.lower())
        return hmac.new(self._code_key, plain.encode(), hashlib.sha256).hexdigest()


def _same(password: str) -> str:
    # What looks the same on two keyboards is the same password.
    return unicodedata.normalize("NFKC", password)


def new_token() -> str:
    """A random secret for a cookie or a link, 256 bits."""
    return secrets.token_urlsafe(32)


def new_second() -> str:
    """A new TOTP secret, 160 bits in base 32."""
    return pyotp.random_base32()


def step_of(secret: str, code: str, now_ms: int) -> int | None:
    """The time step that a six-digit code belongs to: this one, the one before or after; None when it is wrong."""
    digits = re.sub(r"\s", "", code)
    if not re.fullmatch(r"[0-9]{6}", digits):
        return None
    totp, now = pyotp.TOTP(secret), now_ms // 1000 // STEP_S
    for step in (now, now - 1, now + 1):
        if hmac.compare_digest(totp.generate_otp(step), digits):
            return step
    return None


def weakness(password: str, *known: str) -> str:
    """Why a password cannot be used, in words for its owner; empty when it can.

    Args:
        password: As typed.
        known: Words that others know, such as the owner's name and address.
    """
    plain = _same(password)
    if len(plain) < LEAST_CHARACTERS:
        return f"Use at least {LEAST_CHARACTERS} characters. Several words in a row are easy to remember."
    if len(plain) > MOST_CHARACTERS:
        return f"Use {MOST_CHARACTERS} characters at most."
    rest = plain.lower()
    if _RUNS.match(rest) or len(set(rest)) < 5:
        return "This repeats itself, so it is easy to guess. Use other words."
    for word in (*_USUAL, *(part for name in known for part in re.split(r"[\s@.]+", name.lower()) if len(part) > 3)):
        rest = rest.replace(word, "")
    if len(re.sub(r"[\W\d_]*$|^[\W\d_]*", "", rest)) + len(set(re.findall(r"\d", rest))) < 6:
        return "Most of this is a name or one of the most used passwords. Use other words."
    return ""
