"""Plain values and rows for tests: courses, platforms, launches, learners. Only what matters must be said."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from itertools import count
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from lms_tool.content import stored
from lms_tool.content.course import Activity, CompletionRule, Course, Lesson, Module, Need, Question, Quiz
from lms_tool.content.questions.choice import Answer, Choice
from lms_tool.database import Database
from lms_tool.lti.claims import (
    SCOPE_LINEITEM_READONLY,
    SCOPE_RESULT_READONLY,
    SCOPE_SCORE,
    AgsClaim,
    Context,
    LaunchPresentation,
    PersonClaims,
    ResourceLink,
    Role,
)
from lms_tool.lti.launch import RESOURCE_LINK_REQUEST
from lms_tool.lti.launch import Launch as LtiLaunch
from lms_tool.lti.login import Target
from lms_tool.models import Course as CourseRow
from lms_tool.models import Revision
from lms_tool.services import launches, platforms, sessions
from lms_tool.services.courses import Shelf
from lms_tool.services.lessons import Learner
from lms_tool.services.platforms import NewPlatform, Registered

NOW = datetime(2026, 11, 23, 9, 30, 15, tzinfo=UTC)
SCOPES = frozenset({SCOPE_SCORE, SCOPE_RESULT_READONLY, SCOPE_LINEITEM_READONLY})

_numbers = count(1)


# --- courses ------------------------------------------------------------------------------------------------


def lesson(
    key: str, *, completion: CompletionRule = CompletionRule.VIEWED, requires: tuple[str, ...] = ()
) -> Activity:
    return Activity(key, "page", key.title(), Lesson("<p>Text</p>"), completion=completion, requires=requires)


def question(key: str, *right: str, kind: str = "single", points: int = 1) -> Question:
    """A choice among a, b and c; ``b`` is right unless others are named."""
    correct = right or ("b",)
    answers = tuple(Answer(option, option.upper(), f"Zu {option}.", option in correct) for option in "abc")
    return Question(key, kind, f"<p>{key}</p>", Choice(answers), points=points)


def quiz(
    key: str,
    *questions: Question,
    attempts: int | None = None,
    pass_percent: int = 60,
    feedback: str = "immediate",
    completion: CompletionRule = CompletionRule.PASSED,
    requires: tuple[str, ...] = (),
) -> Activity:
    """A test of two questions worth one point each, unless others are given."""
    content = Quiz(questions or (question("f1"), question("f2")), attempts, pass_percent, feedback)
    return Activity(key, "quiz", key.title(), content, completion=completion, requires=requires)


def module(key: str, *activities: Activity, at_least: int | None = None, **more: Any) -> Module:
    return Module(key, key.title(), "Wozu.", (), activities, completion=Need(at_least), **more)


def course(*modules: Module, key: str = "kurs", at_least: int | None = None) -> Course:
    """The given modules, or one with a lesson and a test."""
    return Course(
        key, key.title(), "", modules or (module("m1", lesson("l1"), quiz("t1")),), completion=Need(at_least)
    )


def publish(db: Connection, wanted: Course, now: datetime = NOW) -> int:
    """Store ``wanted`` as the newest revision; its id."""
    position = db.scalar(select(func.max(CourseRow.position))) or 0
    if db.scalar(select(CourseRow.id).where(CourseRow.id == wanted.id)) is None:
        db.execute(insert(CourseRow).values(id=wanted.id, position=position + 1, created_at=now))
    number = (db.scalar(select(func.max(Revision.number)).where(Revision.course_id == wanted.id)) or 0) + 1
    values = {"course_id": wanted.id, "number": number, "digest": f"{number:064}", "published_at": now}
    revision = db.execute(
        insert(Revision).values(**values, content=stored.dump(wanted)).returning(Revision.id)
    ).scalar_one()
    db.execute(update(CourseRow).where(CourseRow.id == wanted.id).values(revision_id=revision))
    return int(revision)


# --- platforms and launches -----------------------------------------------------------------------------------


def new_platform(**changes: Any) -> NewPlatform:
    number = next(_numbers)
    base = f"https://lms{number}.example"
    values: dict[str, Any] = {
        "issuer": base,
        "client_id": f"client-{number}",
        "auth_login_url": f"{base}/auth",
        "token_url": f"{base}/token",
        "jwks_url": f"{base}/jwks",
        "deployment_ids": ("d1",),
    }
    return NewPlatform(**values | changes)


def platform(db: Connection, now: datetime = NOW, **changes: Any) -> Registered:
    return platforms.add(db, new_platform(**changes), now)


def line_item_url(at: Registered, link: str) -> str:
    """As Moodle writes them: with a query."""
    return f"{at.issuer}/services/2/lineitems/{link}/lineitem?type_id=1"


def launch(at: Registered, **changes: Any) -> LtiLaunch:
    """A verified launch of ``anna`` as a learner, with a column at the platform.

    Besides the fields of a launch: ``sub``, ``link``, ``context_id``, ``name``, ``module_id``, ``activity_id``,
    ``report``, ``graded`` (whether there is a column).
    """
    sub = changes.pop("sub", "anna")
    link = changes.pop("link", "link-1")
    name = changes.pop("name", None)
    custom = {key: changes.pop(key) for key in ("module_id", "activity_id", "report") if changes.get(key)}
    context_id = changes.pop("context_id", "klasse")
    ags = AgsClaim(SCOPES, f"{at.issuer}/services/2/lineitems?type_id=1", line_item_url(at, link))
    values: dict[str, Any] = {
        "issuer": at.issuer,
        "client_id": at.client_id,
        "deployment_id": "d1",
        "message_type": RESOURCE_LINK_REQUEST,
        "person": PersonClaims(sub, name, None, None, None),
        "roles": (),
        "role": Role.LEARNER,
        "role_scope_mentor": (),
        "target_link_uri": "https://tool.example/lti/launch",
        "target": Target(),
        "resource_link": ResourceLink(link, "Modul", None),
        "context": Context(context_id, None, None, ()) if context_id else None,
        "custom": custom,
        "ags": ags if changes.pop("graded", True) else None,
        "ags_problem": None,
        "nrps": None,
        "presentation": LaunchPresentation(None, None, None),
        "locale": "de",
        "for_user": None,
        "nonce": "n",
        "iat": int(NOW.timestamp()),
        "lti1p1": None,
    }
    return LtiLaunch(**values | changes)


def fingerprint() -> bytes:
    """Of a state that nobody used."""
    return sha256(str(next(_numbers)).encode()).digest()


@dataclass
class Classroom:
    """A published course and a platform where it is placed."""

    database: Database
    course: Course
    at: Registered
    revision_id: int
    shelf: Shelf = field(default_factory=Shelf)

    def arrive(self, *, now: datetime = NOW, **changes: Any) -> Learner:
        """Somebody launches (see ``launch``); who they are to the services."""
        with self.database.write() as db:
            accepted = self.accept(db, now=now, **changes)
            found = sessions.find(db, accepted.launch_id, "beweis", now)
        assert found.learner is not None
        return found.learner

    def accept(self, db: Connection, *, now: datetime = NOW, **changes: Any) -> launches.Accepted:
        wanted = launch(self.at, **changes)
        return launches.accept(db, self.at.id, wanted, fingerprint(), "beweis", self.shelf, now)


def classroom(database: Database, wanted: Course | None = None, now: datetime = NOW) -> Classroom:
    chosen = wanted or course()
    with database.write() as db:
        revision = publish(db, chosen, now)
        return Classroom(database, chosen, platform(db, now), revision)
