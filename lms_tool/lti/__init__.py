"""LTI 1.3 core for tools: login, launch, keys, grades. Pure: time, secrets, keys and fetched documents are
passed in.

The flow of a launch::

    login = parse_login(query, form)                      # what the platform asks
    pending = issue(secret, platform_id, now)             # state, nonce, cookie
    authentication_request(...)                           # where to redirect to
    ...                                                   # the platform posts state and id_token back
    state = read_state(secret, form_state)                # ours? then: .expired(now), .belongs_to(cookie)
    token = parse_token(id_token)                         # strict, nothing is believed yet
    token.check_issuer(issuer)                            # before keys are fetched
    launch = verify(token, key_set.candidates(token.kid), Registration(...), state, ...)

How a platform registers itself stands in ``registration``; what we say about ourselves in ``manifest``.
"""

from lms_tool.lti.ags import (
    Comparison,
    Outcome,
    Score,
    ScoreInvalid,
    Verdict,
    backoff,
    compare_result,
    judge,
    results_url,
    scores_url,
)
from lms_tool.lti.claims import AgsClaim, Context, NrpsClaim, PersonClaims, ResourceLink, Role, effective_role
from lms_tool.lti.errors import LtiError
from lms_tool.lti.keys import (
    KeySet,
    PlatformKey,
    ToolKey,
    cache_lifetime,
    generate,
    parse_key_set,
    public_jwk,
    published,
    signing_key,
)
from lms_tool.lti.launch import Launch, Registration, verify
from lms_tool.lti.login import (
    LoginRequest,
    Target,
    authentication_request,
    check_target,
    parse_login,
    platform_error,
)
from lms_tool.lti.manifest import Manifest, canvas_configuration, read_manifest, registration_request
from lms_tool.lti.registration import (
    Granted,
    PlatformConfiguration,
    check_address,
    check_endpoints,
    check_issuer,
    read_answer,
    read_configuration,
)
from lms_tool.lti.service import (
    AccessToken,
    ServiceError,
    client_assertion,
    parse_retry_after,
    parse_token_response,
    read_token_answer,
    token_request,
)
from lms_tool.lti.state import LoginState, Pending, Stored, cookie_name, cookies_to_drop, issue, read_state
from lms_tool.lti.token import Token, parse_token

__all__ = [
    "AccessToken",
    "AgsClaim",
    "Comparison",
    "Context",
    "Granted",
    "KeySet",
    "Launch",
    "LoginRequest",
    "LoginState",
    "LtiError",
    "Manifest",
    "NrpsClaim",
    "Outcome",
    "Pending",
    "PersonClaims",
    "PlatformConfiguration",
    "PlatformKey",
    "Registration",
    "ResourceLink",
    "Role",
    "Score",
    "ScoreInvalid",
    "ServiceError",
    "Stored",
    "Target",
    "Token",
    "ToolKey",
    "Verdict",
    "authentication_request",
    "backoff",
    "cache_lifetime",
    "canvas_configuration",
    "check_address",
    "check_endpoints",
    "check_issuer",
    "check_target",
    "client_assertion",
    "compare_result",
    "cookie_name",
    "cookies_to_drop",
    "effective_role",
    "generate",
    "issue",
    "judge",
    "parse_key_set",
    "parse_login",
    "parse_retry_after",
    "parse_token",
    "parse_token_response",
    "platform_error",
    "public_jwk",
    "published",
    "read_answer",
    "read_configuration",
    "read_manifest",
    "read_state",
    "read_token_answer",
    "registration_request",
    "results_url",
    "scores_url",
    "signing_key",
    "token_request",
    "verify",
]
