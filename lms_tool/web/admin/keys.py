"""Our signing keys in the administration: which there are, and a new one at the press of a button."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, redirect
from werkzeug.wrappers import Response

from lms_tool.services import audit, tool_keys
from lms_tool.services.tool_keys import KeyInfo
from lms_tool.web import security
from lms_tool.web.admin.session import admin_frame, current_admin, show_admin
from lms_tool.web.context import correlation_id, runtime
from lms_tool.web.pages import AdminKeysPage, KeyRow, KeyState

blueprint = Blueprint("admin_keys", __name__, url_prefix="/admin/keys")


@blueprint.get("")
def overview() -> Response:
    admin = current_admin()
    tool = runtime()
    with tool.database.read() as db:
        known = tool_keys.listing(db, tool.clock())
    days = tool.settings.key_rotation_days
    newest = known[-1] if known else None
    return show_admin(
        AdminKeysPage(
            frame=admin_frame(admin, "keys"),
            keys=tuple(_row(key) for key in reversed(known) if key.published),
            following=newest.kid if newest and newest.signs else "",
            keyset_url=f"{tool.settings.base_url}/lti/jwks",
            days=days,
            next_at=newest.created_at + timedelta(days=days) if newest and days else None,
        )
    )


@blueprint.post("")
def publish() -> Response:
    """A new key, unless one waits already: pressing twice, or two administrators at once, make one."""
    admin = current_admin()
    tool = runtime()
    now = tool.clock()
    following = security.single("following") or ""
    with tool.database.write() as db:
        known = tool_keys.listing(db, now)
        if known and known[-1].signs and known[-1].kid == following:
            kid = tool_keys.rotate(db, tool.vault, now, following=following)
            if kid is not None:
                # Whose hand it was is the tenant's affair, that there is a new key everybody's: hence no tenant.
                audit.note(
                    db, now, "keys", "key_rotated", None, correlation_id(), {"kid": kid}, actor=admin.actor
                )
    return redirect("/admin/keys", code=303)


def _row(key: KeyInfo) -> KeyRow:
    if key.signs:
        return KeyRow(kid=key.kid, state=KeyState.SIGNS, created_at=key.created_at)
    if key.published_until is None:
        return KeyRow(kid=key.kid, state=KeyState.WAITS, created_at=key.created_at, at=key.signs_from)
    return KeyRow(kid=key.kid, state=KeyState.RETIRED, created_at=key.created_at, at=key.published_until)
