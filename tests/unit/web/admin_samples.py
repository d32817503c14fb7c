"""One page of each kind and state of the administration."""

from __future__ import annotations

from datetime import UTC, datetime

from admin_grade_samples import ADMIN_GRADE_PAGES
from admin_platform_samples import ADMIN_PLATFORM_PAGES
from admin_trail_samples import ADMIN_TRAIL_PAGES

from lms_tool.web.pages import AdminEnterPage, AdminFrame, AdminPeoplePage, AdminPerson, Link
from lms_tool.web.render import Page


def admin_frame(tab: str, *crumbs: Link, waiting: int = 3) -> AdminFrame:
    return AdminFrame(tab=tab, crumbs=crumbs, name="A. Beier", tenant_name="SSG", waiting=waiting)


PEOPLE = (
    AdminPerson(
        id=1, name="A. Beier", seen_at=datetime(2026, 2, 24, 9, 42, tzinfo=UTC), disabled=False, own=True
    ),
    AdminPerson(id=2, name="Frank Wolf", seen_at=None, disabled=False, own=False),
    AdminPerson(id=3, name="M. Lang", seen_at=None, disabled=True, own=False),
)
ADMIN_PAGES: dict[str, Page] = {
    **ADMIN_GRADE_PAGES,
    **ADMIN_PLATFORM_PAGES,
    **ADMIN_TRAIL_PAGES,
    "admin_enter": AdminEnterPage(action_url="/admin/enter/abc"),
    "admin_left": AdminEnterPage(action_url=""),
    "admin_people": AdminPeoplePage(frame=admin_frame("people"), people=PEOPLE),
    "admin_people_link": AdminPeoplePage(
        frame=admin_frame("people", waiting=0),
        people=PEOPLE,
        link="https://tool.example/admin/enter/4f7k92qdhx3m",
        link_name="Frank Wolf",
    ),
}
