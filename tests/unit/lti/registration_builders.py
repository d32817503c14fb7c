"""An LMS's OpenID configuration and its answer to a registration, as a well-behaved platform writes them."""

from __future__ import annotations

import json
from typing import Any

CONFIGURATION = "https://purl.imsglobal.org/spec/lti-platform-configuration"
TOOL = "https://purl.imsglobal.org/spec/lti-tool-configuration"
AGS = "https://purl.imsglobal.org/spec/lti-ags/scope/"
REDIRECT = "https://lernen.example.de/lti/launch"
ABSENT = object()


def configuration(**changes: Any) -> dict[str, Any]:
    """The document of https://lms.example.org; a changed value of ABSENT takes the key away."""
    document = {
        "issuer": "https://lms.example.org",
        "authorization_endpoint": "https://lms.example.org/auth",
        "token_endpoint": "https://lms.example.org/token",
        "jwks_uri": "https://lms.example.org/jwks",
        "registration_endpoint": "https://lms.example.org/register",
        "scopes_supported": ["openid", AGS + "score", AGS + "lineitem"],
        CONFIGURATION: {
            "product_family_code": "moodle",
            "version": "5.1+ (Build: 20251017)",
            "messages_supported": [
                {"type": "LtiResourceLinkRequest"},
                {"type": "LtiDeepLinkingRequest", "placements": ["ContentArea", "RichTextEditor"]},
            ],
        },
    } | changes
    return {name: value for name, value in document.items() if value is not ABSENT}


def answer(**changes: Any) -> dict[str, Any]:
    document = {
        "client_id": "client-1",
        "redirect_uris": [REDIRECT],
        "scope": AGS + "score",
        TOOL: {"deployment_id": "7"},
    } | changes
    return {name: value for name, value in document.items() if value is not ABSENT}


def raw(document: Any) -> bytes:
    return json.dumps(document).encode()
