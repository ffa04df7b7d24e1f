"""Keyed hashes for look-ups and encryption at rest, both derived from the one secret key."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


def derive_key(secret: str, purpose: str) -> bytes:
    """32 bytes for one purpose (HKDF-SHA256, RFC 5869)."""
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=purpose.encode()).derive(secret.encode())


class Vault:
    """``look_up_key`` finds the same value again without storing it; ``encrypt`` and ``decrypt`` keep it."""

    def __init__(self, secret: str, purpose: str) -> None:
        self._hash_key = derive_key(secret, f"{purpose}:look-up")
        self._fernet = Fernet(base64.urlsafe_b64encode(derive_key(secret, f"{purpose}:encrypt")))

    def look_up_key(self, value: str) -> str:
        return hmac.new(self._hash_key, value.encode(), hashlib.sha256).hexdigest()

    def encrypt(self, value: str) -> str:
        return self._fernet.encrypt(value.encode()).decode("ascii")

    def decrypt(self, value: str) -> str:
        return self._fernet.decrypt(value.encode("ascii")).decode()


def make_token() -> str:
    """A bearer token: 256 random bits, URL-safe."""
    return secrets.token_urlsafe(32)


def digest_token(token: str) -> str:
    """What is stored of a token. Unkeyed is enough: the token itself has 256 random bits."""
    return hashlib.sha256(token.encode()).hexdigest()
