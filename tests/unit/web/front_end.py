"""The sample pages under an address of their own, with our Content-Security-Policy, in Chromium."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from page_samples import PAGES
from playwright.sync_api import BrowserContext, Page, Request, Route

from lms_tool.web import render
from lms_tool.web.render import Renderer

# What a page of a launch is sent with; tests of the routes hold that it is.
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'"
)
ORIGIN = "https://lernen.example"
STATIC = Path(render.__file__).parent / "static"
CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
TYPES = {".css": "text/css", ".js": "text/javascript", ".woff2": "font/woff2"}

Answer = Callable[[], int]


@dataclass
class Site:
    """Serves pages, assets, the glossary; takes answers. ``answer`` decides what a POST is answered with."""

    renderer: Renderer
    language: str = "de"
    posts: list[dict[str, list[str]]] = field(default_factory=list)
    saves: list[list[str]] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    answer: Answer = lambda: 204

    def open(self, context: BrowserContext) -> Page:
        context.route("**/*", self._serve)
        # pages that send themselves off stay to be looked at
        context.add_init_script("HTMLFormElement.prototype.submit = () => {}")
        page = context.new_page()
        page.on("console", lambda m: self.complaints.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        return page

    def _serve(self, route: Route, request: Request) -> None:
        path = urlsplit(request.url).path
        if not request.url.startswith(ORIGIN):
            self.complaints.append(f"asked for {request.url}")
            route.abort()
        elif path.startswith("/static/"):
            file = STATIC / path.removeprefix("/static/")
            route.fulfill(body=file.read_bytes(), content_type=TYPES[file.suffix])
        elif request.method == "POST":
            self._take(route, request)
        else:
            name = "glossary" if path.endswith("/glossary") else path.removeprefix("/")
            page = PAGES.get(name)
            body = self.renderer.page(page, self.language) if page else f"<title>{path}</title>"
            headers = {"Content-Security-Policy": CSP}
            route.fulfill(body=body, content_type="text/html; charset=utf-8", headers=headers)

    def _take(self, route: Route, request: Request) -> None:
        form = parse_qs(request.post_data or "", keep_blank_values=True)
        self.posts.append(form)
        if request.headers.get("hx-request") == "true":
            status = self.answer()
            if status == 204:
                self.saves.append(form.get("answer", []))
            if status:
                route.fulfill(status=status)
            else:
                route.abort()
        else:
            route.fulfill(body="<title>next</title>", content_type="text/html")
