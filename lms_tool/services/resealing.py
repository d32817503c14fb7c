"""After a change of the master secret: everything kept sealed is sealed anew, so that the old secret can go."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, select, update

from lms_tool.models import AccessToken, Platform, ToolKey
from lms_tool.services.vault import Vault


@dataclass(frozen=True, slots=True)
class Resealed:
    """How many of each there were."""

    keys: int
    shared_secrets: int
    dropped_tokens: int


def reseal(db: Connection, vault: Vault) -> Resealed:
    """Seal signing keys and shared secrets with the present secret; safe to repeat.

    Access tokens are dropped: each is worth one request to its platform.

    Raises:
        SecretChanged: something was sealed with a secret that is not named any more. Nothing is changed then.
    """
    keys = db.execute(select(ToolKey.kid, ToolKey.private_key)).all()
    for kid, sealed in keys:
        # Only the value that was read: another run that was first has done the same.
        same = (ToolKey.kid == kid, ToolKey.private_key == sealed)
        db.execute(update(ToolKey).where(*same).values(private_key=vault.reseal(sealed)))
    shared = db.execute(select(Platform.id, Platform.shared_secret)).all()
    for platform_id, secret in shared:
        if secret is not None:
            old = (Platform.id == platform_id, Platform.shared_secret == secret)
            db.execute(update(Platform).where(*old).values(shared_secret=vault.reseal(secret)))
    tokens = db.scalar(select(func.count()).select_from(AccessToken)) or 0
    db.execute(delete(AccessToken))
    return Resealed(len(keys), sum(secret is not None for _, secret in shared), tokens)
