"""What belongs to one tenant is never seen or changed by another: every route, with every id, in a stranger's browser.

Both tenants use the same hosted LMS: the same issuer, the same people's ids, the same course ids. Only the client id
differs. New routes are called as soon as they exist.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from builders import NOW, course, fingerprint, launch, lesson, module, publish, quiz
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Connection, insert, inspect, select, update
from werkzeug.routing import Rule
from worksheet_samples import WHOLE, worksheet

from lms_tool.lti.claims import Role
from lms_tool.lti.deep_linking import DeepLinkingSettings
from lms_tool.lti.request_errors import ModuleNotFound
from lms_tool.models import (
    Admin,
    AuditEvent,
    Base,
    Context,
    Course,
    Deployment,
    Invitation,
    LineItem,
    Membership,
    Person,
    Picker,
    Placement,
    Platform,
    RosterEntry,
    Score,
    Status,
)
from lms_tool.runtime import Runtime
from lms_tool.services import (
    administrators,
    audit,
    launches,
    lessons,
    platforms,
    sessions,
    tenants,
    worksheets,
)
from lms_tool.services.platforms import NewPlatform
from lms_tool.web import security

from .conftest import new_browser

ISSUER = "https://hosted.example"
PICKING = DeepLinkingSettings(f"{ISSUER}/return", "ltiResourceLink", True, True, False, ("iframe",))
NOBODYS = {"/healthz", "/readyz", "/metrics"}  # the installation's own
Identity = tuple[Any, ...]


class Customer:
    """A tenant with one of everything. ``mark`` stands in each text of theirs, and nowhere else."""

    def __init__(self, app: Flask, tool: Runtime, key: str) -> None:
        self.key, self.mark = key, f"marke-{key}"
        self.proof = f"beweis-von-{key}-0123456789"
        with tool.database.write() as db:
            self.tenant_id = tenants.add(db, key, f"{self.mark} Verwaltung", NOW).id
            own = course(
                module(
                    "m1",
                    replace(lesson("l1"), title=f"{self.mark} Lektion"),
                    quiz("t1"),
                    replace(worksheet("b1"), title=f"{self.mark} Blatt"),
                ),
                key=f"kurs-{key}",
            )
            publish(db, replace(own, title=f"{self.mark} Kurs"))
            db.execute(update(Course).where(Course.id == own.id).values(tenant_id=self.tenant_id))
            self.at = platforms.add(
                db,
                NewPlatform(
                    issuer=ISSUER,
                    client_id=f"client-{key}",
                    auth_login_url=f"{ISSUER}/auth",
                    token_url=f"{ISSUER}/token",
                    jwks_url=f"{ISSUER}/jwks",
                    deployment_ids=("d1",),
                    name=f"{self.mark} LMS",
                ),
                NOW,
                tenant_id=self.tenant_id,
            )
            db.execute(
                insert(Deployment).values(
                    platform_id=self.at.id, lti_id=f"{self.mark}-d2", status=Status.PENDING, created_at=NOW
                )
            )
            wanted = {"context_id": "ctx-1", "module_id": "m1", "name": f"{self.mark} Person"}
            self.learner = self._launch(db, tool, **wanted)
            self.teacher = self._launch(db, tool, **wanted, sub="leitung", role=Role.INSTRUCTOR)
            session = sessions.find(db, self.learner, self.proof, NOW)
            assert session.learner is not None
            lessons.begin(db, session.learner, own, own.modules[0].activities[0], NOW)
            entered = WHOLE | {"vorgehen": f"{self.mark} Eingabe"}
            sheet = own.by_activity["b1"][1]
            assert session.revision_id is not None
            worksheets.hand_in(db, session.learner, own, session.revision_id, sheet, entered, 0, NOW)
            item = db.execute(select(LineItem.id).where(LineItem.platform_id == self.at.id)).scalar_one()
            db.execute(
                insert(Score).values(
                    line_item_id=item,
                    person_id=session.person_id,
                    given=87.5,
                    completed=True,
                    timestamp=NOW,
                    state="failed",
                    next_try_at=NOW,
                    reason="forbidden",
                )
            )
            self._others(db, session.context_id)
            self.admin_id = administrators.add(db, self.tenant_id, f"{self.mark} Admin", NOW)
            code = administrators.link(db, self.admin_id, None, NOW)
            audit.note(db, NOW, "admin", f"{self.mark}-code", self.at.id, "", actor=f"admin:{self.admin_id}")
        self.admin = new_browser(app)
        assert self.admin.post(f"/admin/enter/{code}").status_code == 303
        self.admin.set_cookie(security.SESSION_COOKIE, self.proof)

    def _launch(self, db: Connection, tool: Runtime, **wanted: Any) -> str:
        said = launch(self.at, **wanted)
        said = replace(said, custom=said.custom | {"course_id": f"kurs-{self.key}"})
        accepted = launches.accept(db, self.at.id, said, fingerprint(), self.proof, tool.shelf, NOW)
        return accepted.launch_id

    def _others(self, db: Connection, context_id: int) -> None:
        deployment = db.scalars(
            select(Deployment.id).where(Deployment.platform_id == self.at.id).order_by(Deployment.id)
        ).first()
        at = {"deployment_id": deployment, "context_lti_id": "ctx-1", "created_at": NOW}
        where = {"course_id": f"kurs-{self.key}", "module_id": "m1", "report": "completion", "graded": True}
        db.execute(insert(Placement).values(id=f"{self.mark}-ort", title=f"{self.mark} Ort", **at, **where))
        self.picker = f"{self.mark}-auswahl"
        db.execute(
            insert(Picker).values(
                id=self.picker,
                state_fingerprint=fingerprint(),
                browser_hash=sessions.browser_hash(self.proof),
                context_title=f"{self.mark} Kursraum",
                locale="de",
                settings=PICKING.stored(),
                expires_at=NOW.replace(year=2099),
                **at,
            )
        )
        db.execute(
            insert(RosterEntry).values(
                context_id=context_id,
                user_id="u-9",
                name=f"{self.mark} Mitglied",
                roles=["Learner"],
                role="learner",
                status_since=NOW,
                created_at=NOW,
            )
        )
        db.execute(
            insert(Invitation).values(
                tenant_id=self.tenant_id,
                code_hash=fingerprint(),
                created_by=self.mark,
                created_at=NOW,
                expires_at=NOW.replace(year=2099),
            )
        )
        db.execute(
            insert(Platform).values(
                tenant_id=self.tenant_id,
                key=f"{self.mark}-p"[:32],
                issuer=f"https://wartet-{self.key}.example",
                client_id="c",
                name=f"{self.mark} wartet",
                auth_login_url="https://wartet.example/a",
                token_url="https://wartet.example/t",
                jwks_url="https://wartet.example/j",
                status=Status.PENDING,
                created_at=NOW,
            )
        )


def rows(tool: Runtime) -> dict[Identity, Any]:
    """Every row of every table by its key."""
    found = {}
    with tool.database.read() as db:
        for table in Base.metadata.sorted_tables:
            keys = [column.name for column in table.primary_key]
            for row in db.execute(select(table)).mappings():
                found[(table.name, *(row[key] for key in keys))] = dict(row)
    return found


@pytest.fixture
def customers(app: Flask, tool: Runtime) -> tuple[Customer, Customer]:
    return Customer(app, tool, "aaa"), Customer(app, tool, "bbb")


def ids(tool: Runtime, of: Customer) -> list[str]:
    """Everything of theirs that could stand in an address."""
    theirs: list[Any] = [
        of.learner,
        of.teacher,
        of.picker,
        of.at.key,
        of.at.id,
        of.admin_id,
        f"kurs-{of.key}",
    ]
    theirs += ["m1", "l1", "t1", "b1", "1", f"{of.mark}-ort", "u-9", "anna", of.tenant_id]
    with tool.database.read() as db:
        theirs += db.scalars(select(Person.id).where(Person.tenant_id == of.tenant_id)).all()
        theirs += db.scalars(select(Platform.id).where(Platform.tenant_id == of.tenant_id)).all()
        theirs += db.scalars(select(Admin.id).where(Admin.tenant_id == of.tenant_id)).all()
        theirs += db.scalars(select(AuditEvent.id).where(AuditEvent.tenant_id == of.tenant_id)).all()
        theirs += db.scalars(select(Invitation.id).where(Invitation.tenant_id == of.tenant_id)).all()
        in_deployment = select(Deployment.id).where(Deployment.platform_id == of.at.id)
        theirs += db.scalars(in_deployment).all()
        contexts = db.scalars(select(Context.id).where(Context.deployment_id.in_(in_deployment))).all()
        theirs += contexts
        theirs += db.scalars(select(Membership.id).where(Membership.context_id.in_(contexts))).all()
        theirs += db.scalars(select(RosterEntry.id).where(RosterEntry.context_id.in_(contexts))).all()
        items = db.scalars(select(LineItem.id).where(LineItem.platform_id == of.at.id)).all()
        theirs += items
        theirs += db.scalars(select(Score.id).where(Score.line_item_id.in_(items))).all()
    return list(dict.fromkeys(str(one) for one in theirs))


def addresses(app: Flask, tool: Runtime, of: Customer, by: Customer) -> Iterator[tuple[Rule, str]]:
    """Each route with each id of ``of``; where there is a launch in it, with theirs and with the stranger's own."""
    pool = ids(tool, of)
    launches_ = [of.learner, of.teacher, of.picker, by.learner, by.teacher, by.picker]
    for rule in app.url_map.iter_rules():
        if rule.endpoint == "static" or rule.rule in NOBODYS:
            continue
        choices = []
        for name in sorted(rule.arguments):
            whole_numbers = re.search(rf"<int[^>]*:{name}>", rule.rule) is not None
            values = launches_ if name in ("launch", "launch_id", "picker") else pool
            if offered := re.search(rf"<any\(([^)]*)\):{name}>", rule.rule):
                values = re.findall(r"[\w-]+", offered[1])
            choices.append([(name, v) for v in values if v.isdigit() or not whole_numbers])
        for chosen in itertools.product(*choices):
            url = rule.build(dict(chosen))
            if url is not None:
                yield rule, url[1]


