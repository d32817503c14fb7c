"""Names and Role Provisioning Services 2.0: where a roster is read, what an answer says, what a refusal means."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final
from urllib.parse import parse_qsl, quote, unquote_plus, urlsplit, urlunsplit

from lms_tool.errors import Text
from lms_tool.lti.claims import MAX_ID, MAX_TEXT
from lms_tool.lti.errors import LMS_ADMIN
from lms_tool.lti.json_entries import entries
from lms_tool.lti.roles import Role, effective_role
from lms_tool.lti.service import ServiceError, parse_retry_after

MEMBERS_TYPE: Final = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"
PAGE: Final = 1000  # members we ask for at a time; a platform may give fewer, or all
MAX_PAGES: Final = 500
MAX_ROLES: Final = 40  # of one member


class RosterUnreadable(ServiceError):
    code = "roster_unreadable"
    text = Text(
        "Das LMS hat auf die Frage nach den Teilnehmenden etwas Unlesbares geantwortet.",
        "The LMS was asked for the participants and answered something unreadable.",
    )
    remedy = LMS_ADMIN


class RosterTooLarge(ServiceError):
    code = "roster_too_large"
    lasting = True
    text = Text(
        "Die Teilnehmerliste dieses Kurses ist größer, als dieses Lernwerkzeug einliest.",
        "The list of participants of this course is larger than this tool reads.",
    )
    remedy = Text(
        "Wer das Lernwerkzeug betreibt, kann die Grenze anheben (LMS_TOOL_ROSTER_LIMIT).",
        "Whoever runs this tool can raise the limit (LMS_TOOL_ROSTER_LIMIT).",
    )


class RosterForbidden(ServiceError):
    code = "roster_forbidden"
    lasting = True
    text = Text(
        "Das LMS gibt diesem Lernwerkzeug die Teilnehmerliste nicht.",
        "The LMS does not give this tool the list of participants.",
    )
    remedy = Text(
        "Die Person, die das LMS betreut, kann für dieses Werkzeug den Dienst für Namen und Rollen (Names and Role "
        "Provisioning) einschalten. Drücken Sie danach „Jetzt aktualisieren“.",
        "The administrator of the LMS can switch on Names and Role Provisioning for this tool. "
        "Then press “Update now”.",
    )


class RosterGone(ServiceError):
    code = "roster_gone"
    lasting = True
    text = Text(
        "Das LMS kennt die Adresse der Teilnehmerliste nicht mehr, die es uns genannt hat.",
        "The LMS no longer knows the address of the list of participants that it gave us.",
    )
    remedy = Text(
        "Öffnen Sie die Aktivität noch einmal aus dem Kurs und drücken Sie „Jetzt aktualisieren“. Hilft das nicht, "
        "geben Sie diese Meldung der Person weiter, die das LMS betreut.",
        "Open the activity again from your course and press “Update now”. If that does not help, pass this message on "
        "to the person who runs the LMS.",
    )


class RosterBusy(ServiceError):
    """The platform asked for a pause; ``retry_after`` may say how long."""

    code = "roster_busy"
    text = Text(
        "Das LMS ist gerade ausgelastet und hat um eine Pause gebeten.",
        "The LMS is busy right now and asked for a pause.",
    )
    remedy = Text(
        "Die Liste wird danach von selbst aktualisiert.", "The list will be updated by itself afterwards."
    )


class RosterUnavailable(ServiceError):
    code = "roster_unavailable"
    text = Text(
        "Das LMS konnte die Teilnehmerliste gerade nicht liefern.",
        "The LMS could not deliver the list of participants right now.",
    )
    remedy = Text("Wir versuchen es später von selbst noch einmal.", "We will try again later by ourselves.")


class MemberStatus(StrEnum):
    """NRPS 2.0 section 2.2."""

    ACTIVE = "active"
    INACTIVE = "inactive"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class Member:
    """One member of a context. Names are the platform's, or absent; they are shown escaped."""

    user_id: str
    roles: tuple[str, ...] = ()
    status: MemberStatus = MemberStatus.ACTIVE
    name: str | None = None
    given_name: str | None = None
    family_name: str | None = None

    @property
    def role(self) -> Role:
        return effective_role(self.roles)


