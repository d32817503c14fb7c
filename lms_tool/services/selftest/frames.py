"""Whether an LMS's own security rules let us into a frame of its pages (CSP Level 3 § 6.1.8, § 6.7.2.8)."""

from __future__ import annotations

from urllib.parse import urlsplit

_FALLBACKS = ("frame-src", "child-src", "default-src")


def allows_frame(policies: str | None, ours: str, page: str) -> bool:
    """Whether a page with these ``Content-Security-Policy`` values (joined by commas) may frame the origin ``ours``.

    ``page`` is the origin of the page itself. Every policy has to allow it; one that names no frames allows all.
    """
    return all(_one_allows(policy, ours, page) for policy in (policies or "").split(","))


def _one_allows(policy: str, ours: str, page: str) -> bool:
    directives: dict[str, list[str]] = {}
    for directive in policy.split(";"):
        name, *sources = directive.split()[:100] or [""]
        directives.setdefault(name.lower(), sources)  # of two with the same name, the first counts
    for name in _FALLBACKS:
        if name in directives:
            return any(_matches(source.lower(), ours, page) for source in directives[name])
    return True


def _matches(source: str, ours: str, page: str) -> bool:
    target = urlsplit(ours)
    if source == "*":
        return target.scheme in ("http", "https")
    if source == "'self'":
        return ours == page
    if source.endswith(":") and "/" not in source:
        return source == f"{target.scheme}:" or (source == "http:" and target.scheme == "https")
    try:
        parts = urlsplit(source if "://" in source else f"{urlsplit(page).scheme}://{source}")
        port = target.port if parts.netloc.endswith(":*") else parts.port
    except ValueError:  # rubbish
        return False
    if parts.scheme not in (target.scheme, "http"):
        return False
    host, wanted = parts.hostname or "", target.hostname or ""
    if host.startswith("*."):
        return wanted.endswith(host[1:])
    return host == wanted and port == target.port