def call(browser: FlaskClient, method: str, url: str, pool: list[str]) -> Any:
    if method == "GET":
        return browser.get(url)
    # Forms name rows as well: every number of theirs under the names that our forms use.
    numbers = [one for one in pool if one.isdigit()]
    decision = {"decision": "accepted", "action": "save", "version": "1", "f.standorte": "9"}
    names = ("score", "score_id", "scores", "platform", "platform_id", "deployment", "person", "item", "id")
    return browser.post(url, data=dict.fromkeys(names, numbers) | {"name": "Fremd", "all": "1"} | decision)


def theirs(before: dict[Identity, Any], tool: Runtime, of: Customer) -> dict[Identity, Any]:
    now = rows(tool)
    return {key: now.get(key) for key in before}


def test_a_stranger_sees_and_changes_nothing(app: Flask, tool: Runtime) -> None:
    other = Customer(app, tool, "aaa")
    before = rows(tool)
    stranger = Customer(app, tool, "bbb")
    pool = ids(tool, other)
    called = set()
    for rule, url in addresses(app, tool, other, stranger):
        for method in sorted(rule.methods & {"GET", "POST"} if rule.methods else ()):
            if url in ("/admin/leave",):
                continue  # ends the stranger's own session
            answer = call(stranger.admin, method, url, pool)
            assert answer.status_code < 500, (method, url, answer.headers.get("X-LTI-Error"))
            assert other.mark.encode() not in answer.data, (method, url)
            called.add((rule.rule, method))
    changed = {key for key, row in theirs(before, tool, other).items() if row != before[key]}
    assert changed == set()
    assert len(called) > 20


