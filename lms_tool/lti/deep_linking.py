"""Deep linking 2.0: what the platform accepts, the items we offer for its course, and our signed answer.

Ours are ``ltiResourceLink`` items. Where a platform takes nothing but ``link``, the same addresses go out as links.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

import jwt

from lms_tool.errors import Text
from lms_tool.lti import claims as c
from lms_tool.lti.errors import LMS_ADMIN, LtiError
from lms_tool.lti.history import CONTEXT_HISTORY, LINK_HISTORY
from lms_tool.lti.keys import ToolKey, private_key
from lms_tool.lti.login import LAUNCH_PATH, plain_text
from lms_tool.lti.token_errors import ClaimInvalid, ClaimMissing

RESOURCE_LINK: Final = "ltiResourceLink"
LINK: Final = "link"
TARGETS: Final = ("iframe", "window")  # what an item of ours can ask for
RESPONSE: Final = "LtiDeepLinkingResponse"
RESPONSE_LIFETIME: Final = 300  # seconds from now
RESPONSE_BACKDATE: Final = 5  # seconds: a platform's clock may be a little behind ours
MAX_ITEMS: Final = 100  # in one answer
MAX_TITLE: Final = 255  # characters; what Moodle's name field holds
MAX_TEXT: Final = 2000
SCORE_MAXIMUM: Final = 100  # Moodle takes integers from 1 to 100 only
UNGRADED: Final = "none"  # the custom parameter ``report`` of what wants no column
LINE_ITEM_TAG: Final = "grade"  # the purpose of the column; with the resource id it finds the column again
FRAME_HEIGHT: Final = 720  # pixels; the width is the platform's own

_HOST = re.compile(r"[A-Za-z0-9._-]+(?::\d{1,5})?|\[[0-9a-fA-F:.]+\](?::\d{1,5})?")


class DeepLinkTypeNotAccepted(LtiError):
    """The platform takes neither LTI links nor plain links here (DL 4.4.1, ``accept_types``)."""

    code, status = "deep_link_type_not_accepted", 400
    text = Text(
        "Ihr LMS nimmt an dieser Stelle keine Inhalte an, wie wir sie anbieten.",
        "At this place your LMS does not accept content of the kind that we offer.",
    )
    remedy = LMS_ADMIN


class DeepLinkTooManyItems(LtiError):
    """More than the platform takes at once (DL 4.4.1, ``accept_multiple``), or more than we send at once."""

    code, status = "deep_link_too_many_items", 400
    text = Text(
        "Es sind mehr Inhalte ausgewählt, als Ihr LMS auf einmal annimmt. In Ihrem Kurs hat sich nichts geändert.",
        "More items are chosen than your LMS accepts at once. Nothing has changed in your course.",
    )
    remedy = Text(
        "Bitte gehen Sie eine Seite zurück und wählen Sie weniger Inhalte aus.",
        "Please go back one page and choose fewer items.",
    )


class DeepLinkExpired(LtiError):
    """The selection was open for too long, or it has been sent off already."""

    code, status = "deep_link_expired", 401
    text = Text(
        "Diese Auswahl ist beendet. An Ihr LMS wurde jetzt nichts geschickt.",
        "This choice is over. Nothing has been sent to your LMS now.",
    )
    remedy = Text(
        "Bitte neu starten: Öffnen Sie die Auswahl der Inhalte noch einmal aus Ihrem LMS-Kurs.",
        "Please start again: open the choice of content once more from your LMS course.",
    )


@dataclass(frozen=True, slots=True)
class DeepLinkingSettings:
    """What the platform accepts (DL 4.4.1), as understood.

    ``return_url`` may hold a session key of the platform: it is never logged. ``data`` is the platform's own and goes
    back unchanged; ``has_data`` tells an empty one from none.
    """

    return_url: str
    kind: str  # of the items to offer: ltiResourceLink, or link where that is all the platform takes
    multiple: bool
    line_items: bool  # columns that items bring along are made
    auto_create: bool  # items are kept at once, without a form to be saved
    targets: tuple[str, ...]  # of TARGETS, those the platform accepts
    has_data: bool = False
    data: Any = None

    def stored(self) -> dict[str, Any]:
        """As JSON for the time the person takes to choose."""
        return {**asdict(self), "targets": list(self.targets)}

    @classmethod
    def restored(cls, stored: dict[str, Any]) -> DeepLinkingSettings:
        return cls(**{**stored, "targets": tuple(stored["targets"])})


def read_settings(claims: c.Claims, allow_http: c.AllowHttp) -> DeepLinkingSettings:
    """The request's ``deep_linking_settings``, tolerant in everything that does not decide where the answer goes.

    Raises ClaimMissing, ClaimInvalid (``deep_link_return_url``), DeepLinkTypeNotAccepted.
    """
    given = claims.get(c.DEEP_LINKING_SETTINGS)
    if not isinstance(given, dict):
        raise ClaimMissing("deep_linking_settings")
    return_url = c.service_url(given.get("deep_link_return_url"), allow_http)
    # Its origin goes into a header of ours, where nothing but a plain host name may stand.
    if return_url is None or not _HOST.fullmatch(urlsplit(return_url).netloc):
        raise ClaimInvalid("deep_link_return_url")
    accepted = _texts(given.get("accept_types"))
    kind = next((kind for kind in (RESOURCE_LINK, LINK) if kind in accepted), None)
    if kind is None:
        raise DeepLinkTypeNotAccepted(accepts=", ".join(accepted)[:200])
    targets = _texts(given.get("accept_presentation_document_targets"))
    return DeepLinkingSettings(
        return_url,
        kind,
        # Without a word about it, one item is what every platform takes.
        multiple=_flag(given.get("accept_multiple"), False),
        line_items=_flag(given.get("accept_lineitem"), True),
        auto_create=_flag(given.get("auto_create"), False),
        targets=tuple(one for one in TARGETS if one in targets) if targets else TARGETS,
        has_data=given.get("data") is not None,
        data=given.get("data"),
    )


@dataclass(frozen=True, slots=True)
class Content:
    """Something to place: a course, one module of it, or one activity."""

    placement_id: str
    course_id: str
    module_id: str | None
    activity_id: str | None
    title: str
    text: str = ""  # plain
    report: str = "completion"
    graded: bool = True
    target: str | None = None  # of TARGETS
    custom: dict[str, str] = field(default_factory=dict)  # besides the ids

    @property
    def ids(self) -> dict[str, str]:
        named = {"course": self.course_id, "module": self.module_id, "activity": self.activity_id}
        return {name: value for name, value in named.items() if value}

    @property
    def resource_id(self) -> str:
        """What the column is about, in our words (AGS 3.1, ``resourceId``)."""
        return self.activity_id or self.module_id or self.course_id


# Variables the platform fills at each launch: where a copied course or activity came from.
HISTORY: Final = {CONTEXT_HISTORY: "$Context.id.history", LINK_HISTORY: "$ResourceLink.id.history"}


def content_item(
    content: Content, settings: DeepLinkingSettings, base_url: str, icon_url: str = ""
) -> dict[str, Any]:
    """One entry of ``content_items`` (DL 3.1, 3.2). ``icon_url``: a square picture of ours, if there is one."""
    url = target_url(base_url, content)
    item: dict[str, Any] = {
        "type": settings.kind,
        "title": plain_text(content.title, MAX_TITLE),
        "url": url,
    }
    if text := _harmless(content.text):
        item["text"] = text
    if icon_url:
        item["icon"] = {"url": icon_url, "width": 50, "height": 50}
    if settings.kind == LINK:
        return item
    item["custom"] = {
        **{f"{name}_id": value for name, value in content.ids.items()},
        "placement_id": content.placement_id,
        "report": content.report if content.graded else UNGRADED,
        **HISTORY,
        **content.custom,
    }
    if content.graded and settings.line_items:
        item["lineItem"] = {
            "scoreMaximum": SCORE_MAXIMUM,
            "label": item["title"],
            "resourceId": content.resource_id,
            "tag": LINE_ITEM_TAG,
            # Submission Review 1.0: opens the person's work from the gradebook
            "submissionReview": {
                "reviewableStatus": ["InProgress", "Submitted", "Completed"],
                "url": url,
            },
        }
    if content.target in settings.targets:
        shape = {"iframe": {"height": FRAME_HEIGHT}, "window": {"targetName": "_blank"}}
        item[content.target] = shape[content.target]
    return item


def target_url(base_url: str, content: Content) -> str:
    """The address that opens it, as ``login.check_target`` reads it."""
    return f"{base_url}{LAUNCH_PATH}?{urlencode(content.ids)}"


def response(
    key: ToolKey,
    client_id: str,
    issuer: str,
    deployment_id: str,
    settings: DeepLinkingSettings,
    items: Sequence[dict[str, Any]],
    now: int,
    nonce: str,
) -> str:
    """The JWT to post to ``return_url`` (DL 4.5). Without ``items``: the person has cancelled.

    ``now`` is in Unix seconds, ``nonce`` must be new each time.

    Raises DeepLinkTooManyItems.
    """
    if len(items) > (MAX_ITEMS if settings.multiple else 1):
        raise DeepLinkTooManyItems(items=len(items))
    claims: dict[str, Any] = {
        "iss": client_id,
        "aud": issuer,
        "iat": now - RESPONSE_BACKDATE,
        "exp": now + RESPONSE_LIFETIME,
        "nonce": nonce,
        c.DEPLOYMENT_ID: deployment_id,
        c.MESSAGE_TYPE: RESPONSE,
        c.VERSION: "1.3.0",
        c.CONTENT_ITEMS: list(items),
    }
    if settings.has_data:
        claims[c.DEEP_LINKING_DATA] = settings.data
    return jwt.encode(claims, private_key(key.private_pem), algorithm="RS256", headers={"kid": key.kid})


def _texts(value: object) -> tuple[str, ...]:
    """A list of texts; a single text, also with commas in it, counts as a list (as LTI 1.1 wrote it)."""
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return tuple(one for one in value if isinstance(one, str)) if isinstance(value, list) else ()


def _flag(value: object, default: bool) -> bool:
    """A boolean, also where a platform sends it as text."""
    if isinstance(value, str):
        return {"true": True, "1": True, "false": False, "0": False}.get(value.strip().lower(), default)
    return value if isinstance(value, bool) else default


def _harmless(text: str) -> str:
    """Plain text without angle brackets: Moodle shows it as it is for several items, and as HTML for one."""
    return plain_text(" ".join(text.split()), MAX_TEXT).replace("<", "‹").replace(">", "›")
