"""Keys derived from the one master secret, and encryption at rest."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from lms_tool.errors import Text, ToolError


class SecretChanged(ToolError):
    code = "secret_changed"
    text = Text(
        "Gespeicherte Schlüssel lassen sich nicht öffnen.",
        "Stored keys cannot be opened.",
    )
    remedy = Text(
        "LMS_TOOL_SECRET_KEY ist nicht mehr die, mit der sie gespeichert wurden. Setzen Sie wieder den alten Wert, "
        "oder nennen Sie ihn in LMS_TOOL_PREVIOUS_SECRET_KEYS.",
        "LMS_TOOL_SECRET_KEY is no longer the one they were stored with. Set the old value again, or name it in "
        "LMS_TOOL_PREVIOUS_SECRET_KEYS.",
    )


def derive(secret: bytes, purpose: str) -> bytes:
    """A 32-byte key for one purpose; keys for different purposes say nothing about each other."""
    return hmac.digest(secret, b"lms-tool:" + purpose.encode(), hashlib.sha256)


class Vault:
    """Encrypts what must not lie readable in the database: private keys, shared secrets and access tokens.

    ``previous`` secrets open what they sealed once; everything is sealed with ``secret``.
    """

    def __init__(self, secret: bytes, previous: Sequence[bytes] = ()) -> None:
        self._fernet = MultiFernet([_fernet(one) for one in (secret, *previous)])

    def seal(self, plain: bytes) -> bytes:
        return self._fernet.encrypt(plain)

    def open(self, sealed: bytes) -> bytes:
        """Raises SecretChanged if none of the secrets is the one that sealed it."""
        try:
            return self._fernet.decrypt(sealed)
        except InvalidToken as error:
            raise SecretChanged() from error

    def reseal(self, sealed: bytes) -> bytes:
        """The same content under the present secret. Raises SecretChanged."""
        try:
            return self._fernet.rotate(sealed)
        except InvalidToken as error:
            raise SecretChanged() from error


def _fernet(secret: bytes) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(derive(secret, "vault")))
