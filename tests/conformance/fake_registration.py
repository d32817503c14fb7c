"""An LMS that registers tools: honest by default, with every document and answer replaceable; and one that drips.

Its issuer is its own address, as dynamic registration demands. It opens the tool's link in a frame, as Moodle does.
"""

from __future__ import annotations

import json
import socket
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from . import refusal
from .browser import Browser, Response
from .crypto import Key
from .fake_platform import Answer, FakePlatform, Request
from .page import Page
from .tool import Tool
from .visit import Registration

if TYPE_CHECKING:
    from .bed import Bed

TOOL = "https://purl.imsglobal.org/spec/lti-tool-configuration"
PLATFORM = "https://purl.imsglobal.org/spec/lti-platform-configuration"
ABSENT = object()
TOKEN = "registration-token-that-nobody-else-may-see"


class RegisteringLms(FakePlatform):
    """``document`` changes its configuration, ``grant`` its answer; a scripted Answer takes the place of either."""

    def __init__(self, bed: Bed, client_id: str = "c-new") -> None:
        super().__init__("", Key("pool1", "registering-k1"), bed.tool.clock, bed.tool.url)
        bed.platforms.append(self)
        self.issuer = self.url
        self.client_id = client_id
        self.document: dict[str, Any] = {}
        self.grant: dict[str, Any] = {}
        self.configuration_answer: Answer | None = None
        self.registration_answer: Answer | None = None

    @property
    def configuration_url(self) -> str:
        return f"{self.url}/mod/lti/openid-configuration"

    def configuration(self) -> dict[str, Any]:
        made = {
            "issuer": self.issuer,
            "authorization_endpoint": self.auth_url,
            "token_endpoint": self.token_url,
            "jwks_uri": self.jwks_url,
            "registration_endpoint": f"{self.url}/register",
            "scopes_supported": [
                "openid",
                *(
                    f"https://purl.imsglobal.org/spec/lti-ags/scope/{name}"
                    for name in ("score", "result.readonly", "lineitem", "lineitem.readonly")
                ),
                "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly",
            ],
            PLATFORM: {"product_family_code": "moodle", "version": "5.1"},
        }
        return {name: value for name, value in (made | self.document).items() if value is not ABSENT}

    def granted(self, asked: dict[str, Any]) -> dict[str, Any]:
        made = asked | {"client_id": self.client_id, TOOL: asked[TOOL] | {"deployment_id": "7"}}
        return {name: value for name, value in (made | self.grant).items() if value is not ABSENT}

    def answer(self, request: Request) -> Answer:
        json_type = {"Content-Type": "application/json"}
        if request.path == "/mod/lti/openid-configuration":
            self.requests.append(request)
            return self.configuration_answer or Answer(200, self.configuration(), json_type)
        if request.path == "/register":
            self.requests.append(request)
            if self.registration_answer is not None:
                return self.registration_answer
            self.clients.add(self.client_id)
            return Answer(200, self.granted(request.json), json_type)  # Moodle says 200, not 201
        return super().answer(request)

    def asked(self) -> Request:
        (request,) = self.seen("/register")
        return request


@dataclass
class Connecting:
    """The administrator of an LMS with one invitation of the tool's, in a frame of the LMS."""

    bed: Bed
    lms: RegisteringLms
    tool: Tool
    tenant: str = ""
    link: str = ""
    browser: Browser = field(init=False)

    def __post_init__(self) -> None:
        self.link = self.link or invitation(self.bed, self.tenant)
        self.browser = Browser(self.tool.url, self.bed.tool.clock.now, self.lms.url)

    @property
    def path(self) -> str:
        return "/lti/register/" + self.link.rsplit("/", 1)[-1]

    def open(
        self, url: str | None = None, *, token: str | None = TOKEN, accept: str = refusal.HTML, path: str = ""
    ) -> Response:
        """The LMS opens the link."""
        query = {"openid_configuration": self.lms.configuration_url if url is None else url}
        if token is not None:
            query["registration_token"] = token
        return self.browser.get(f"{path or self.path}?{urlencode(query)}", site="cross-site", accept=accept)

    def preview(self) -> Page:
        shown = self.open()
        assert shown.status == 200, f"{shown.status} {shown.error} {shown.body[:300]!r}"
        return Page(shown.text)

    def press(self, page: Page, *, accept: str = refusal.HTML, **changes: str) -> Response:
        """Send the form of the preview."""
        (form,) = page.all("form")
        fields = {e.attrs["name"]: e.attrs.get("value", "") for e in form.inside if "name" in e.attrs}
        return self.browser.post(form.attrs["action"], fields | changes, accept=accept)

    def agree(self) -> Page:
        """The whole way, which must end well."""
        done = self.press(self.preview())
        assert done.status == 200, f"{done.status} {done.error} {done.body[:300]!r}"
        return Page(done.text)

    def platform(self) -> dict[str, Any]:
        return self.bed.rows.one("platform", issuer=self.lms.issuer)

    def registration(self) -> Registration:
        row = self.platform()
        return Registration(self.lms, row["client_id"], "7", str(row["id"]))


def invitation(bed: Bed, tenant: str = "") -> str:
    return bed.tool.admin("platform", "invite", *(("--tenant", tenant) if tenant else ())).strip()


def connecting(bed: Bed, lms: RegisteringLms | None = None, **more: Any) -> Connecting:
    return Connecting(bed, lms or RegisteringLms(bed), more.pop("tool", bed.tool), **more)


class Drip:
    """Answers any request with a document that comes one byte a second."""

    def __init__(self) -> None:
        self.connections = 0
        self.hung_up: list[float] = []  # seconds after which the other side had enough
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self.connections += 1
                threading.Thread(target=self._drip, args=(connection,), daemon=True).start()

    def _drip(self, connection: socket.socket) -> None:
        begin = time.monotonic()
        with connection, suppress(OSError):
            connection.recv(65536)
            head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n"
            connection.sendall(head.encode())
            for byte in json.dumps({"issuer": self.url}).encode() * 10:
                connection.sendall(bytes([byte]))
                time.sleep(1)
        self.hung_up.append(time.monotonic() - begin)

    def close(self) -> None:
        self._listener.close()
