"""How routes reach the process's collaborators and what belongs to the current request."""

from __future__ import annotations

import hmac
import re
import secrets
from ipaddress import ip_network
from typing import cast
from urllib.parse import urlsplit

from flask import current_app, g, request

from lms_tool.runtime import Runtime


def runtime() -> Runtime:
    return cast(Runtime, current_app.extensions["lms_tool"])


def correlation_id() -> str:
    """Names this request in the log, the audit trail and on an error page."""
    if "correlation_id" not in g:
        g.correlation_id = secrets.token_hex(6)
    return cast(str, g.correlation_id)


def source() -> bytes:
    """A keyed hash of the client's address: enough to count, useless to identify.

    Of an IPv6 address only the network counts (/64): one household or attacker has all the rest of it.
    """
    address = request.remote_addr or ""
    if ":" in address:
        try:
            address = str(ip_network((address.split("%")[0], 64), strict=False))
        except ValueError:
            address = ""
    return hmac.digest(runtime().source_secret, address.encode(), "sha256")[:16]


_NETLOC = re.compile(r"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")


def origin(url: str) -> str:
    """``scheme://host:port`` of a URL as browsers write it; empty if it has none that may stand in a header."""
    try:
        parts = urlsplit(url)
        netloc = parts.netloc if parts.netloc.isascii() else parts.netloc.encode("idna").decode()
    except ValueError:  # also UnicodeError
        return ""
    if parts.scheme not in ("http", "https") or not _NETLOC.fullmatch(netloc):
        return ""
    return f"{parts.scheme}://{netloc}"


def may_be_framed_by(*urls: str) -> None:
    """Let these URLs' origins put the response into a frame; without this call only we ourselves may."""
    g.framed_by = tuple(dict.fromkeys(filter(None, map(origin, urls))))


def may_send_forms_to(url: str) -> None:
    """Let forms of the response go to this URL's origin, and nowhere else; without this call only to ourselves."""
    g.form_target = origin(url)
