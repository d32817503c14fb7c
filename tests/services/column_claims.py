"""What launches say about columns, and what was asked and made at the platform."""

from __future__ import annotations

import json
from typing import Any

from builders import SCOPES
from office import Office
from outgoing import Said, answer
from sqlalchemy import select

from lms_tool.lti.claims import SCOPE_LINEITEM, AgsClaim
from lms_tool.models import LineItem

CONTAINER = "/services/2/lineitems"
ALL = SCOPES | {SCOPE_LINEITEM}


def unnamed(office: Office, scopes: frozenset[str] = ALL) -> dict[str, Any]:
    """What a launch says about columns where it names none."""
    base = office.room.at.issuer
    return {"ags": AgsClaim(scopes, f"{base}{CONTAINER}?type_id=1", None), "activity_id": "l1"}


def named(office: Office, path: str = "/named") -> AgsClaim:
    base = office.room.at.issuer
    return AgsClaim(ALL, f"{base}{CONTAINER}?type_id=1", f"{base}{path}")


def column(office: Office, number: int, link: str = "", resource: str = "", tag: str = "") -> dict[str, Any]:
    url = f"{office.room.at.issuer}{CONTAINER}/{number}/lineitem?type_id=1"
    return {"id": url, "resourceLinkId": link, "resourceId": resource, "tag": tag}


def made(office: Office) -> list[Any]:
    return [sent for sent in office.wire.to("/lineitems") if sent.method == "POST"]


def sent_to(office: Office) -> list[str]:
    return [sent.path.removeprefix(CONTAINER) for sent in office.wire.to("/scores")]


def row(office: Office) -> Any:
    with office.room.database.read() as db:
        return db.execute(select(LineItem)).one()


def page(items: list[dict[str, Any]], link: str = "") -> Said:
    return answer(200, json.dumps(items).encode(), **({"link": link} if link else {}))
