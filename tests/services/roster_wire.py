"""A platform that also has a roster, by Moodle's rules, and a reader of it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from builders import Classroom, launch
from office import MIDDLE, SECRET
from outgoing import Clock, Sent, Wire, answer
from sqlalchemy import select

from lms_tool.http import Response
from lms_tool.lti.claims import NrpsClaim
from lms_tool.lti.roles import Role
from lms_tool.models import Context, Roster, RosterEntry
from lms_tool.services import tool_keys
from lms_tool.services.calls import Calls
from lms_tool.services.roster_reading import RosterReader
from lms_tool.services.tokens import Tokens
from lms_tool.services.vault import Vault

PATH = "/services/2/memberships"


def member(user_id: str, *roles: str, **more: Any) -> dict[str, Any]:
    return {"user_id": user_id, "roles": list(roles or ("Learner",)), "status": "Active", **more}


@dataclass
class RosterWire(Wire):
    """``page_size`` members come at a time; ``changed`` is said at the differences address, if there is one."""

    members: list[Any] = field(default_factory=list)
    changed: list[Any] | None = None
    page_size: int = 100
    extra_link: str = ""

    def honest(self, request: Sent) -> Response:
        known = {f"Bearer {token}" for token in self.tokens}
        if PATH not in request.path or request.headers.get("Authorization") not in known:
            return super().honest(request)
        parts = urlsplit(request.url)
        base = f"{parts.scheme}://{parts.netloc}{PATH}"
        if request.path.endswith("/differences"):
            assert self.changed is not None
            shown, links = self.changed, [f'<{base}/differences?since=2>; rel="differences"']
        else:
            asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
            start = int(asked.get("from", 0))
            end = start + self.page_size
            shown = self.members[start:end]
            query = urlencode(asked | {"from": end})
            links = [f'<{base}?{query}>; rel="next"'] if end < len(self.members) else []
            if self.changed is not None and not start:  # whichever page it is on
                links.append(f'<{base}/differences?since=1>; rel="differences"')
        links += [self.extra_link] if self.extra_link else []
        return answer(200, json.dumps({"id": base, "members": shown}).encode(), link=", ".join(links))


@dataclass
class Registrar:
    """Who reads rosters in one process, over a classroom's database."""

    room: Classroom
    wire: RosterWire
    clock: Clock
    reader: RosterReader = field(init=False)

    def __post_init__(self) -> None:
        self.reader = self.another()
        with self.room.database.write() as db:
            tool_keys.ensure(db, Vault(SECRET), self.clock())

    def another(self, limit: int = 1000, **more: Any) -> RosterReader:
        return make_reader(self.room, self.wire, self.clock, limit, **more)

    def come(self, sub: str = "lotse", *, role: Role = Role.INSTRUCTOR, url: str = "", **more: Any) -> int:
        """Somebody launches, and the launch names the roster; the context."""
        claim = NrpsClaim(url or f"{self.room.at.issuer}{PATH}", ("2.0",))
        self.room.arrive(sub=sub, role=role, nrps=claim, now=self.clock.now, **more)
        wanted = launch(self.room.at, **more).context
        assert wanted is not None
        with self.room.database.read() as db:
            return int(db.execute(select(Context.id).where(Context.lti_id == wanted.id)).scalar_one())

    def sync(self, context_id: int) -> bool:
        return self.reader.read(context_id)

    def roster(self, context_id: int) -> Any:
        with self.room.database.read() as db:
            return db.execute(select(Roster).where(Roster.context_id == context_id)).first()

    def entries(self, context_id: int) -> dict[str, Any]:
        with self.room.database.read() as db:
            rows = db.execute(select(RosterEntry).where(RosterEntry.context_id == context_id))
            return {row.user_id: row for row in rows}

    def statuses(self, context_id: int) -> dict[str, tuple[str, datetime]]:
        return {sub: (row.status, row.status_since) for sub, row in self.entries(context_id).items()}

    @property
    def asked(self) -> list[Sent]:
        """Requests for members, oldest first."""
        return [sent for sent in self.wire.sent if PATH in sent.path]


def make_reader(room: Classroom, wire: RosterWire, clock: Clock, limit: int, **more: Any) -> RosterReader:
    tokens = Tokens(room.database, wire, Vault(SECRET))  # type: ignore[arg-type]
    calls = Calls(wire, wire, tokens)  # type: ignore[arg-type]
    return RosterReader(room.database, calls, clock, limit, jitter=lambda: MIDDLE, **more)
