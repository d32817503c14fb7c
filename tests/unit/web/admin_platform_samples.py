"""Connections in every state an administrator may meet."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from lms_tool.errors import Text
from lms_tool.services.products import Product
from lms_tool.services.selftest import Check, Name
from lms_tool.web.pages import (
    AdminCheck,
    AdminConnectPage,
    AdminDeployment,
    AdminDisconnectPage,
    AdminField,
    AdminFrame,
    AdminInvitation,
    AdminPlatformPage,
    AdminPlatformRow,
    AdminPlatformsPage,
    AdminWaiting,
    GuidePage,
    Link,
)
from lms_tool.web.render import Page

MORNING = datetime(2026, 2, 24, 8, 31, tzinfo=UTC)
HSF = "Hochschule Meißen (FH) und Fortbildungszentrum"


def frame(*crumbs: Link) -> AdminFrame:
    return AdminFrame(tab="platforms", crumbs=crumbs, name="A. Beier", tenant_name="SSG", waiting=3)


def row(number: int, name: str, condition: str, **more: object) -> AdminPlatformRow:
    values: dict[str, object] = {
        "label": "Moodle 5.1",
        "issuer": f"https://lms{number}.example",
        "created_at": MORNING,
        "last_launch_at": MORNING,
    }
    return AdminPlatformRow(id=number, name=name, condition=condition, **values | more)  # type: ignore[arg-type]


CONDITIONS = ("fine", "grades", "new", "off", "keys", "silent", "fault", "deployment")
ROWS = tuple(
    row(number, f"{HSF} {number}", condition, waiting=3 if condition == "grades" else 0)
    for number, condition in enumerate(CONDITIONS, 1)
)
LINK = "https://lernen.example/lti/register/4F7K-92QD-HX3M-7B2C"
PLATFORMS = AdminPlatformsPage(
    frame=frame(),
    platforms=(*ROWS, row(9, "Landkreis Beispielland", "new", label="", last_launch_at=None)),
    waiting=(
        AdminWaiting(platform_id=20, name="Moodle der Kreisvolkshochschule"),
        AdminWaiting(platform_id=1, name=HSF, deployment="7"),
    ),
    invitations=(AdminInvitation(id=4, expires_at=MORNING),),
)


def check(name: Name, code: str, **more: object) -> AdminCheck:
    found = Check(name, code, **more)  # type: ignore[arg-type]
    return AdminCheck(
        title=found.title,
        sentence=found.sentence,
        state=found.state.value,
        code=code,
        at=found.at,
        millis=found.millis,
        remedy=found.remedy(Product.MOODLE),
    )


CHECKS = (
    check(Name.KEYS, "keys_loaded", values={"count": 2}, millis=214),
    check(Name.CLOCK, "clock_agrees", values={"seconds": 0.4}),
    check(
        Name.TOKEN,
        "token_some",
        values={"services": ["score", "result.readonly"], "missing": ["contextmembership.readonly"]},
        millis=303,
    ),
    check(Name.MEMBERS, "members_refused"),
    check(Name.LINE_ITEMS, "line_items_unknown"),
    check(Name.GRADES, "grades_forbidden", values={"waiting": 3}),
    check(Name.LAUNCH, "launch_seen", at=MORNING),
    check(Name.DEPLOYMENT, "deployment_known", values={"count": 1}),
    check(Name.FRAME, "frame_forbidden", values={"origin": "https://lernen.example"}),
)
ADDRESSES = (
    (Text("Anmeldung beim LMS", "Authentication request"), "https://moodle.example/mod/lti/auth.php"),
    (Text("Zugriffstoken", "Access token"), "https://moodle.example/mod/lti/token.php"),
)
PLATFORM = AdminPlatformPage(
    frame=frame(Link(HSF)),
    id=1,
    name=HSF,
    label="Moodle 5.1",
    status="active",
    lti_version="1.3",
    created_at=MORNING,
    issuer="https://moodle.example",
    client_id="lms-tool-7f3a",
    deployments=(
        AdminDeployment(id=1, lti_id="1", status="active"),
        AdminDeployment(id=2, lti_id="7", status="inactive"),
    ),
    services=(Text("Noten schreiben", "writing grades"), Text("Teilnehmende lesen", "reading members")),
    addresses=ADDRESSES,
    approved_by="A. Beier",
    approved_at=MORNING,
    checked_at=MORNING,
    checks=CHECKS,
)
FIELDS = (
    AdminField(name="name", label=Text("Name in Übersichten", "Name in overviews"), names="", value="Moodle"),
    AdminField(
        name="issuer", label=Text("Aussteller", "Issuer"), names="Plattform-ID, Platform ID", value="x"
    ),
    AdminField(name="token_audience", label=Text("Zieladresse", "Audience"), names="", required=False),
)
CONNECT = AdminConnectPage(frame=frame(Link("Von Hand")), fields=FIELDS)

ADMIN_PLATFORM_PAGES: dict[str, Page] = {
    "admin_platforms": PLATFORMS,
    "admin_platforms_none": replace(PLATFORMS, platforms=(), waiting=(), invitations=()),
    "admin_platforms_link": replace(PLATFORMS, platforms=ROWS[:2], waiting=(), link=LINK),
    "admin_platform": PLATFORM,
    "admin_platform_pending": replace(
        PLATFORM, status="pending", checks=(), checked_at=None, approved_by="", services=()
    ),
    "admin_platform_off": replace(
        PLATFORM,
        status="inactive",
        checks=(),
        checked_at=None,
        services=None,
        error=Text("Bitte geben Sie einen Namen ein.", "Please enter a name."),
    ),
    "admin_platform_running": replace(
        PLATFORM,
        checks=(),
        deployments=(AdminDeployment(id=3, lti_id="7", status="pending"),),
        lti_version="1.1",
        addresses=(),
        label="",
    ),
    "admin_disconnect": AdminDisconnectPage(
        frame=frame(Link(HSF, "/admin/platforms/1"), Link("Verbindung trennen")),
        id=1,
        name=HSF,
        courses=1,
        people=31,
        grades_waiting=3,
    ),
    "guide": GuidePage(
        title="Moodle",
        html='<h2 id="abschnitt-a">A</h2><p>Text mit <code>https://lernen.example/lti/launch</code></p>',
        sections=(Link("A", "#abschnitt-a"), Link("B", "#abschnitt-a"), Link("C", "#abschnitt-a")),
        overview_url="/lti/guides",
    ),
    "admin_connect": CONNECT,
    "admin_connect_wrong": replace(
        CONNECT, error=Text("Das geht so nicht.", "This does not do."), wrong="issuer"
    ),
}