@dataclass(slots=True)
class Gathering:
    """Members as page after page brings them, each once; at most ``limit``.

    ``wanted_role`` is the role filter of the request: platforms forget it on the second page (NR-17).
    """

    limit: int
    wanted_role: str | None = None
    members: dict[str, Member] = field(default_factory=dict)
    skipped: int = 0  # entries that were no members

    def add(self, body: bytes) -> None:
        """Take in one page. Raises RosterUnreadable, RosterTooLarge; what was taken in before then stays."""
        try:
            for entry in entries(body.decode("utf-8-sig"), "members"):
                self._take(entry)
        except (ValueError, RecursionError):
            raise RosterUnreadable from None

    def _take(self, entry: object) -> None:
        member = read_member(entry)
        if member is None:
            self.skipped += 1
            return
        if self.wanted_role is not None and self.wanted_role not in map(_short, member.roles):
            return
        known = self.members.get(member.user_id)
        if known is None and len(self.members) >= self.limit:
            raise RosterTooLarge(limit=self.limit)
        self.members[member.user_id] = member if known is None else _merged(known, member)


def members_url(url: str, limit: int = PAGE) -> str:
    """Where to begin: the launch's address, with our ``limit`` in place of its own; the rest stays as it is (NR-03)."""
    parts = urlsplit(url)
    kept = [p for p in parts.query.split("&") if p and unquote_plus(p.partition("=")[0]) != "limit"]
    query = "&".join([*kept, f"limit={quote(str(limit))}"])
    return urlunsplit((parts.scheme, parts.netloc, parts.path, query, ""))


def role_filter(url: str) -> str | None:
    """The role that ``url`` asks for, as a short name in lower case; None: everybody (NRPS 2.0 section 2.4.1)."""
    roles = [value for name, value in parse_qsl(urlsplit(url).query) if name == "role"]
    return _short(roles[0]) if roles else None


def check_answer(status: int, headers: Mapping[str, str], now: int) -> None:
    """Raises what an answer other than a success means; ``now`` in Unix seconds, headers are looked up in lower case.

    A 401 is RosterForbidden, too: whether the token was only old is the caller's to find out.
    """
    if 200 <= status < 300:
        return
    if status in (401, 403):
        raise RosterForbidden(answered=status)
    if status in (404, 410):
        raise RosterGone(answered=status)
    pause = parse_retry_after(headers.get("retry-after"), now)
    if status == 429 or (status == 503 and pause is not None):
        raise RosterBusy(answered=status, retry_after=pause)
    raise RosterUnavailable(answered=status)


def read_member(entry: object) -> Member | None:
    """One entry of the list, leniently; None where nobody can be told from it (NR-15)."""
    if not isinstance(entry, dict):
        return None
    user_id = entry.get("user_id")
    if isinstance(user_id, int) and not isinstance(user_id, bool):
        user_id = str(user_id)
    if not isinstance(user_id, str) or not 0 < len(user_id) <= MAX_ID or _NO_TEXT.search(user_id):
        return None
    roles = entry.get("roles")
    found = [roles] if isinstance(roles, str) else roles if isinstance(roles, list) else []
    return Member(
        user_id,
        tuple(_roles(found)),
        _status(entry.get("status")),
        *(_text(entry.get(name)) for name in ("name", "given_name", "family_name")),
    )


def _merged(one: Member, other: Member) -> Member:
    """The same person twice, for two roles or on two pages (NR-12). Who is active in one of them is active."""
    active = MemberStatus.ACTIVE in (one.status, other.status)
    return replace(
        one,
        roles=tuple(_roles((*one.roles, *other.roles))),
        status=MemberStatus.ACTIVE if active else one.status,
        name=one.name or other.name,
        given_name=one.given_name or other.given_name,
        family_name=one.family_name or other.family_name,
    )


# Neither database nor page can hold these; surrogates cannot even be encoded.
_NO_TEXT = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")


def _text(value: object) -> str | None:
    """A name as it can be kept: without control characters, cut; None where nothing is left."""
    return _NO_TEXT.sub("", value).strip()[:MAX_TEXT] or None if isinstance(value, str) else None


def _roles(values: Iterable[object]) -> list[str]:
    fit = (v for v in values if isinstance(v, str) and len(v) <= MAX_ID and not _NO_TEXT.search(v))
    return list(dict.fromkeys(fit))[:MAX_ROLES]


def _short(role: str) -> str:
    """``Learner`` and its URI are the same role (NR-11)."""
    return role.rpartition("#")[2].lower()


def _status(value: object) -> MemberStatus:
    """Absent means Active; a word we do not know says nothing against it."""
    word = _short(value) if isinstance(value, str) else ""
    return MemberStatus(word) if word in set(MemberStatus) else MemberStatus.ACTIVE
