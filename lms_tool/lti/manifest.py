"""What we tell an LMS about ourselves: as a registration request, for typing by hand, and in Canvas' own form."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from lms_tool.errors import Text, ToolError
from lms_tool.lti import claims as c
from lms_tool.lti.login import LAUNCH_PATH
from lms_tool.lti.registration import OUR_SCOPES, PlatformConfiguration

LOGIN_PATH: Final = "/lti/login"
JWKS_PATH: Final = "/lti/jwks"
ICON_PATH: Final = "/lti/icon.png"
CONTEXT_COPY: Final = "LtiContextCopyNotice"
_STANDARD_PLACEMENT: Final = "ContentArea"
_BY_SHORT_NAME: Final = {scope.rsplit("/", 1)[-1]: scope for scope in OUR_SCOPES}


class ManifestInvalid(ToolError):
    """The tool's own description cannot be used; ``details`` say where."""

    code = "manifest_invalid"
    text = Text("Die Beschreibung des Werkzeugs ist fehlerhaft.", "The description of the tool is faulty.")
    remedy = Text("Berichtigen Sie lti_config/tool.toml.", "Correct lti_config/tool.toml.")


@dataclass(frozen=True, slots=True)
class Message:
    """One kind of launch. ``placements`` are tried where the LMS names its own, else the standard's only one."""

    type: str
    label: Text
    placements: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Manifest:
    """``scopes`` are full URIs, ``claims`` names of claims about a person, ``custom`` parameters with variables."""

    name: Text
    description: Text
    claims: tuple[str, ...]
    scopes: tuple[str, ...]
    messages: tuple[Message, ...]
    custom: Mapping[str, str] = field(default_factory=dict)


def read_manifest(document: Mapping[str, Any]) -> Manifest:
    """The manifest from its parsed file (``lti_config/tool.toml``). Raises ManifestInvalid."""
    unknown = [name for name in document.get("scopes", ()) if name not in _BY_SHORT_NAME]
    if unknown:
        raise ManifestInvalid(field="scopes", unknown=", ".join(map(str, unknown)))
    try:
        return Manifest(
            name=_text(document["name"]),
            description=_text(document["description"]),
            claims=tuple(map(str, document["claims"])),
            scopes=tuple(_BY_SHORT_NAME[name] for name in document["scopes"]),
            messages=tuple(
                Message(str(one["type"]), _text(one["label"]), tuple(map(str, one.get("placements", ()))))
                for one in document["messages"]
            ),
            custom={str(name): str(value) for name, value in document.get("custom_parameters", {}).items()},
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ManifestInvalid(field=str(error)) from error


def asked_scopes(manifest: Manifest, platform: PlatformConfiguration | None) -> tuple[str, ...]:
    """What we ask for: what we need and the LMS offers. Notices only where it speaks of them."""
    offered = platform.scopes if platform else None
    notices = platform is not None and CONTEXT_COPY in platform.notices
    return tuple(
        scope
        for scope in manifest.scopes
        if (scope != c.SCOPE_NOTICE_HANDLERS and offered is None)
        or scope in (offered or ())
        or (scope == c.SCOPE_NOTICE_HANDLERS and notices)
    )


def registration_request(
    manifest: Manifest, base_url: str, platform: PlatformConfiguration | None = None
) -> dict[str, Any]:
    """Our client metadata (Dynamic Registration 1.0 § 3.4; RFC 7591 § 2); ``base_url`` is our origin.

    Moodle finds a tool by host and port of ``domain``, which must be those of every target. It takes only redirect
    URIs that stand here, byte for byte.
    """
    launch_url = base_url + LAUNCH_PATH
    return {
        "application_type": "web",
        "response_types": ["id_token"],
        "grant_types": ["implicit", "client_credentials"],
        "initiate_login_uri": base_url + LOGIN_PATH,
        "redirect_uris": [launch_url],
        "client_name": manifest.name.de,
        "client_name#de": manifest.name.de,
        "client_name#en": manifest.name.en,
        "jwks_uri": base_url + JWKS_PATH,
        "logo_uri": base_url + ICON_PATH,
        "token_endpoint_auth_method": "private_key_jwt",
        "scope": " ".join(asked_scopes(manifest, platform)),
        c.TOOL_CONFIGURATION: {
            "domain": urlsplit(base_url).netloc,
            "description": manifest.description.de,
            "description#en": manifest.description.en,
            "target_link_uri": launch_url,
            "custom_parameters": dict(manifest.custom),
            "claims": list(manifest.claims),
            "messages": [_message(one, launch_url, platform) for one in manifest.messages],
        },
    }


def canvas_configuration(manifest: Manifest, base_url: str) -> dict[str, Any]:
    """The JSON that Canvas takes for an LTI developer key."""
    launch_url = base_url + LAUNCH_PATH
    placements = [
        {
            "placement": placement,
            "message_type": message.type,
            "target_link_uri": launch_url,
            "text": message.label.de,
            "enabled": True,
        }
        for message in manifest.messages
        for placement in message.placements
        if placement != _STANDARD_PLACEMENT
    ]
    return {
        "title": manifest.name.de,
        "description": manifest.description.de,
        "oidc_initiation_url": base_url + LOGIN_PATH,
        "target_link_uri": launch_url,
        "public_jwk_url": base_url + JWKS_PATH,
        "scopes": list(manifest.scopes),
        "custom_fields": dict(manifest.custom),
        "extensions": [
            {
                "platform": "canvas.instructure.com",
                "domain": urlsplit(base_url).netloc,
                "tool_id": "lms-tool",
                "privacy_level": "public",
                "settings": {
                    "text": manifest.name.de,
                    "icon_url": base_url + ICON_PATH,
                    "placements": placements,
                },
            }
        ],
    }


def _message(message: Message, launch_url: str, platform: PlatformConfiguration | None) -> dict[str, Any]:
    made: dict[str, Any] = {
        "type": message.type,
        "target_link_uri": launch_url,
        "label": message.label.de,
        "label#en": message.label.en,
    }
    if message.placements:
        made["placements"] = _placements(message.placements, platform)
    return made


def _placements(wanted: Collection[str], platform: PlatformConfiguration | None) -> list[str]:
    shown = platform.placements if platform else frozenset[str]()
    return [placement for placement in wanted if placement in shown] or [_STANDARD_PLACEMENT]


def _text(value: Mapping[str, Any]) -> Text:
    return Text(str(value["de"]), str(value["en"]))
