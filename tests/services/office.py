"""The sending side of one process: reconciler, tokens, and what became of the grades."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from builders import Classroom, line_item_url
from outgoing import Clock, Wire
from sqlalchemy import select

from lms_tool.database import Database
from lms_tool.models import Platform, Score
from lms_tool.services import lessons
from lms_tool.services.calls import Calls
from lms_tool.services.columns import Columns
from lms_tool.services.delivery import Reconciler
from lms_tool.services.lessons import Learner
from lms_tool.services.postings import Postman
from lms_tool.services.tokens import Tokens
from lms_tool.services.vault import Vault

SECRET = b"only-for-tests-0123456789-0123456789"
MIDDLE = 0.5  # the jitter that leaves a backoff as planned


@dataclass
class Office:
    """The sending side of one process over a classroom's database."""

    room: Classroom
    wire: Wire
    clock: Clock
    tokens: Tokens
    reconciler: Reconciler

    def another(self) -> Reconciler:
        """The sender of a second process."""
        return make_reconciler(self.room.database, self.wire, self.clock)[1]

    def complete(self, sub: str = "anna", **placed: Any) -> Learner:
        """Somebody launches and reads the lesson to its end: 100 of 100 for a placed lesson."""
        learner = self.room.arrive(sub=sub, now=self.clock.now, **placed)
        self.read(learner)
        return learner

    def read(self, learner: Learner, activity: str = "l1") -> set[int]:
        with self.room.database.write() as db:
            _, chosen = self.room.course.by_activity[activity]
            return lessons.finish_lesson(db, learner, self.room.course, chosen, self.clock.now)

    def drain(self) -> int:
        return self.reconciler.drain(self.room.at.id)

    def posts(self, sub: str = "anna") -> list[dict[str, Any]]:
        """Bodies of the score posts for one person."""
        return [sent.json for sent in self.wire.to("/scores") if sent.json["userId"] == sub]

    def score(self, learner: Learner) -> Any:
        with self.room.database.read() as db:
            return db.execute(select(Score).where(Score.person_id == learner.person_id)).one()

    def platform(self) -> Any:
        with self.room.database.read() as db:
            return db.execute(select(Platform).where(Platform.id == self.room.at.id)).one()

    def stored(self, sub: str = "anna", link: str = "link-1") -> Any:
        """The grade at the platform."""
        path = line_item_url(self.room.at, link).split("?")[0].removeprefix(self.room.at.issuer)
        return self.wire.grades.get((path, sub))

    def grade_by_teacher(self, given: float, when: datetime, sub: str = "anna", link: str = "link-1") -> None:
        path = line_item_url(self.room.at, link).split("?")[0].removeprefix(self.room.at.issuer)
        self.wire.grades[path, sub] = {
            "scoreGiven": given,
            "scoreMaximum": 100,
            "timestamp": when.isoformat(),
        }


def make_reconciler(database: Database, wire: Wire, clock: Clock) -> tuple[Tokens, Reconciler]:
    tokens = Tokens(database, wire, Vault(SECRET))  # type: ignore[arg-type]
    calls = Calls(wire, wire, tokens)  # type: ignore[arg-type]
    columns = Columns(database, calls, clock)
    return tokens, Reconciler(
        database, Postman(calls), columns, clock, jitter=lambda: MIDDLE, pause=lambda _: None
    )
