"""The allow-list for author text: applied after Markdown and before anything of ours is put around it."""

from __future__ import annotations

import re

import nh3

ATTRIBUTES = {
    "a": {"href", "rel", "target"},
    "img": {"src", "alt"},
    "ol": {"start"},
    "td": {"data-l"},
    "th": {"scope"},
    "div": {"aria-label", "role", "tabindex"},
    **{f"h{level}": {"id"} for level in (2, 3, 4)},
}
CLASSES = {
    "a": {"lt-a", "lt-ext", "lt-term"},
    "span": {"kern-sr-only"},
    "div": {"lt-scroll", "lt-figure__view"},
    "table": {"lt-tbl", "lt-tbl--stack"},
    "td": {"r"},
    "th": {"r"},
    "figure": {"lt-figure"},
}
TAGS = {
    *("p", "br", "hr", "strong", "em", "code", "pre", "blockquote"),
    *("ul", "ol", "li", "dl", "dt", "dd"),
    *("caption", "thead", "tbody", "tr", "img", "figcaption"),
    *ATTRIBUTES,
    *CLASSES,
}
# Internal addresses are written for an unknown launch, "/k/_/…"; the page that shows them puts the launch in.
_ADDRESS = {
    "href": re.compile(r"https://[^/].*|/k/_/(a/|glossary#)[a-z0-9][a-z0-9-]*"),
    "src": re.compile(r"/k/_/media/[0-9a-f]{64}/[A-Za-z0-9][A-Za-z0-9._-]*"),
}


def _keep(_tag: str, name: str, value: str) -> str | None:
    wanted = _ADDRESS.get(name)
    return value if wanted is None or wanted.fullmatch(value) else None


_CLEANER = nh3.Cleaner(
    tags=TAGS,
    attributes=ATTRIBUTES,
    allowed_classes=CLASSES,
    attribute_filter=_keep,
    url_schemes={"https"},
    link_rel=None,  # the dialect sets rel where a link leaves the tool
    strip_comments=True,
)


def clean(html: str) -> str:
    """``html`` without any element, attribute, class or address that the dialect does not produce itself."""
    return _CLEANER.clean(html)
