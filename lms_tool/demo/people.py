"""The people of the demo LMS. All of them are made up."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    STUDENT = "student"
    TEACHER = "teacher"  # may edit the course
    TUTOR = "tutor"  # Moodle's non-editing teacher
    ADMIN = "admin"  # of the whole site, not enrolled in the course
    NONE = "none"  # has an account, but nothing to do with the course


@dataclass(frozen=True, slots=True)
class Person:
    """``id``: a small integer, as in Moodle, unique on this platform. ``post`` is shown with the name."""

    id: int
    username: str
    given_name: str
    family_name: str
    role: Role = Role.STUDENT
    post: str = "Navigator"
    suspended: bool = False
    id_number: str = ""
    locale: str = "de"
    email: str = ""

    @property
    def name(self) -> str:
        return f"{self.given_name} {self.family_name}"

    @property
    def address(self) -> str:
        return self.email or f"{self.username}@musterkreis.example"

    @property
    def is_enrolled(self) -> bool:
        return self.role in (Role.STUDENT, Role.TEACHER, Role.TUTOR)

    @property
    def is_gradable(self) -> bool:
        """Whether the gradebook has a row for this person; a suspended one keeps theirs."""
        return self.role is Role.STUDENT

    @property
    def may_open_course(self) -> bool:
        return self.role is Role.ADMIN or (self.is_enrolled and not self.suspended)

    @property
    def sees_all_grades(self) -> bool:
        return self.role in (Role.TEACHER, Role.TUTOR, Role.ADMIN)

    @property
    def edits_course(self) -> bool:
        return self.role in (Role.TEACHER, Role.ADMIN)

    @property
    def edits_grades(self) -> bool:
        return self.role in (Role.TEACHER, Role.ADMIN)


def by_family_name(people: Iterable[Person]) -> list[Person]:
    """In the order of a German telephone book's simple rule: ä as a, ß as ss, capitals do not matter."""
    return sorted(
        people, key=lambda person: (_folded(person.family_name), _folded(person.given_name), person.id)
    )


def _folded(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


PEOPLE = (
    Person(2, "heike.albrecht", "Heike", "Albrecht", Role.ADMIN, "Administratorin"),
    Person(3, "thomas.lindner", "Thomas", "Lindner", Role.TEACHER, "Lotse", id_number="P1000"),
    Person(4, "kerstin.vogel", "Kerstin", "Vogel", Role.TUTOR, "Tutorin"),
    Person(5, "petra.sommer", "Petra", "Sommer", post="Navigatorin"),
    Person(6, "juergen.weissflog", "Jürgen", "Weißflog", id_number="P1006"),
    Person(7, "aylin.yildiz", "Aylin", "Yıldız", post="Navigatorin"),
    Person(8, "falk.neumann", "Falk", "Neumann", post="Navigator, Einschreibung ausgesetzt", suspended=True),
    Person(9, "sabine.roth", "Sabine", "Roth", Role.NONE, "nicht eingeschrieben"),
)
