"""A teacher at a platform with a roster, the page of participants, and the rows behind it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import update

from .bed import Bed, Registration, Visit
from .claims import INSTRUCTOR, Change, put, roles
from .fake_roster import MemberList
from .page import Page

PATH = "members"


@dataclass
class Class:
    """A course at a platform of its own, with the teacher whose launch has the roster read."""

    bed: Bed
    at: Registration
    teacher: Visit

    @property
    def platform(self) -> MemberList:
        return self.at.platform.roster

    def learner(self, sub: str) -> Visit:
        return self.bed.at_lesson(self.at, sub=sub, context=self.teacher.context, link=self.teacher.link)

    def page(self) -> Page:
        """The page of participants, as the teacher sees it."""
        return self.teacher.page(PATH)

    def shown(self) -> list[str]:
        """The rows of the page: name and state in one text each."""
        return rows_of(self.page())

    def row(self) -> dict[str, Any]:
        """What the tool keeps about the roster."""
        return self.bed.rows.one("roster", context_id=self.context_id)

    @property
    def context_id(self) -> int:
        return int(self.bed.rows.one("context", lti_id=self.teacher.context)["id"])

    def entries(self) -> dict[str, dict[str, Any]]:
        found = self.bed.rows.all("roster_entry", context_id=self.context_id)
        return {entry["user_id"]: entry for entry in found}

    def statuses(self) -> dict[str, str]:
        return {sub: entry["status"] for sub, entry in self.entries().items()}

    def settled(self) -> dict[str, Any]:
        """Wait until what is due has been read; the roster's row."""

        def done() -> bool:
            row = self.row()
            return row["lease"] is None and bool(row["synced_at"] or row["problem"]) and not self._due(row)

        self.bed.wait(done, "the roster")
        return self.row()

    def again(self, members: Iterable[Any] | None = None) -> dict[str, Any]:
        """«Jetzt aktualisieren», a minute later; the roster's row afterwards."""
        if members is not None:
            self.platform.members = list(members)
        self.bed.tool.clock.forward(minutes=1)
        pressed = self.teacher.browser.post(self.teacher.url(f"{PATH}/update"), {})
        assert pressed.status == 303, f"{pressed.status} {pressed.error}"
        assert pressed.location.endswith(f"/{PATH}")
        return self.settled()

    def age(self, table: str, column: str, days: float) -> None:
        """Move a time of this course's rows into the past, where the test bed's own clock must not go so far."""
        rows = self.bed.rows
        moment = self.bed.tool.clock.utc() - timedelta(days=days)
        with rows.engine.begin() as connection:
            wanted = rows.table(table)
            connection.execute(
                update(wanted).where(wanted.c.context_id == self.context_id).values({column: moment})
            )

    def _due(self, row: dict[str, Any]) -> bool:
        moment = row["next_at"]
        return moment is not None and moment.replace(tzinfo=None) <= self.bed.tool.clock.utc().replace(
            tzinfo=None
        )


def begin(bed: Bed, members: Iterable[Any], *changes: Change, **options: Any) -> Class:
    """A teacher launches at a fresh platform whose roster has these members."""
    at = bed.fresh()
    at.platform.roster.members = list(members)
    for name, value in options.items():
        setattr(at.platform.roster, name, value)
    found = Class(bed, at, bed.at_lesson(at))
    found.teacher.enter(roles(INSTRUCTOR), *changes)
    found.settled()
    return found


def roster_at(url: str) -> Change:
    return put("nrps", {"context_memberships_url": url, "service_versions": ["1.0", "2.0"]})


def rows_of(page: Page) -> list[str]:
    return [
        item.text
        for item in page.all("li")
        if any("lt-item" in e.attrs.get("class", "") for e in item.inside)
    ]
