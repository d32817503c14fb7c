"""The roster of the fake platform (NRPS 2.0): pages by Moodle's rules, or as a test says."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from .exchange import Answer, Request

if TYPE_CHECKING:
    from .fake_platform import FakePlatform

PATH = "/services/2/memberships"
MEMBERS = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"
MEMBERS_TYPE = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"


def member(user_id: str, *roles: str, name: str = "", **more: Any) -> dict[str, Any]:
    given, _, family = name.partition(" ")
    names = {"name": name, "given_name": given, "family_name": family} if name else {}
    return {"status": "Active", "roles": list(roles or ("Learner",)), "user_id": user_id} | names | more


class MemberList:
    """``page_size`` 0: all at once, unless a limit is asked for. ``script``: said first, None being the honest answer.

    ``next_url`` makes the address of the next page; ``forgets_role``: the filter is not kept on further pages.
    """

    def __init__(self, platform: FakePlatform) -> None:
        self._platform = platform
        self.members: list[Any] = []
        self.changed: list[Any] | None = None  # what the differences address says; None: there is none
        self.page_size = 0
        self.script: list[Answer | None] = []
        self.always: Answer | None = None
        self.content_type = MEMBERS_TYPE
        self.forgets_role = False
        self.next_url: Callable[[str], str] = lambda url: url

    @property
    def url(self) -> str:
        return f"{self._platform.url}{PATH}"

    @property
    def asked(self) -> list[Request]:
        """Requests for members and for differences, oldest first."""
        return [r for r in list(self._platform.requests) if r.path.startswith(PATH)]

    def answer(self, request: Request) -> Answer:
        scripted = self.script.pop(0) if self.script else self.always
        if scripted is not None:
            return scripted
        if not self._platform._permits(request, MEMBERS):
            return Answer(401, b"[]")
        if request.headers.get("accept") not in (MEMBERS_TYPE, "*/*"):
            return Answer(400, b"[]")
        if request.path.endswith("/differences"):
            link = f'<{self.url}/differences?since={len(self.asked)}>; rel="differences"'
            return self._page(self.changed or [], [link])
        query = {name: values[0] for name, values in request.query.items()}
        start, people = int(query.get("from", 0)), self.members
        role = "" if start and self.forgets_role else query.get("role", "").rpartition("#")[2]
        if role:
            people = [one for one in people if role in [r.rpartition("#")[2] for r in one["roles"]]]
        size = min(self.page_size or len(people) or 1, int(query.get("limit", 10**9)))
        links = []
        if start + size < len(people):
            following = f"{self.url}?{urlencode(query | {'from': start + size})}"
            links.append(f'<{self.next_url(following)}>; rel="next"')
        elif self.changed is not None:
            links.append(f'<{self.url}/differences?since=0>; rel="differences"')
        return self._page(people[start : start + size], links)

    def _page(self, members: list[Any], links: list[str]) -> Answer:
        headers = {"Content-Type": f"{self.content_type}; charset=utf-8"}
        if links:
            headers["Link"] = ", ".join(links)
        return Answer(200, {"id": self.url, "context": {"id": "2"}, "members": members}, headers)
