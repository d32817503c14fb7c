"""Asking the LMS: each probe makes its requests and says what came of it. Touches the database only for tokens."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from lms_tool.http import AddressNotAllowed, Client, OutgoingError, Response, TooLarge
from lms_tool.lti import keys
from lms_tool.lti.claims import (
    SCOPE_LINEITEM,
    SCOPE_LINEITEM_READONLY,
    SCOPE_MEMBERSHIP_READONLY,
    SCOPE_RESULT_READONLY,
    SCOPE_SCORE,
)
from lms_tool.lti.service import ServiceError, TokenAnswerInvalid, TokenRefused
from lms_tool.lti.token_errors import PlatformKeysUnavailable
from lms_tool.services.platforms import Registered
from lms_tool.services.selftest.check import Check, Value
from lms_tool.services.selftest.facts import Members
from lms_tool.services.selftest.frames import allows_frame
from lms_tool.services.selftest.kinds import Name
from lms_tool.services.tokens import Tokens

WANTED = (
    SCOPE_SCORE,
    SCOPE_RESULT_READONLY,
    SCOPE_LINEITEM_READONLY,
    SCOPE_LINEITEM,
    SCOPE_MEMBERSHIP_READONLY,
)
# Making columns is a comfort: where an LMS makes them itself it may well keep that to itself.
OPTIONAL = frozenset({SCOPE_LINEITEM})
MEMBERS_TYPE = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"
COLUMNS_TYPE = "application/vnd.ims.lis.v2.lineitemcontainer+json"
CLOCKS_AGREE = (
    5.0  # seconds: our assertions say they were made that much earlier (lti.service.ASSERTION_BACKDATE)
)
CLOCKS_LIMIT = 60.0  # seconds: lti.launch.LEEWAY
PATIENCE = 10.0  # seconds for one answer
MAX_LIST = 1024 * 1024

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Probes:
    """``client`` may speak to the trusted networks, ``public`` only to the internet (see services.postings)."""

    client: Client
    public: Client
    tokens: Tokens
    clock: Clock
    timer: Callable[[], float]  # seconds, monotonic

    def keys(self, platform: Registered) -> tuple[Check, Check]:
        """The key set, and what the answer says about the clock there."""
        began, asked = self.timer(), self.clock()
        try:
            answer = self.client.get(platform.jwks_url, accept="application/json", total_timeout=PATIENCE)
        except OutgoingError as error:
            return _unreachable(Name.KEYS, error, platform.jwks_url), Check(Name.CLOCK, "skipped")
        millis, answered = self._millis(began), self.clock()
        clock = _compare(answer.headers.get("date"), answer.headers.get("age"), asked, answered)
        if answer.status != 200:
            return Check(Name.KEYS, "keys_status", {"status": answer.status}, millis), clock
        try:
            usable = keys.parse_key_set(answer.body).usable
        except PlatformKeysUnavailable:
            return Check(Name.KEYS, "keys_unreadable", {}, millis), clock
        return Check(
            Name.KEYS, "keys_loaded" if usable else "keys_unusable", {"count": usable}, millis
        ), clock

    def tokens_for(self, platform: Registered, jwks: str) -> tuple[Check, frozenset[str]]:
        """A fresh token for each service; and which were issued. ``jwks``: our key set's address, for the remedy."""
        granted: list[str] = []
        refusal: TokenRefused | None = None
        began, asked = self.timer(), 0
        for scope in WANTED:
            if asked and self.timer() - began > PATIENCE:  # somebody waits for this page
                break
            asked += 1
            wanted = frozenset({scope})
            self.tokens.drop(platform, wanted)
            try:
                self.tokens.get(platform, wanted, self.clock())
                granted.append(scope)
            except OutgoingError as error:
                return _unreachable(Name.TOKEN, error, platform.token_url), frozenset(granted)
            except TokenRefused as error:
                refusal = refusal or error
                if error.details.get("answered") == 404:
                    break  # no scope is at fault where there is nobody to ask
            except TokenAnswerInvalid:
                return Check(Name.TOKEN, "token_unreadable"), frozenset(granted)
            except ServiceError as error:
                status = int(error.details.get("answered") or 0)
                return Check(Name.TOKEN, "token_busy", {"status": status}), frozenset(granted)
        millis = self._millis(began) // asked
        if granted and asked < len(WANTED):
            return Check(Name.TOKEN, "token_slow", {}, millis), frozenset(granted)
        return _told(granted, refusal, jwks, millis), frozenset(granted)

    def members(self, platform: Registered, members: Members) -> Check:
        """Whether the list of one course can be read; asks for one person only."""
        url = _with(members.url, "limit=1")
        name, prefix = Name.MEMBERS, "members"
        course = {"course": members.course or "–"}
        try:
            answer = self._get(platform, url, MEMBERS_TYPE, SCOPE_MEMBERSHIP_READONLY)
        except TooLarge:
            answer = None  # it ignores the limit and sends everybody: readable, then
        except (OutgoingError, ServiceError) as error:
            return _failed(name, prefix, error, url)
        if answer is not None:
            if answer.status != 200:
                return _status(name, prefix, answer.status)
            found = _json(answer)
            if not isinstance(found, dict) or not isinstance(found.get("members"), list):
                return Check(name, f"{prefix}_unreadable")
        if members.count is None:
            return Check(name, "members_readable", course)
        return Check(name, "members_known", {**course, "count": members.count})

    def columns(self, platform: Registered, url: str, granted: frozenset[str]) -> Check:
        """Whether the grade columns of one course can be read."""
        name, prefix = Name.LINE_ITEMS, "line_items"
        scope = SCOPE_LINEITEM_READONLY if SCOPE_LINEITEM_READONLY in granted else SCOPE_LINEITEM
        try:
            answer = self._get(platform, url, COLUMNS_TYPE, scope)
        except (OutgoingError, ServiceError) as error:
            return _failed(name, prefix, error, url)
        if answer.status != 200:
            return _status(name, prefix, answer.status)
        found = _json(answer)
        if not isinstance(found, list):
            return Check(name, f"{prefix}_unreadable")
        return Check(name, "line_items_readable", {"count": len(found)})

    def frame_forbidden(self, platform: Registered, page: str, ours: str) -> bool:
        """Whether the start page of the LMS forbids our origin in its frames; False where it does not answer."""
        try:
            answer = self._client_for(platform, page).get(
                f"{page}/", accept="text/html", max_bytes=MAX_LIST, total_timeout=PATIENCE
            )
        except OutgoingError:
            return False
        return not allows_frame(answer.headers.get("content-security-policy"), ours, page)

    def _get(self, platform: Registered, url: str, accept: str, scope: str) -> Response:
        token = self.tokens.get(platform, frozenset({scope}), self.clock())
        return self._client_for(platform, url).get(
            url,
            accept=accept,
            max_bytes=MAX_LIST,
            total_timeout=PATIENCE,
            headers={"Authorization": f"Bearer {token}"},
        )

    def _client_for(self, platform: Registered, url: str) -> Client:
        return self.client if urlsplit(url).hostname in platform.hosts else self.public

    def _millis(self, began: float) -> int:
        return max(0, round((self.timer() - began) * 1000))


