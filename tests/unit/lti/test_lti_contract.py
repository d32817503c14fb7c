"""The door of the package and the tree of its errors."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import lms_tool.lti
from lms_tool.errors import ToolError
from lms_tool.lti.errors import LtiError

PACKAGE = Path(lms_tool.lti.__file__).parent


def tree(root: type[LtiError]) -> Iterator[type[LtiError]]:
    for child in root.__subclasses__():
        yield child
        yield from tree(child)


ERRORS = [error for error in tree(LtiError) if error.__module__.startswith("lms_tool.lti")]


def test_the_door_shows_what_is_meant() -> None:
    module = lms_tool.lti
    assert module.__all__ == sorted(module.__all__)
    shown = {name for name in vars(module) if not name.startswith("_")}
    submodules = {path.stem for path in PACKAGE.glob("*.py")}
    assert shown - submodules - {"annotations"} == set(module.__all__)


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: error.__name__)
def test_each_error_speaks_for_itself(error: type[LtiError]) -> None:
    assert re.fullmatch(r"[a-z0-9_]+", error.code)
    assert error.code != ToolError.code
    assert 400 <= error.status < 600
    for sentence in (*error.text, *error.remedy):
        assert sentence.endswith(".")
        assert "!" not in sentence
    assert error.text.de != error.text.en


def test_one_code_one_family() -> None:
    """Classes share a code only with their own parents, so a code never has two meanings."""
    by_code: dict[str, type[LtiError]] = {}
    for error in ERRORS:
        known = by_code.setdefault(error.code, error)
        assert issubclass(error, known)


@pytest.mark.parametrize("path", sorted(PACKAGE.glob("*.py")), ids=lambda path: path.name)
def test_only_claims_and_roles_spell_lti_addresses(path: Path) -> None:
    texts = [
        node.value
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    spelled = [text for text in texts if "purl.imsglobal.org" in text]
    assert bool(spelled) is (path.name in ("claims.py", "roles.py"))


def test_codes_of_the_conformance_list() -> None:
    codes = {error.code for error in ERRORS}
    assert codes >= {
        "login_missing_iss",
        "login_missing_login_hint",
        "login_missing_target_link_uri",
        "registration_unknown",
        "registration_inactive",
        "login_client_id_required",
        "deployment_unknown",
        "target_link_uri_not_allowed",
        "duplicate_parameter",
        "request_too_large",
        "method_not_allowed",
        "rate_limited",
        "state_missing",
        "state_unknown",
        "state_mismatch",
        "state_expired",
        "launch_replayed",
        "nonce_missing",
        "nonce_unknown",
        "nonce_mismatch",
        "issuer_mismatch",
        "platform_error",
        "id_token_missing",
        "cookies_blocked",
        "kid_missing",
        "kid_unknown",
        "alg_not_allowed",
        "key_unusable",
        "signature_invalid",
        "key_too_weak",
        "id_token_malformed",
        "platform_keys_unavailable",
        "message_type_invalid",
        "issuer_missing",
        "audience_untrusted",
        "azp_mismatch",
        "audience_missing",
        "audience_mismatch",
        "token_expired",
        "token_not_yet_valid",
        "token_too_old",
        "version_unsupported",
        "module_not_found",
        "anonymous_not_supported",
        "message_type_unsupported",
        "session_missing",
        "session_expired",
        "not_found",
        "csrf_failed",
        "role_not_permitted",
        "claim_missing",
        "claim_invalid",
        "registration_invite_invalid",
        "registration_url_not_allowed",
        "registration_fetch_failed",
        "registration_issuer_mismatch",
        "registration_config_invalid",
        "registration_rejected",
        "registration_conflict",
    }
