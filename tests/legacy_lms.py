"""An LMS that only knows LTI 1.1, as far as a tool sees it: signed forms, and answers to replaceResult."""

from __future__ import annotations

from itertools import count
from urllib.parse import parse_qsl, urlencode, urlsplit

from oauthlib.oauth1 import SIGNATURE_TYPE_BODY, Client

KEY = "kvhs"
SECRET = "geheim-0123456789-0123456789"
OUTCOMES = "https://alt.example/service.php"
_nonces = count(1)


def form(
    url: str,
    now: int,
    *,
    secret: str = SECRET,
    nonce: str | None = None,
    method: str = "HMAC-SHA1",
    without: tuple[str, ...] = (),
    **changes: str,
) -> list[tuple[str, str]]:
    """The fields of a basic launch of ``u-1``, a learner, signed for ``url``."""
    fields = {
        "lti_message_type": "basic-lti-launch-request",
        "lti_version": "LTI-1p0",
        "resource_link_id": "rl-1",
        "resource_link_title": "Modul 1",
        "user_id": "u-1",
        "roles": "Learner,urn:lti:instrole:ims/lis/Student",
        "context_id": "ctx-1",
        "context_title": "Kurs Älteres",
        "lis_person_name_full": "Jürgen Weißflog",
        "launch_presentation_locale": "de-DE",
        "lis_outcome_service_url": OUTCOMES,
        "lis_result_sourcedid": '{"data":{"instanceid":"7","userid":"4"},"hash":"a&b"}',
        "tool_consumer_info_product_family_code": "moodle",
        "ext_user_username": "jweissflog",
        "basiclti_submit": "Press to continue",
    } | changes
    for name in without:
        del fields[name]
    client = Client(
        fields.pop("oauth_consumer_key", KEY),
        client_secret=secret,
        signature_method=method,
        signature_type=SIGNATURE_TYPE_BODY,
        nonce=nonce or f"n{next(_nonces)}",
        timestamp=str(now),
    )
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    _, _, body = client.sign(url, "POST", urlencode(fields), headers)
    signed = parse_qsl(body, keep_blank_values=True)
    in_address = set(parse_qsl(urlsplit(url).query))
    return [pair for pair in signed if pair not in in_address]


def envelope(code: str) -> bytes:
    """What the outcome service answers."""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<imsx_POXEnvelopeResponse xmlns="http://www.imsglobal.org/services/ltiv1p1/xsd/imsoms_v1p0"><imsx_POXHeader>
<imsx_POXResponseHeaderInfo><imsx_version>V1.0</imsx_version><imsx_messageIdentifier>1</imsx_messageIdentifier>
<imsx_statusInfo><imsx_codeMajor>{code}</imsx_codeMajor><imsx_severity>status</imsx_severity>
<imsx_description>x</imsx_description></imsx_statusInfo></imsx_POXResponseHeaderInfo></imsx_POXHeader>
<imsx_POXBody><replaceResultResponse/></imsx_POXBody></imsx_POXEnvelopeResponse>""".encode()
