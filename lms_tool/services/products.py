"""Which LMS a registration belongs to: only for words people read, never for behaviour."""

from __future__ import annotations

import re
from enum import StrEnum
from urllib.parse import urlsplit


class Product(StrEnum):
    """LMSs whose menus we can name."""

    MOODLE = "Moodle"
    ILIAS = "ILIAS"
    OPENOLAT = "OpenOlat"
    OPEN_EDX = "Open edX"
    CANVAS = "Canvas"
    BLACKBOARD = "Blackboard"
    D2L = "D2L Brightspace"
    OTHER = ""


# As registrations name themselves (`product_family_code`, Dynamic Registration 1.0 § 2.1.2), without blanks and case.
_CODES = {
    "moodle": Product.MOODLE,
    "ilias": Product.ILIAS,
    "openolat": Product.OPENOLAT,
    "opal": Product.OPENOLAT,
    "openedx": Product.OPEN_EDX,
    "edx": Product.OPEN_EDX,
    "canvas": Product.CANVAS,
    "blackboardlearn": Product.BLACKBOARD,
    "blackboard": Product.BLACKBOARD,
    "desire2learn": Product.D2L,
    "brightspace": Product.D2L,
    "d2l": Product.D2L,
}
# What the address of the authentication request looks like where a registration was entered by hand.
_PATHS = (
    (re.compile(r"/mod/lti/"), Product.MOODLE),
    (re.compile(r"/ltiauth\.php$"), Product.ILIAS),
    (re.compile(r"/lti/auth$"), Product.OPENOLAT),
    (re.compile(r"/api/lti_consumer/"), Product.OPEN_EDX),
    (re.compile(r"/api/lti/authorize_redirect$"), Product.CANVAS),
    (re.compile(r"/d2l/"), Product.D2L),
)
_HOSTS = (
    ("instructure.com", Product.CANVAS),
    ("canvaslms.com", Product.CANVAS),
    ("blackboard.com", Product.BLACKBOARD),
    ("brightspace.com", Product.D2L),
    ("desire2learn.com", Product.D2L),
)


def product_of(named: str, auth_login_url: str) -> Product:
    """The product: as the registration ``named`` it ("moodle 5.1"), else guessed from its addresses."""
    code = named.split(" ", 1)[0].lower().replace("-", "").replace("_", "")
    if code in _CODES:
        return _CODES[code]
    parts = urlsplit(auth_login_url)
    host = parts.hostname or ""
    for ending, product in _HOSTS:
        if host == ending or host.endswith("." + ending):
            return product
    for pattern, product in _PATHS:
        if pattern.search(parts.path.lower()):
            return product
    return Product.OTHER


def label(named: str, auth_login_url: str) -> str:
    """What to call it in lists: "Moodle 5.1", "Moodle", or what it calls itself; empty if nothing is known."""
    product = product_of(named, auth_login_url)
    if product is Product.OTHER:
        return named
    version = named.split(" ", 1)[1].split(" (", 1)[0].strip() if " " in named else ""
    return f"{product.value} {version}".strip()
