"""Entering a connection by hand, for LMSs that do not register tools by themselves."""

from __future__ import annotations

from dataclasses import replace

from flask import redirect
from werkzeug.wrappers import Response

from lms_tool.database import Connection
from lms_tool.errors import Text
from lms_tool.services import platforms, registrations
from lms_tool.services.administrators import AdminSession
from lms_tool.services.platforms import NewPlatform, RegistrationInvalid
from lms_tool.web import security
from lms_tool.web.admin.platforms import blueprint
from lms_tool.web.admin.session import admin_frame, current_admin, language, record, show_admin
from lms_tool.web.context import runtime
from lms_tool.web.pages import AdminConnectPage, AdminField, Link

FIELDS = (
    AdminField(name="name", label=Text("Name in Übersichten", "Name in overviews"), names=""),
    AdminField(
        name="issuer",
        label=Text("Aussteller", "Issuer"),
        names="Plattform-ID, Platform ID, Issuer",
    ),
    AdminField(name="client_id", label=Text("Client-ID", "Client id"), names="Client ID, Developer key"),
    AdminField(
        name="deployment_id",
        label=Text("Deployment-ID", "Deployment id"),
        names="",
        required=False,
    ),
    AdminField(
        name="auth_login_url",
        label=Text("Adresse für die Anmeldung", "Authentication request address"),
        names="Authentication request URL, OIDC authentication endpoint",
        kind="url",
    ),
    AdminField(
        name="token_url",
        label=Text("Adresse für Zugriffstoken", "Access token address"),
        names="Access token URL, OAuth2 access token URL",
        kind="url",
    ),
    AdminField(
        name="jwks_url",
        label=Text("Adresse des Schlüsselsatzes", "Key set address"),
        names="Public keyset URL, JWKS URL",
        kind="url",
    ),
    AdminField(
        name="token_audience",
        label=Text("Zieladresse im Antrag auf ein Zugriffstoken", "Audience of the token request"),
        names="Audience (D2L Brightspace)",
        required=False,
    ),
)
WRONG = Text(
    "Mit dieser Angabe lässt sich die Verbindung nicht eintragen. Vergleichen Sie sie mit der Seite des LMS.",
    "The connection cannot be entered with this value. Compare it with the page of the LMS.",
)
KNOWN = Text(
    "Dieses LMS ist mit dieser Client-ID schon eingetragen, aber mit anderen Adressen, oder es gehört jemand anderem.",
    "This LMS is entered with this client id already, but with other addresses, or it belongs to somebody else.",
)


@blueprint.get("/new")
def before_connecting() -> Response:
    return _form(current_admin())


@blueprint.post("/new")
def connect() -> Response:
    admin = current_admin()
    given = {field.name: (security.single(field.name) or "").strip() for field in FIELDS}
    deployment = given.pop("deployment_id")
    new = NewPlatform(
        **{**given, "token_audience": given["token_audience"] or None},  # type: ignore[arg-type]
        deployment_ids=(deployment,) if deployment else (),
    )
    try:
        with runtime().database.write() as db:
            _refuse_conflict(db, new)
            added = platforms.add(db, new, runtime().clock(), tenant_id=admin.tenant_id)
            record(db, admin, "platform_added", added.id)
    except RegistrationInvalid as error:
        field = str(error.details.get("field", ""))
        return _form(admin, {**given, "deployment_id": deployment}, WRONG if field else KNOWN, field)
    return redirect(f"/admin/platforms/{added.id}", code=303)


def _refuse_conflict(db: Connection, new: NewPlatform) -> None:
    """An issuer that is known has one set of addresses, whoever enters it: they decide whose keys sign its launches.

    Raises:
        RegistrationInvalid.
    """
    addresses = (new.auth_login_url, new.token_url, new.jwks_url)
    if any(one.endpoints != addresses for one in registrations.known(db, new.issuer)):
        raise RegistrationInvalid(problem="the issuer is known with other addresses")


def _form(
    admin: AdminSession, given: dict[str, str] | None = None, error: Text | None = None, wrong: str = ""
) -> Response:
    title = "Connect by hand" if language() == "en" else "Verbindung von Hand eintragen"
    page = AdminConnectPage(
        frame=admin_frame(admin, "platforms", Link(title)),
        fields=tuple(replace(field, value=(given or {}).get(field.name, "")) for field in FIELDS),
        error=error,
        wrong=wrong,
    )
    return show_admin(page, 400 if error else 200)
