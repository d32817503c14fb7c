"""An LMS page in Chromium that frames the tool and keeps values for it (lti-pm-s 0.1), well or badly.

The browser forbids the tool's cookies in this page, partitioned ones too. The page, its frames and the login address
live on ``localhost``, which a browser takes for another site than the tool's ``127.0.0.1``.
"""

from __future__ import annotations

import html
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from playwright.sync_api import BrowserContext, Frame, Page, Playwright, Request

from .bed import Bed, Visit

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    # All frames in one process: pages here leave as soon as they are there, and Playwright waits for ever for a
    # process that is gone before it was attached. What a frame may do with cookies and messages stays the same.
    "--disable-site-isolation-trials",
    "--disable-features=IsolateOrigins,site-per-process",
]
BLOCK = 2  # content setting

# ``answer`` gives what is sent back for one message, or several things, or nothing.
HONEST = """(asked, store) => {
  if (asked.subject === "lti.put_data") store[asked.key] = asked.value;
  return [{subject: asked.subject + ".response", message_id: asked.message_id, key: asked.key,
           value: store[asked.key]}];
}"""
WRONG = """(asked) => [
  "lti.put_data.response", null, 7,
  {subject: asked.subject + ".response", message_id: "another", key: asked.key, value: asked.value},
  {subject: asked.subject, message_id: asked.message_id, key: asked.key, value: asked.value},
  {subject: "lti.capabilities.response", message_id: asked.message_id, supported_messages: []},
]"""
REFUSING = """(asked) => [{subject: asked.subject + ".response", message_id: asked.message_id,
  error: {code: "storage_exhaustion", message: "no room"}}]"""
SILENT = "() => []"
LYING = HONEST.replace(
    "value: store[asked.key]",
    'value: asked.key.includes("WHICH") ? "x" : store[asked.key]',
)

_KEEPER = """
window.heard = []; window.store = {};
const answer = %s;
addEventListener("message", (event) => {
  if (!event.data?.subject?.startsWith("lti.")) return;
  heard.push({origin: event.origin, ...event.data});
  for (const one of answer(event.data, store)) %s
});
"""
_BACK = "event.source.postMessage(one, event.origin);"
_BY_ANOTHER = 'frames["stranger"].postMessage(one, "*");'
_STRANGER = 'addEventListener("message", (event) => parent.frames["tool"].postMessage(event.data, "*"));'


class ScriptedLms:
    """``origin`` is where the login address lives, ``elsewhere`` another one. ``requests``: what the tool was asked."""

    def __init__(self, bed: Bed) -> None:
        self.bed = bed
        self.visits: dict[str, Visit] = {}  # by the message hint
        self.requests: list[Request] = []
        self.scripts: dict[str, str] = {}
        self.servers = [_serve(self), _serve(self)]
        self.origin, self.elsewhere = (f"http://localhost:{one.server_address[1]}" for one in self.servers)
        self.context: BrowserContext

    def begin(self, context: BrowserContext) -> None:
        self.context = context
        context.on(
            "request",
            lambda one: self.requests.append(one) if one.url.startswith(self.bed.tool.url) else None,
        )

    def visit(self, **more: Any) -> Visit:
        """Somebody new on a platform whose login address is this page's origin."""
        issuer = more.pop("issuer", "")
        platform = self.bed.new_platform(issuer)
        at = self.bed.register(platform, "c-one", "d1", auth_url=f"{self.origin}/auth")
        return self.bed.visit(at, **more)

    def open(
        self,
        visit: Visit,
        answer: str = HONEST,
        *,
        target: str | None = "_parent",
        origin: str = "",
        keeper: str = "_parent",
        by_another: bool = False,
    ) -> tuple[Page, Frame]:
        """The page with the tool's frame. ``keeper``: which frame answers; ``by_another``: a stranger's frame does."""
        hint = f"hint-{len(self.visits)}"
        self.visits[hint] = visit
        login = visit.login_parameters(lti_message_hint=hint, lti_storage_target=target)
        script = _KEEPER % (answer, _BY_ANOTHER if by_another else _BACK)
        frames = (
            f'<iframe name="tool" width="900" height="700" src="{html.escape(self._login(login))}"></iframe>'
        )
        own = ""
        if keeper == "_parent":
            own = f"<script>{script}</script>"
        else:
            self.scripts["/keeper"] = script
            frames = f'<iframe name="{keeper}" src="/keeper"></iframe>{frames}'
        if by_another:
            self.scripts["/stranger"] = _STRANGER
            frames = f'<iframe name="stranger" src="{self.elsewhere}/stranger"></iframe>{frames}'
        self.scripts["/course"] = f"{own}{frames}"
        page = self.context.new_page()
        page.set_default_timeout(15_000)
        page.goto(f"{origin or self.origin}/course")
        frame = page.frame("tool")
        assert frame is not None
        return page, frame

    def again(self, visit: Visit, page: Page) -> None:
        """The same launch form is posted into the frame once more, as a reload does."""
        page.evaluate(
            """([url, fields]) => {
              const form = document.createElement("form");
              Object.assign(form, {method: "post", action: url, target: "tool"});
              for (const [name, value] of Object.entries(fields)) {
                const field = document.createElement("input");
                Object.assign(field, {type: "hidden", name, value});
                form.append(field);
              }
              document.body.append(form);
              form.submit();
            }""",
            [self.bed.tool.launch_url, {"state": visit.state, "id_token": visit.id_token}],
        )

    def _login(self, parameters: dict[str, str]) -> str:
        return f"{self.bed.tool.url}/lti/login?{urlencode(parameters)}"

    def answer(self, path: str, given: dict[str, str]) -> str:
        """A page of the LMS; ``/auth`` signs a launch for whoever the hint names and posts it back."""
        if path == "/auth":
            visit = self.visits[given["lti_message_hint"]]
            visit.state, visit.nonce = given["state"], given["nonce"]
            visit.id_token = visit.token()
            fields = {"state": visit.state, "id_token": visit.id_token}
            inputs = "".join(f'<input type="hidden" name="{k}" value="{v}">' for k, v in fields.items())
            body = f'<form method="post" action="{given["redirect_uri"]}">{inputs}</form>'
            return f"{body}<script>document.forms[0].submit()</script>"
        body = self.scripts.get(path, "")
        return body if path == "/course" else f"<script>{body}</script>"


def _serve(lms: ScriptedLms) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            split = urlsplit(self.path)
            head = '<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,">'
            body = (head + lms.answer(split.path, dict(parse_qsl(split.query)))).encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.2}, daemon=True).start()
    return server


@contextmanager
def scripted_lms(bed: Bed, playwright: Playwright, folder: Path) -> Iterator[ScriptedLms]:
    lms = ScriptedLms(bed)
    rules = {f"{bed.tool.url},{page}": {"setting": BLOCK} for page in (lms.origin, lms.elsewhere)}
    (folder / "Default").mkdir(parents=True)
    settings = {"profile": {"content_settings": {"exceptions": {"cookies": rules}}}}
    (folder / "Default" / "Preferences").write_text(json.dumps(settings))
    context = playwright.chromium.launch_persistent_context(folder, executable_path=CHROMIUM, args=ARGUMENTS)
    lms.begin(context)
    try:
        yield lms
    finally:
        context.close()
        for server in lms.servers:
            server.shutdown()
            server.server_close()
