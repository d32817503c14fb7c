"""Connecting an LMS: it registers itself behind a one-time link, or somebody types what ``/lti/config`` says."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from flask import Blueprint, g, jsonify, request, send_file
from werkzeug.wrappers import Response

from lms_tool.errors import Text
from lms_tool.lti import registration
from lms_tool.lti.login import LAUNCH_PATH
from lms_tool.lti.manifest import (
    ICON_PATH,
    JWKS_PATH,
    LOGIN_PATH,
    canvas_configuration,
    registration_request,
)
from lms_tool.lti.registration_errors import (
    RegistrationInviteInvalid,
    RegistrationUrlMissing,
    RegistrationUrlNotAllowed,
)
from lms_tool.lti.registration_urls import check_form
from lms_tool.lti.request_errors import DuplicateParameter
from lms_tool.models import Status
from lms_tool.services import invitations, products
from lms_tool.services.invitations import Invited
from lms_tool.services.products import Product
from lms_tool.services.registrar import Look, Registrar, manifest
from lms_tool.web import security
from lms_tool.web.admin.session import language
from lms_tool.web.context import correlation_id, may_be_framed_by, runtime
from lms_tool.web.pages import ConfigPage, ConfigValue, RegisterDonePage, RegisterPreviewPage
from lms_tool.web.respond import show

blueprint = Blueprint("register", __name__, url_prefix="/lti")

ICON: Final = Path(__file__).parent / "static" / "icon.png"
ICON_AGE: Final = 24 * 3600
URL, TOKEN = "openid_configuration", "registration_token"

# What the short names of scopes mean to whoever decides; several may mean the same.
GRANTS: Final[tuple[tuple[frozenset[str], Text], ...]] = (
    (
        frozenset({"score", "result.readonly"}),
        Text("Noten in das LMS schreiben und dort nachlesen", "Write grades to the LMS and read them there"),
    ),
    (
        frozenset({"lineitem", "lineitem.readonly"}),
        Text("Bewertungsspalten für eigene Aktivitäten anlegen", "Make grade columns for its own activities"),
    ),
    (
        frozenset({"contextmembership.readonly"}),
        Text("Lesen, wer an einem Kurs teilnimmt", "Read who takes part in a course"),
    ),
    (
        frozenset({"noticehandlers"}),
        Text("Erfahren, wenn ein Kurs kopiert wird", "Hear when a course is copied"),
    ),
)
ALWAYS: Final = (
    Text(
        "Aktivitäten in Kursen öffnen und zur Auswahl anbieten",
        "Open activities in courses and offer them for choice",
    ),
    Text(
        "Namen derer sehen, die eine Aktivität öffnen, soweit das LMS sie weitergibt",
        "See the names of those who open an activity, as far as the LMS passes them on",
    ),
)


@blueprint.get("/register", defaults={"code": None}, strict_slashes=False)
@blueprint.get("/register/<code>")
def preview(code: str | None) -> Response:
    """What the administrator of the LMS sees first: who wants to connect and what that allows (§ 3.2)."""
    url, token = _argument(URL), _argument(TOKEN)
    invited = _invited(code, url)
    if not url:
        raise RegistrationUrlMissing
    if request.method == "HEAD":
        return Response()
    registration.check_token(token)
    look = _registrar().look(invited, url)
    fields = ((URL, url), (TOKEN, token))
    return show(
        RegisterPreviewPage(
            action_url=request.path,
            fields=tuple((name, value) for name, value in fields if value is not None),
            host=look.address.netloc,
            product=products.label(look.platform.product, look.platform.authorization_endpoint),
            issuer=look.platform.issuer,
            tenant_name=invited.tenant_name,
            grants=(*ALWAYS, *(text for scopes, text in GRANTS if scopes & set(look.asked))),
            missing=tuple(text for scopes, text in GRANTS[:3] if not scopes & set(look.asked)),
            known=tuple(dict.fromkeys(one.name or look.platform.issuer for one in look.known)),
            is_moodle=_is_moodle(look),
        ),
        language=language(),
    )


@blueprint.post("/register", defaults={"code": None}, strict_slashes=False)
@blueprint.post("/register/<code>")
def agree(code: str | None) -> Response:
    """The button: ask the LMS, store its answer, and tell it to close the frame (§ 3.4, § 3.6)."""
    security.require_same_site()
    tool = runtime()
    url, token, name = (security.single(field) for field in (URL, TOKEN, "name"))
    invited = _invited(code, url)
    if not url:
        raise RegistrationUrlMissing
    stored, look = _registrar().register(
        invited, url, token or None, name or "", tool.clock(), correlation_id()
    )
    return show(
        RegisterDonePage(
            host=look.address.netloc,
            pending=stored.status == Status.PENDING,
            updated=stored.updated,
            is_moodle=_is_moodle(look),
        ),
        language=language(),
    )


@blueprint.get("/config")
def config() -> Response:
    """All addresses to type by hand; as JSON for programs (``?format=json``, or by Accept)."""
    wanted = request.accept_mimetypes
    if request.args.get("format") == "json" or wanted["application/json"] > wanted["text/html"]:
        return config_json()
    base, own = runtime().settings.base_url, manifest()
    values = (
        (Text("Ziel", "Target"), LAUNCH_PATH, "Tool URL, Target Link URI, Launch URL, Deep Linking URL"),
        (
            Text("Anmeldung", "Login"),
            LOGIN_PATH,
            "Initiate Login URL, OIDC Login, OpenID Connect Initiation URL",
        ),
        (Text("Weiterleitung", "Redirect"), LAUNCH_PATH, "Redirect URI, Redirection URI(s)"),
        (Text("Schlüsselsatz", "Key set"), JWKS_PATH, "JWKS, Public Keyset URL, Public JWK URL"),
        (Text("Symbol", "Icon"), ICON_PATH, "Icon URL, Logo"),
    )
    files = (
        (Text("Alle Angaben als JSON", "Everything as JSON"), "/lti/config.json"),
        (
            Text("Für Canvas (Developer Key, Enter URL)", "For Canvas (developer key, enter URL)"),
            "/lti/config/canvas.json",
        ),
    )
    return show(
        ConfigPage(
            values=tuple(
                ConfigValue(label=label, value=base + path, names=names) for label, path, names in values
            ),
            scopes=(
                ConfigValue(label=Text("Dienste (Scopes)", "Services (scopes)"), value=" ".join(own.scopes)),
                ConfigValue(
                    label=Text("Angaben zu Personen (Claims)", "About people (claims)"),
                    value=" ".join(own.claims),
                ),
            ),
            custom="\n".join(f"{name}={value}" for name, value in own.custom.items()),
            files=tuple(ConfigValue(label=label, value=base + path) for label, path in files),
        ),
        language=language(),
    )


@blueprint.get("/config.json")
def config_json() -> Response:
    return jsonify(registration_request(manifest(), runtime().settings.base_url))


@blueprint.get("/config/canvas.json")
def config_canvas() -> Response:
    return jsonify(canvas_configuration(manifest(), runtime().settings.base_url))


@blueprint.get("/icon.png")
def icon() -> Response:
    """Shown by LMSs beside our activities."""
    answer = send_file(ICON, mimetype="image/png", max_age=ICON_AGE)
    answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return answer


def _registrar() -> Registrar:
    tool = runtime()
    return Registrar(tool.database, tool.client, tool.public_client, tool.settings.base_url)


def _invited(code: str | None, url: str | None) -> Invited:
    """The invitation in the address, before anything else happens; its LMS may show what we answer.

    Raises RegistrationInviteInvalid.
    """
    tool = runtime()
    with tool.database.read() as db:
        try:
            found = invitations.find(db, code, tool.clock())
        except RegistrationInviteInvalid:
            if invitations.was_made(
                db, code
            ):  # somebody has it from us: they should read what is wrong with it
                _may_be_framed_by_lms(url)
            raise
    _may_be_framed_by_lms(url)
    g.tenant_id = found.tenant_id  # they will ask why it did not work
    return found


def _may_be_framed_by_lms(url: str | None) -> None:
    try:
        address = check_form(url)
    except RegistrationUrlNotAllowed:
        return
    may_be_framed_by(f"{address.scheme}://{address.netloc}")


def _argument(name: str) -> str | None:
    """A query parameter that may be given once. Raises DuplicateParameter."""
    values = request.args.getlist(name)
    if len(values) > 1:
        raise DuplicateParameter(parameter=name)
    return values[0] if values else None


def _is_moodle(look: Look) -> bool:
    return products.product_of(look.platform.product, look.platform.authorization_endpoint) is Product.MOODLE
