"""LTI 1.1 Basic Outcomes: the XML that carries a grade, its OAuth signature, and what the answer means (§ 6)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from lxml import etree
from oauthlib.oauth1 import Client

from lms_tool.lti.ags import Outcome, Verdict, judge

CONTENT_TYPE: Final = "application/xml"
_NAMESPACES: Final = "{*}"  # some platforms leave the namespace out


def replace_result(sourcedid: str, percent: float, message_id: str) -> bytes:
    """The ``replaceResult`` request for a grade of ``percent`` (0 to 100); LTI 1.1 counts from 0 to 1.

    Raises:
        ValueError: no grade, so it must never leave the tool.
    """
    # Only where it is needed: the package loads a second HTTP client, which is never used.
    from lti.outcome_request import REPLACE_REQUEST, OutcomeRequest

    if not 0 <= percent <= 100:  # NaN fails both
        raise ValueError("a grade lies between 0 and 100")
    request = OutcomeRequest(
        {
            "operation": REPLACE_REQUEST,
            "lis_result_sourcedid": sourcedid,
            "score": f"{percent / 100:.7g}",
            "message_identifier": message_id,
        }
    )
    return bytes(request.generate_request_xml())


def sign(url: str, body: bytes, key: str, secret: str, now: int, nonce: str) -> dict[str, str]:
    """Headers for the POST: OAuth 1.0 with the body's hash (OAuth Request Body Hash, § 6.1.2)."""
    client = Client(key, client_secret=secret, nonce=nonce, timestamp=str(now))
    _, headers, _ = client.sign(url, "POST", body.decode(), {"Content-Type": CONTENT_TYPE})
    return {"Authorization": headers["Authorization"]}


def judge_outcome(status: int, headers: Mapping[str, str], body: bytes, now: int) -> Verdict:
    """What the answer to a ``replaceResult`` means.

    The HTTP status counts first, as with LTI 1.3; with 200 the envelope's ``imsx_codeMajor`` decides (§ 6.2.4).
    """
    if status != 200 and status != 201:
        return judge(status, headers, body, now)
    match _code_major(body):
        case "success":
            return Verdict(Outcome.DELIVERED, "delivered")
        case "processing":
            return Verdict(Outcome.DELIVERED, "not_verified")
        case "unsupported":
            return Verdict(Outcome.FORBIDDEN, "outcomes_unsupported")
        case "failure":
            # The sourced id names person and column; a failure is about one of them, and asking again is cheap.
            return Verdict(Outcome.RETRY, "outcome_failure", attempts=3)
        case _:
            return Verdict(Outcome.RETRY, "outcome_unreadable")


def _code_major(body: bytes) -> str:
    """``imsx_codeMajor`` in lower case; empty for what is no envelope (a login page, say)."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError):
        return ""
    found = root.find(f".//{_NAMESPACES}imsx_codeMajor")
    return (found.text or "").strip().lower() if found is not None else ""
