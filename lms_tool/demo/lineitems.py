"""Assignment and Grade Services, line items: the columns of the gradebook that belong to the tool."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

from lms_tool.demo import gradebook
from lms_tool.demo.config import SCOPE_LINEITEM, SCOPE_LINEITEM_READ, LmsConfig
from lms_tool.demo.services import Answer, Call, Refused, Resource, number, page_links, read_json

LINEITEM = "application/vnd.ims.lis.v2.lineitem+json"
LINEITEMS = "application/vnd.ims.lis.v2.lineitemcontainer+json"
SITE_COURSE = 1


def lineitems_url(config: LmsConfig, *, typed: bool = True) -> str:
    query = f"?type_id={config.deployment_id}" if typed else ""
    return f"{config.services_url}/{config.course.id}/lineitems{query}"


def item_url(config: LmsConfig, item_id: int, *, typed: bool = True) -> str:
    query = f"?type_id={config.deployment_id}" if typed else ""
    return f"{lineitems_url(config, typed=False)}/{item_id}/lineitem{query}"


def check_course(call: Call) -> int:
    """Raises:
    Refused: 404, there is no such course.
    """
    course = call.id("course")
    if course not in (SITE_COURSE, call.platform.config.course.id):
        raise Refused(404, f"Not Found: Course {course} doesn't exist")
    return course


def column_of(call: Call, db: sqlite3.Connection) -> sqlite3.Row:
    """The column that the URL names.

    Raises:
        Refused: 404, the course or the column does not exist.
    """
    course = check_course(call)
    column = gradebook.item(db, call.id("item")) if course != SITE_COURSE else None
    if column is None:
        raise Refused(404, f"Not Found: Grade item {call.id('item')} doesn't exist")
    return column


def list_items(call: Call) -> Answer:
    if call.kind not in ("", LINEITEMS):
        raise Refused(400, "No context or unsupported content type")
    course = check_course(call)
    config = call.platform.config
    with call.platform.store.reading() as db:
        rows = (
            db.execute("SELECT * FROM grade_item ORDER BY id").fetchall()
            if course == config.course.id
            else []
        )
    filters = {"resource_id": "resource_id", "tag": "tag", "resource_link_id": "link_id"}
    for name, column in filters.items():
        wanted = call.args.get(name)
        if wanted:
            rows = [row for row in rows if str(row[column]) == wanted]
    headers = {}
    limit, start = call.whole("limit") or 0, max(0, call.whole("from") or 0)
    if limit > 0:
        query = {name: call.args[name] for name in ("type_id", *filters) if call.args.get(name)}
        headers["Link"] = page_links(lineitems_url(config, typed=False), query, start, limit, len(rows))
        rows = rows[start : start + limit]
    return Answer(json.dumps([_shown(config, row) for row in rows]), LINEITEMS, headers=headers)


def create_item(call: Call) -> Answer:
    if call.kind != LINEITEM:
        raise Refused(400, "No context or unsupported content type")
    check_course(call)
    sent = read_json(call.body)
    if not isinstance(sent, dict) or sent.get("label") is None or sent.get("scoreMaximum") is None:
        raise Refused(400, "No label or Score Maximum")
    maximum = _maximum(sent)
    with call.platform.store.writing() as db:
        link = _link(db, sent)
        created = db.execute(
            "INSERT INTO grade_item (link_id, label, maximum, resource_id, tag, review)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (link, str(sent["label"]), maximum, _text(sent, "resourceId"), _text(sent, "tag"), _review(sent)),
        ).lastrowid
    assert created is not None
    body = sent | {"id": item_url(call.platform.config, created)}
    return Answer(json.dumps(body), LINEITEM, 201, "Created")


def get_item(call: Call) -> Answer:
    with call.platform.store.reading() as db:
        return Answer(json.dumps(_shown(call.platform.config, column_of(call, db))), LINEITEM)


def put_item(call: Call) -> Answer:
    """Replaces: what the body leaves out is erased. Grades already stored are not rescaled."""
    sent = read_json(call.body)
    with call.platform.store.writing() as db:
        column = column_of(call, db)
        if not isinstance(sent, dict) or sent.get("label") is None or sent.get("scoreMaximum") is None:
            raise Refused(400)
        # The activity's own column stays with its activity, whatever the body says.
        link = column["link_id"] if column["activity_id"] is not None else _link(db, sent)
        db.execute(
            "UPDATE grade_item SET link_id = ?, label = ?, maximum = ?, resource_id = ?, tag = ?, review = ?"
            " WHERE id = ?",
            (
                link,
                str(sent["label"]),
                _maximum(sent),
                _text(sent, "resourceId"),
                _text(sent, "tag"),
                _review(sent),
                column["id"],
            ),
        )
    return Answer(json.dumps(sent | {"id": item_url(call.platform.config, column["id"])}), LINEITEM)


def delete_item(call: Call) -> Answer:
    with call.platform.store.writing() as db:
        db.execute("DELETE FROM grade_item WHERE id = ?", (column_of(call, db)["id"],))
    return Answer(status=204)


def _shown(config: LmsConfig, row: sqlite3.Row) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "id": item_url(config, row["id"]),
        "label": row["label"],
        "scoreMaximum": number(row["maximum"]),
        "resourceId": row["resource_id"],
        "tag": row["tag"],
    }
    if row["link_id"] is not None:
        shown |= {"resourceLinkId": str(row["link_id"]), "ltiLinkId": str(row["link_id"])}
    if row["review"]:
        shown["submissionReview"] = json.loads(row["review"])
    return shown


def _maximum(sent: dict[str, Any]) -> float:
    value = sent["scoreMaximum"]
    try:
        if isinstance(value, (int, float, str)) and not isinstance(value, bool):
            return float(value)
    except (ValueError, OverflowError):
        pass
    raise Refused(400)


def _link(db: sqlite3.Connection, sent: dict[str, Any]) -> int | None:
    value = sent.get("resourceLinkId", sent.get("ltiLinkId"))
    if value in (None, ""):
        return None
    row = db.execute(
        "SELECT id FROM activity WHERE visible AND CAST(id AS TEXT) = ?", (str(value),)
    ).fetchone()
    if row is None:
        raise Refused(403)
    link: int = row["id"]
    return link


def _text(sent: dict[str, Any], name: str) -> str:
    value = sent.get(name)
    return value if isinstance(value, str) else ""


def _review(sent: dict[str, Any]) -> str | None:
    value = sent.get("submissionReview")
    return json.dumps(value) if isinstance(value, dict) and value.get("url") else None


READ = (SCOPE_LINEITEM_READ, SCOPE_LINEITEM)


def _items(call: Call) -> Answer:
    return list_items(call) if call.method == "GET" else create_item(call)


def _item(call: Call) -> Answer:
    verbs = {"GET": get_item, "PUT": put_item, "DELETE": delete_item}
    return verbs[call.method](call)


ITEMS = Resource(
    "/{course}/lineitems", (LINEITEMS, LINEITEM), {"GET": READ, "POST": (SCOPE_LINEITEM,)}, _items
)
ITEM = Resource(
    "/{course}/lineitems/{item}/lineitem",
    (LINEITEM,),
    {"GET": READ, "PUT": (SCOPE_LINEITEM,), "DELETE": (SCOPE_LINEITEM,)},
    _item,
)
