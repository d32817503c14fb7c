"""A teacher's content selection: the deep linking launch, the picker, and what comes back to the platform."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from . import claims as c
from .browser import Browser, Response
from .crypto import read_assertion
from .page import Element, Page
from .visit import Registration, Visit

if TYPE_CHECKING:
    from .bed import Bed

DL = "https://purl.imsglobal.org/spec/lti-dl/claim/"
SETTINGS = DL + "deep_linking_settings"
RETURN = "https://p1.example/mod/lti/contentitem_return.php?course=2&id=1&sesskey=OrKP7CqnlW"

WHOLE = "pruefkurs"
MODULE = "pruefkurs/erstes-modul"
SECOND = "pruefkurs/zweites-modul"
LESSON = "pruefkurs/erstes-modul/erste-lektion"
QUIZ = "pruefkurs/erstes-modul/erster-test"


def settings(**changes: Any) -> c.Change:
    """A deep linking request as Moodle makes it, by a teacher; ``...`` leaves a setting out."""
    given: dict[str, Any] = {
        "accept_types": ["ltiResourceLink"],
        "accept_presentation_document_targets": ["frame", "iframe", "window"],
        "accept_copy_advice": False,
        "accept_multiple": True,
        "accept_unsigned": False,
        "auto_create": False,
        "can_confirm": False,
        "deep_link_return_url": RETURN,
        "title": "Lernwerkzeug",
        "text": "",
    }
    kept = {name: value for name, value in (given | changes).items() if value is not ...}

    def change(token: c.Claims) -> None:
        token.pop(c.CLAIM + "resource_link", None)
        token[c.CLAIM + "message_type"] = "LtiDeepLinkingRequest"
        token[c.CLAIM + "roles"] = [c.INSTRUCTOR]
        token[SETTINGS] = kept

    return change


@dataclass
class Picking:
    """One open picker."""

    visit: Visit
    path: str  # of the picker page
    page: Page

    @property
    def browser(self) -> Browser:
        return self.visit.browser

    def form(self) -> Element:
        return self.page.form_to("/select")

    def fields(self, *keys: str, **settings_of_first: str) -> list[tuple[str, str]]:
        """The form as a browser without script sends it, with these ticked; ``report=…`` changes the first's."""
        fields = [("item", key) for key in keys]
        for field in self.form().inside:
            name = field.attrs.get("name", "")
            if name and name != "item":
                setting, _, key = name.partition(":")
                changed = settings_of_first.get(setting) if key == keys[0] else None
                fields.append((name, _value(field) if changed is None else changed))
        return fields

    def send(self, *keys: str, **settings_of_first: str) -> Response:
        return self.post(self.fields(*keys, **settings_of_first))

    def post(self, fields: list[tuple[str, str]], *, browser: Browser | None = None, **more: Any) -> Response:
        return (browser or self.browser).post(self.form().attrs["action"], fields, **more)

    def cancel(self) -> Response:
        return self.browser.post(self.page.form_to("/cancel").attrs["action"], [])


def _value(field: Element) -> str:
    if field.tag != "select":
        return field.attrs.get("value", "")
    options = [one for one in field.inside if one.tag == "option"]
    return next((one for one in options if "selected" in one.attrs), options[0]).attrs["value"]


def ask(bed: Bed, *changes: c.Change, at: Registration | None = None, **more: Any) -> tuple[Visit, Response]:
    """A deep linking launch, whatever comes of it."""
    visit = bed.visit(at, **more)
    return visit, visit.launch(settings(), *changes)


def pick(bed: Bed, *changes: c.Change, at: Registration | None = None, **more: Any) -> Picking:
    """A picker that must open."""
    return opened(*ask(bed, *changes, at=at, **more))


def opened(visit: Visit, answer: Response) -> Picking:
    assert answer.status == 303, f"{answer.status} {answer.error} {answer.body[:300]!r}"
    path = urlsplit(answer.location).path
    assert path.startswith("/k/"), path
    shown = visit.browser.follow(answer, site="cross-site")
    assert shown.status == 200, f"{shown.status} {shown.error}"
    return Picking(visit, path, Page(shown.text))


@dataclass
class Sent:
    """What the browser posts to the platform."""

    url: str
    token: str
    header: dict[str, Any]
    claims: dict[str, Any]
    response: Response

    @property
    def items(self) -> list[dict[str, Any]]:
        found = self.claims[DL + "content_items"]
        assert isinstance(found, list)
        return found


def handed_over(bed: Bed, response: Response) -> Sent:
    """The form that goes to the platform; its JWT must be signed by a key the tool publishes."""
    assert response.status == 200, f"{response.status} {response.error} {response.body[:300]!r}"
    (form,) = Page(response.text).all("form", method="post")
    fields = {one.attrs["name"]: one.attrs["value"] for one in form.inside if one.attrs.get("name")}
    assert set(fields) == {"JWT"}, list(fields)
    header, claims = read_assertion(fields["JWT"], bed.visit().browser.get("/lti/jwks").json)
    return Sent(form.attrs["action"], fields["JWT"], header, claims, response)
