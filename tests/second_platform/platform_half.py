"""A platform on the package lti1p3platform: its login, its tokens, its services, over loopback HTTP.

Written by other people from the same specification. What both sides agree on is not a misunderstanding of ours.
"""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

from conformance.crypto import rsa_key
from cryptography.hazmat.primitives import serialization as ser
from lti1p3platform.exceptions import LtiException
from lti1p3platform.ltiplatform import LTI1P3PlatformConfAbstract
from lti1p3platform.message_launch import LTIAdvantageMessageLaunchAbstract
from lti1p3platform.oidc_login import OIDCLoginAbstract
from lti1p3platform.registration import Registration
from lti1p3platform.request import Request
from lti1p3platform.score import UpdateScoreStatus
from lti1p3platform.service_connector import AssignmentsGradesService

ISSUER = "https://second.example"
CLIENT_ID = "tool-at-second"
DEPLOYMENT = "deployment-7"
LEARNER = "http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"
INSTRUCTOR = "http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor"


def key_pair(name: str) -> tuple[str, str]:
    private = rsa_key(name)
    return (
        private.private_bytes(ser.Encoding.PEM, ser.PrivateFormat.PKCS8, ser.NoEncryption()).decode(),
        private.public_key().public_bytes(ser.Encoding.PEM, ser.PublicFormat.SubjectPublicKeyInfo).decode(),
    )


class Plain(Request):
    """The package asks for a request in its own shape; ours are in that shape already."""

    def build_metadata(self, request: Any) -> Any:
        empty: dict[str, Any] = {
            "form_data": {},
            "get_data": {},
            "headers": {},
            "json": None,
            "content_type": "",
            "path": "/",
        }
        return empty | request


class Login(OIDCLoginAbstract):
    def set_lti_message_hint(self, **hint: Any) -> None:
        self._lti_message_hint = hint["hint"]

    def get_redirect(self, url: str) -> str:
        return url


class Message(LTIAdvantageMessageLaunchAbstract):
    role = LEARNER

    def prepare_launch(self, preflight_response: dict[str, Any]) -> None:
        self.set_user_data(
            preflight_response["login_hint"], [self.role], "Jörg Zweitmann", "j@second.example"
        )
        self.set_resource_link_claim("link-3", title="Modul 1")
        self.set_launch_context_claim("kurs-5", context_title="Basis-Befähigung", context_label="BB")
        self.set_launch_presentation_claim("iframe", f"{ISSUER}/kurs/5")

    def render_launch_form(self, launch_data: dict[str, Any], **_: Any) -> dict[str, str]:
        return launch_data


class Grades(AssignmentsGradesService):
    """Keeps scores in memory; what it is not asked for in this test it does not have."""

    stored: dict[str, dict[str, Any]]

    def update_score(self, line_item_id: str, score: Any) -> UpdateScoreStatus:
        self.stored[score["userId"]] = score
        return UpdateScoreStatus.SUCCESS

    def get_results(self, line_item_id: str, page: int = 1, limit: Any = None, user_id: Any = None) -> Any:
        return {"content": [], "has_next": False}

    def _missing(self, *_: Any, **__: Any) -> Any:
        raise NotImplementedError

    find_lineitems = find_lineitem = create_lineitem = update_lineitem = delete_lineitem = _missing


class SecondPlatform(LTI1P3PlatformConfAbstract):
    """The package's configuration of one tool, and a server for what the tool asks of a platform."""

    def init_platform_config(self, **kwargs: Any) -> None:
        tool_url: str = kwargs["tool_url"]
        self.target = f"{tool_url}/lti/launch?{kwargs['placed']}"
        self.private, self.public = key_pair("second-platform")
        registration = Registration()
        registration.set_iss(ISSUER).set_client_id(CLIENT_ID).set_deployment_id(DEPLOYMENT)
        registration.set_launch_url(self.target).set_oidc_login_url(f"{tool_url}/lti/login")
        registration.set_deeplink_launch_url(f"{tool_url}/lti/launch")
        registration.set_platform_public_key(self.public).set_platform_private_key(self.private)
        self._registration = registration
        self.grades: dict[str, dict[str, Any]] = {}
        self.refusals: list[str] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler_of(self))
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True
        ).start()

    def get_registration_by_params(self, **_: Any) -> Registration:
        return self._registration

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def trust(self, tool_keys: Any) -> None:
        self._registration.set_tool_key_set(tool_keys)

    # -- what a browser carries --------------------------------------------------------------------------------

    def login_url(self, user: str) -> str:
        """Where a click in this platform leads."""
        login = Login(Plain({"method": "GET"}), self)
        login.set_lti_message_hint(hint="hinweis-1")
        return str(login.initiate_login(user))

    def authorise(self, authentication_request: str) -> dict[str, str]:
        """The form this platform posts back, for the address the tool redirected to."""
        wanted = dict(parse_qsl(urlsplit(authentication_request).query))
        message = Message(Plain({"method": "GET", "get_data": wanted}), self)
        message.set_ags(f"{self.url}/lineitems", f"{self.url}/lineitems/9", allow_creating_lineitems=False)
        posted: dict[str, str] = message.lti_launch()
        return posted

    def ask_for_content(self, authentication_request: str, data: dict[str, Any]) -> dict[str, str]:
        """The form for a teacher who wants to choose content."""
        wanted = dict(parse_qsl(urlsplit(authentication_request).query))
        message = Message(Plain({"method": "GET", "get_data": wanted}), self)
        message.role = INSTRUCTOR
        message.set_dl(
            f"{ISSUER}/auswahl/5", title="Werkzeug", accept_types={"ltiResourceLink"}, extra_data=data
        )
        posted: dict[str, str] = message.lti_launch()
        return posted

    def take_content(self, jwt: str) -> list[dict[str, Any]]:
        """What the package reads out of the tool's answer."""
        return self.validate_deeplinking_resp({"JWT": jwt})

    # -- what the tool asks by itself --------------------------------------------------------------------------

    def answer(self, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, Any]:
        try:
            if path == "/jwks":
                return 200, self.get_jwks()
            if path == "/token":
                form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
                return 200, self.get_access_token(form)
            if path == "/lineitems/9/scores":
                wanted = Plain({"method": method, "headers": headers, "json": json.loads(body)})
                service = Grades(wanted, self, f"{self.url}/lineitems", f"{self.url}/lineitems/9")
                service.stored = self.grades
                response = service.handle_resp(service.handle_update_score, line_item_id="9")
                return response.code, response.result
        except LtiException as error:
            self.refusals.append(f"{path}: {error}")
            return 400, {"error": "invalid_client"}
        return 404, {}


def handler_of(platform: SecondPlatform) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, said = platform.answer(self.command, urlsplit(self.path).path, dict(self.headers), body)
            content = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = serve

        def log_message(self, *args: object) -> None:
            pass

    return Handler