def short(scope: str) -> str:
    """``score`` for ``https://purl.imsglobal.org/spec/lti-ags/scope/score``."""
    return scope.rsplit("/", 1)[-1]


def _told(granted: list[str], refusal: TokenRefused | None, jwks: str, millis: int) -> Check:
    missing = [scope for scope in WANTED if scope not in granted and scope not in OPTIONAL]
    services: dict[str, Value] = {"services": [short(scope) for scope in granted]}
    if granted and not missing:
        return Check(Name.TOKEN, "token_all", services, millis)
    if granted:
        return Check(
            Name.TOKEN, "token_some", {**services, "missing": [short(scope) for scope in missing]}, millis
        )
    details: dict[str, Any] = refusal.details if refusal is not None else {}
    if details.get("answered") == 404:
        return Check(Name.TOKEN, "token_not_found", {}, millis)
    return Check(
        Name.TOKEN,
        "token_refused",
        {"status": int(details.get("answered") or 200), "error": details.get("error") or "–", "jwks": jwks},
        millis,
    )


def _compare(date: str | None, age: str | None, asked: datetime, answered: datetime) -> Check:
    """Their clock against ours at the middle of the exchange. ``Date`` is cut to whole seconds (RFC 9110 § 6.6.1)."""
    try:
        theirs = parsedate_to_datetime(date or "")
        theirs = theirs if theirs.tzinfo else theirs.replace(tzinfo=UTC)
        theirs += timedelta(seconds=0.5 + (int(age) if age and age.isdigit() and len(age) < 9 else 0))
    except (ValueError, OverflowError):
        return Check(Name.CLOCK, "clock_unknown")
    ahead = (theirs - (asked + (answered - asked) / 2)).total_seconds()
    apart = {"seconds": round(abs(ahead), 1)}
    if abs(ahead) <= CLOCKS_AGREE:
        return Check(Name.CLOCK, "clock_agrees", apart)
    if abs(ahead) > CLOCKS_LIMIT:
        return Check(Name.CLOCK, "clock_wrong", apart)
    return Check(Name.CLOCK, "clock_ahead" if ahead > 0 else "clock_behind", apart)


def _unreachable(name: Name, error: OutgoingError, url: str) -> Check:
    host = urlsplit(url).hostname or url[:100]
    wanted = f"{name.value}_address_not_allowed" if isinstance(error, AddressNotAllowed) else ""
    code = wanted if wanted and name in (Name.KEYS, Name.TOKEN) else f"{name.value}_unreachable"
    return Check(name, code, {"problem": error.code, "host": host})


def _failed(name: Name, prefix: str, error: OutgoingError | ServiceError, url: str) -> Check:
    if isinstance(error, OutgoingError):
        return replace(_unreachable(name, error, url), code=f"{prefix}_unreachable")
    return Check(name, f"{prefix}_refused" if isinstance(error, TokenRefused) else f"{prefix}_unreadable")


def _status(name: Name, prefix: str, status: int) -> Check:
    if status in (401, 403):
        return Check(name, f"{prefix}_refused")
    return Check(name, f"{prefix}_status", {"status": status})


def _json(answer: Response) -> Any:
    try:
        return json.loads(answer.body)
    except (ValueError, RecursionError):
        return None


def _with(url: str, parameter: str) -> str:
    """Every service URL may have a query of its own (Moodle: ``?type_id=1``)."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(query="&".join(filter(None, (parts.query, parameter)))))
