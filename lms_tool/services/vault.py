"""Keys derived from the one master secret, and encryption at rest."""

from __future__ import annotations

import base64
import hashlib
import hmac

from cryptography.fernet import Fernet, InvalidToken

from lms_tool.errors import Text, ToolError


class SecretChanged(ToolError):
    code = "secret_changed"
    text = Text(
        "Gespeicherte Schlüssel lassen sich nicht öffnen.",
        "Stored keys cannot be opened.",
    )
    remedy = Text(
        "LMS_TOOL_SECRET_KEY ist nicht mehr die, mit der sie gespeichert wurden. Setzen Sie wieder den alten Wert.",
        "LMS_TOOL_SECRET_KEY is no longer the one they were stored with. Set the old value again.",
    )


def derive(secret: bytes, purpose: str) -> bytes:
    """A 32-byte key for one purpose; keys for different purposes say nothing about each other."""
    return hmac.digest(secret, b"lms-tool:" + purpose.encode(), hashlib.sha256)


class Vault:
    """Encrypts what must not lie readable in the database: private keys and access tokens."""

    def __init__(self, secret: bytes) -> None:
        self._fernet = Fernet(base64.urlsafe_b64encode(derive(secret, "vault")))

    def seal(self, plain: bytes) -> bytes:
        return self._fernet.encrypt(plain)

    def open(self, sealed: bytes) -> bytes:
        """Raises SecretChanged if the secret is not the one that sealed it."""
        try:
            return self._fernet.decrypt(sealed)
        except InvalidToken as error:
            raise SecretChanged() from error
