"""What a browser does with cookies in a frame on another site, asked by a server of its own."""

from __future__ import annotations

import threading
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType

from playwright.sync_api import Page

ATTRIBUTES = "Path=/; Secure; HttpOnly; SameSite=None"


class CookieProbe:
    """``http://localhost`` frames ``http://127.0.0.1``, which sets two cookies and sees which come back."""

    def __init__(self) -> None:
        self.came_back: set[str] = set()
        probe = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                if self.path == "/set":
                    self.send_header("Set-Cookie", f"plain=1; {ATTRIBUTES}")
                    self.send_header("Set-Cookie", f"partitioned=1; {ATTRIBUTES}; Partitioned")
                elif self.path == "/look":
                    probe.came_back = set(SimpleCookie(self.headers.get("Cookie", "")))
                self.end_headers()
                self.wfile.write(probe.bodies[self.path].encode())

            def log_message(self, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        port = self.server.server_address[1]
        self.outside, self.inside = f"http://localhost:{port}", f"http://127.0.0.1:{port}"
        icon = "<!doctype html><link rel=icon href=data:,>"
        self.bodies = {
            "/": f'{icon}<iframe src="{self.inside}/set"></iframe>',
            "/set": f'{icon}<a href="/look">look</a>',
            "/look": f"{icon}<p>looked</p>",
        }

    @property
    def origins(self) -> tuple[str, str]:
        return self.outside, self.inside

    def cookies_in_a_frame(self, page: Page) -> set[str]:
        page.goto(self.outside)
        frame = page.frame_locator("iframe")
        frame.get_by_role("link").click()
        frame.get_by_text("looked").wait_for()
        return self.came_back

    def __enter__(self) -> CookieProbe:
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02})
        self.thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()