def test_the_owner_sees_what_is_theirs(customers: tuple[Customer, Customer], tool: Runtime) -> None:
    """Or the test above would pass on pages that are empty for everybody."""
    own, other = customers
    seen = own.admin.get(f"/k/{own.learner}/").text
    assert own.mark in seen
    assert own.mark in own.admin.get("/admin/people").text
    waiting = own.admin.get(f"/k/{own.teacher}/members/worksheets").text
    (url,) = re.findall(r'href="([^"]+/s/1)"', waiting)
    assert f"{own.mark} Eingabe" in own.admin.get(url).text
    assert other.mark not in waiting
    assert other.mark not in seen


def test_one_person_of_one_issuer_is_two_people_for_two_tenants(
    customers: tuple[Customer, Customer], tool: Runtime
) -> None:
    with tool.database.read() as db:
        found = db.execute(
            select(Person.tenant_id).where(Person.issuer == ISSUER, Person.sub == "anna")
        ).all()
    assert len(found) == 2


def test_a_course_of_another_tenant_is_not_there_to_launch(
    customers: tuple[Customer, Customer], tool: Runtime, signed_in: Callable[..., FlaskClient]
) -> None:
    own, other = customers
    said = launch(own.at, context_id="ctx-1")
    with tool.database.write() as db, pytest.raises(ModuleNotFound):
        launches.accept(
            db,
            own.at.id,
            replace(said, custom={"course_id": f"kurs-{other.key}"}),
            fingerprint(),
            "b",
            tool.shelf,
            NOW,
        )


def test_every_table_of_a_tenant_leads_to_it(tool: Runtime) -> None:
    """A new table must hang, by its foreign keys, on a tenant; or be named here with its reason."""
    free = {"tenant", "tool_key", "login_pressure", "used_state", "blob", "audit_event", "access_token"}
    free.add("handover")  # of a launch or of a picker, for a minute
    with tool.database.read() as db:
        look = inspect(db)
        parents = {
            table.name: {fk["referred_table"] for fk in look.get_foreign_keys(table.name)}
            for table in Base.metadata.sorted_tables
        }
    owned = {"tenant"}
    while more := {name for name, refs in parents.items() if name not in owned and refs & owned}:
        owned |= more
    assert set(parents) - owned <= free
