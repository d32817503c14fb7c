"""Registration documents of hostile platforms, made up by chance: always a value or a coded refusal, and quickly.

LMS_TOOL_FUZZ_EXAMPLES says how many to try; ``make test`` tries a few hundred.
"""

from __future__ import annotations

import json
import os
import time
from typing import Any

from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st
from registration_builders import CONFIGURATION, REDIRECT, TOOL, answer, configuration

from lms_tool.lti.registration import (
    REQUIRED,
    check_endpoints,
    check_issuer,
    read_answer,
    read_configuration,
    short_scopes,
)
from lms_tool.lti.registration_errors import RegistrationRefused
from lms_tool.lti.registration_urls import check_form

EXAMPLES = int(os.environ.get("LMS_TOOL_FUZZ_EXAMPLES", "300"))
FETCHED_FROM = check_form("https://lms.example.org/.well-known/openid-configuration")
SLOW = 1.0  # seconds of computing; a busy machine makes any clock on the wall useless
fuzz = settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))

texts = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        [
            "https://lms.example.org",
            "https://lms.example.org/",
            "https://lms.example.org:443/x",
            "https://evil.example/x",
            "http://127.0.0.1/",
            "https://[::1]/",
            "https://lms.example.org; frame-ancestors *",
            "https://lms.example.org\u2028",
            "\0",
            "\ud800",
            "x" * 3000,
        ]
    ),
)
values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), texts),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(texts, inner, max_size=4)),
    max_leaves=12,
)
bodies = st.one_of(
    st.binary(max_size=300),
    st.dictionaries(
        st.sampled_from([*REQUIRED, "scopes_supported", "authorization_server", CONFIGURATION]),
        values,
        max_size=6,
    ).map(lambda changes: json.dumps(configuration(**changes)).encode()),
    st.dictionaries(
        st.sampled_from(["client_id", "redirect_uris", "scope", "error", "error_description", TOOL]),
        values,
        max_size=4,
    ).map(lambda changes: json.dumps(answer(**changes)).encode()),
    st.tuples(st.integers(1, 3000), st.sampled_from(['{"a":', "[", '{"a":"\\"', '"']))
    .map(lambda made: made[1] * made[0])
    .map(str.encode),
)
mutations = st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 255)), max_size=4)


def damaged(body: bytes, changes: list[tuple[int, int]]) -> bytes:
    made = bytearray(body)
    for place, byte in changes:
        if made:
            made[place % len(made)] = byte
    return bytes(made)


def sane(*shown: str | None) -> None:
    """What leaves the core can be stored in any database and put into a header."""
    for text in shown:
        assert text is None or (text.isprintable() and text.encode() is not None)


def refused(error: RegistrationRefused) -> None:
    assert error.status == 400
    sane(error.detail)


@seed(20261122)
@fuzz
@given(bodies, mutations)
def test_any_configuration_is_read_or_refused(body: bytes, changes: list[tuple[int, int]]) -> None:
    begin = time.thread_time()
    try:
        platform = read_configuration(damaged(body, changes))
        check_issuer(platform, FETCHED_FROM)
        check_endpoints(platform, FETCHED_FROM, lambda _: False)
    except RegistrationRefused as refusal:
        refused(refusal)
    else:
        sane(platform.issuer, *platform.endpoints, platform.product, platform.token_audience)
        for url in platform.endpoints:
            assert check_form(url).scheme == "https"
    assert time.thread_time() - begin < SLOW


@seed(20261122)
@fuzz
@given(st.sampled_from([200, 201, 204, 302, 400, 401, 500]), bodies, mutations)
def test_any_answer_is_read_or_refused(status: int, body: bytes, changes: list[tuple[int, int]]) -> None:
    begin = time.thread_time()
    try:
        granted = read_answer(status, damaged(body, changes), REDIRECT)
    except RegistrationRefused as refusal:
        refused(refusal)
    else:
        sane(granted.client_id, granted.deployment_id, *short_scopes(granted.scopes or frozenset()))
    assert time.thread_time() - begin < SLOW


def test_the_builders_make_what_is_accepted() -> None:
    """Otherwise the fuzz would only ever look at refusals."""
    honest: Any = json.dumps(configuration()).encode()
    check_issuer(read_configuration(honest), FETCHED_FROM)
    assert read_answer(200, json.dumps(answer()).encode(), REDIRECT).client_id
