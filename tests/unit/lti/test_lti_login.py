"""Login initiation, the authentication request, and the state that binds both to a browser."""

from __future__ import annotations

from contextlib import suppress
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lti_builders import BASE_URL, NOW, SECRET

from lms_tool.lti import (
    LoginRequest,
    LtiError,
    Target,
    authentication_request,
    check_target,
    cookie_name,
    cookies_to_drop,
    issue,
    parse_login,
    platform_error,
    read_state,
)
from lms_tool.lti.errors import TargetLinkUriNotAllowed
from lms_tool.lti.login import target_of
from lms_tool.lti.state import check_nonce

GOOD = {
    "iss": "https://p1.example",
    "login_hint": "5",
    "target_link_uri": BASE_URL + "/lti/launch",
    "client_id": "c-one",
    "lti_message_hint": '{"cmid":2,"x":"ä+%"}',
    "lti_deployment_id": "d1",
}


def refusal_of(query: list[tuple[str, str]], form: list[tuple[str, str]] | None = None) -> str:
    with pytest.raises(LtiError) as caught:
        parse_login(query, form or [])
    return f"{caught.value.status} {caught.value.public_code}"


@pytest.mark.parametrize("as_form", [False, True])
def test_log_01_02_read_from_query_or_form(as_form: bool) -> None:
    pairs = list(GOOD.items())
    login = parse_login([] if as_form else pairs, pairs if as_form else [])
    assert login == LoginRequest(**GOOD, lti_storage_target=None)


def test_optional_parameters_may_be_absent() -> None:
    login = parse_login([(name, GOOD[name]) for name in ("iss", "login_hint", "target_link_uri")], [])
    assert (login.client_id, login.lti_message_hint, login.lti_deployment_id) == (None, None, None)


@pytest.mark.parametrize("name", ["iss", "login_hint", "target_link_uri"])
@pytest.mark.parametrize("empty", [False, True])
def test_log_04_to_07_required(name: str, empty: bool) -> None:
    pairs = [(key, "" if key == name else value) for key, value in GOOD.items() if empty or key != name]
    assert refusal_of(pairs) == f"400 login_missing_{name}"


def test_log_27_a_bookmark_is_told_to_go_to_the_course() -> None:
    with pytest.raises(LtiError) as caught:
        parse_login([], [])
    assert caught.value.code == "login_missing_login_hint"
    assert "aus dem Kurs öffnen" in caught.value.remedy.de
    assert "open from your course" in caught.value.remedy.en


@pytest.mark.parametrize("name", sorted(GOOD))
def test_log_20_twice(name: str) -> None:
    pairs = list(GOOD.items())
    assert refusal_of([*pairs, (name, "other")]) == "400 duplicate_parameter"
    assert refusal_of(pairs, [(name, GOOD[name])]) == "400 duplicate_parameter"


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("iss", "registration_unknown"),
        ("client_id", "registration_unknown"),
        ("lti_deployment_id", "deployment_unknown"),
    ],
)
def test_ids_that_no_database_can_hold(name: str, code: str) -> None:
    assert refusal_of([*{**GOOD, name: "a\0"}.items()]) == f"403 {code}"


def test_unknown_parameters_are_ignored_however_often() -> None:
    assert parse_login([*GOOD.items(), ("x", "1"), ("x", "2")], [("x", "3")]).iss == GOOD["iss"]


def test_log_21_too_large() -> None:
    assert refusal_of(
        [*((k, v) for k, v in GOOD.items() if k != "login_hint"), ("login_hint", "x" * 65536)]
    ) == ("413 request_too_large")


@pytest.mark.parametrize(
    ("uri", "target"),
    [
        ("https://tool.example/lti/launch", Target()),
        ("https://TOOL.example:443/lti/launch?", Target()),
        ("https://tool.example/lti/launch?course=bb&module=egovg&activity=a-1", Target("bb", "egovg", "a-1")),
        ("https://tool.example/lti/launch?module=egovg&aufgabe=Prüfung#top", Target(None, "egovg", None)),
        ("https://tool.example/lti/launch?course=&x=y", Target()),
        ("https://tool.example/lti/launch?course=../etc", Target(known=False)),
        ("https://tool.example/lti/launch?course=%00", Target(known=False)),
        ("https://tool.example/lti/launch?" + "x=1&" * 60, Target(known=False)),
        ("https://tool.example/other", Target(known=False)),
        ("https://tool.example/lti/launch/", Target(known=False)),
        ("https://tool.example", Target(known=False)),
    ],
)
def test_targets_of_our_own(uri: str, target: Target) -> None:
    assert check_target(uri, BASE_URL) == target


@pytest.mark.parametrize(
    "uri",
    [
        "https://evil.example/lti/launch",
        "http://tool.example/lti/launch",
        "https://tool.example:8443/lti/launch",
        "https://tool.example.evil.example/lti/launch",
        "javascript:alert(1)",
        "data:text/html,x",
        "//evil.example",
        "//tool.example/lti/launch",
        "/lti/launch",
        "https:\\\\evil",
        "https://tool.example\\@evil.example/lti/launch",
        "https://tool@evil.example/",
        "https://user:secret@tool.example/lti/launch",
        "https://tool.example:port/lti/launch",
        "https://[tool.example/lti/launch",
        "https://tool.example/lti/launch\r\nX: y",
        " https://tool.example/lti/launch",
        "\x00https://tool.example/lti/launch",
        "https://tool.exam\tple/lti/launch",
    ],
)
def test_log_18_19_foreign_or_unsafe_targets(uri: str) -> None:
    with pytest.raises(LtiError) as caught:
        check_target(uri, BASE_URL)
    assert (caught.value.code, caught.value.status) == ("target_link_uri_not_allowed", 400)


@given(st.text(max_size=80) | st.from_regex(r"https?://tool\.example[\x20-\x7e]{0,40}", fullmatch=True))
def test_any_target_is_read_or_refused(uri: str) -> None:
    with suppress(TargetLinkUriNotAllowed):
        target = check_target(uri, BASE_URL)
        assert urlsplit(uri).hostname == "tool.example"
        assert target.course is None or target.course.isascii()


def asked(auth_url: str, login: LoginRequest) -> list[tuple[str, str]]:
    url = authentication_request(auth_url, "c-one", BASE_URL + "/lti/launch", login, "the-state", "the-nonce")
    assert url.startswith(auth_url)
    assert "#" not in url
    return parse_qsl(urlsplit(url).query, keep_blank_values=True, strict_parsing=True)


def test_log_03_every_parameter_once() -> None:
    assert sorted(asked("https://p1.example/auth", parse_login(GOOD.items(), []))) == sorted(
        {
            "scope": "openid",
            "response_type": "id_token",
            "response_mode": "form_post",
            "prompt": "none",
            "client_id": "c-one",
            "redirect_uri": BASE_URL + "/lti/launch",
            "login_hint": "5",
            "state": "the-state",
            "nonce": "the-nonce",
            "lti_message_hint": GOOD["lti_message_hint"],
        }.items()
    )


@pytest.mark.parametrize(
    "auth_url", ["https://p1.example/auth?tenant=a%20b", "https://p1.example/auth?tenant=a b&"]
)
def test_log_17_query_of_the_platform_is_kept(auth_url: str) -> None:
    pairs = asked(auth_url, parse_login(GOOD.items(), []))
    assert pairs[0] == ("tenant", "a b")
    assert len(pairs) == 11


@given(
    hint=st.text(alphabet=st.characters(codec="utf-8"), min_size=1, max_size=60),
    message_hint=st.text("aä+%&={}\"' ?#"),
)
def test_log_15_16_hints_come_back_unchanged(hint: str, message_hint: str) -> None:
    login = LoginRequest("i", hint, "t", None, message_hint, None, None)
    pairs = asked("https://p1.example/auth", login)
    assert dict(pairs)["login_hint"] == hint
    assert dict(pairs)["lti_message_hint"] == message_hint
    assert len(pairs) == 10


# --- state --------------------------------------------------------------------------------------------------


def test_a_state_comes_back_to_its_browser_and_registration() -> None:
    pending = issue(SECRET, 7, NOW)
    state = read_state(SECRET, pending.state)
    assert (state.platform_id, state.issued_at) == (7, NOW)
    assert state.belongs_to(pending.cookie_value)
    assert state.cookie_name == pending.cookie_name == cookie_name(pending.state)
    assert check_nonce(SECRET, state, pending.nonce) == pending.nonce


def test_log_23_all_different() -> None:
    issued = [issue(SECRET, 1, NOW) for _ in range(1000)]
    values = {v for p in issued for v in (p.state, p.nonce, p.cookie_value, p.cookie_name)}
    assert len(values) == 4000
    assert len({read_state(SECRET, p.state).fingerprint for p in issued}) == 1000


@pytest.mark.parametrize("state", [None, ""])
def test_sta_02_no_state(state: str | None) -> None:
    with pytest.raises(LtiError) as caught:
        read_state(SECRET, state)
    assert (caught.value.code, caught.value.status) == ("state_missing", 400)


@given(st.text(min_size=1, max_size=130) | st.from_regex(r"[A-Za-z0-9_-]{108}", fullmatch=True))
def test_sta_03_never_issued(state: str) -> None:
    with pytest.raises(LtiError) as caught:
        read_state(SECRET, state)
    assert (caught.value.code, caught.value.status) == ("state_unknown", 401)


@given(position=st.integers(0, 107), other=st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdef0123456789-_"))
def test_no_character_of_a_state_can_change(position: int, other: str) -> None:
    state = issue(SECRET, 7, NOW).state
    changed = state[:position] + other + state[position + 1 :]
    if changed != state:
        with pytest.raises(LtiError):
            read_state(SECRET, changed)


def test_a_state_of_another_secret_is_unknown() -> None:
    with pytest.raises(LtiError):
        read_state(b"another secret", issue(SECRET, 7, NOW).state)


@pytest.mark.parametrize(
    ("age", "expired"), [(0, False), (600, False), (601, True), (-60, False), (-61, True)]
)
def test_sta_06_lifetime(age: int, expired: bool) -> None:
    assert read_state(SECRET, issue(SECRET, 7, NOW).state).expired(NOW + age) is expired


@pytest.mark.parametrize(
    "cookie",
    [None, "", "1", ".", f"{NOW}.", f"{NOW}.AAAA", f"{NOW}.ä\ud800", issue(SECRET, 7, NOW).cookie_value],
    ids=["none", "empty", "digit", "dot", "no-secret", "short", "surrogate", "another-login"],
)
def test_sta_04_05_another_browser(cookie: str | None) -> None:
    assert not read_state(SECRET, issue(SECRET, 7, NOW).state).belongs_to(cookie)


def test_sta_10_a_state_is_no_nonce_and_a_foreign_nonce_is_unknown() -> None:
    pending = issue(SECRET, 7, NOW)
    state = read_state(SECRET, pending.state)
    for nonce in (pending.state, pending.state[:43], issue(b"another secret", 7, NOW).nonce, "x", "ä" * 43):
        with pytest.raises(LtiError, match="nonce_unknown"):
            check_nonce(SECRET, state, nonce)


def test_log_24_cookie_names_and_pruning() -> None:
    assert issue(SECRET, 7, NOW).cookie_name.startswith("__Host-lti-")
    cookies = {f"__Host-lti-{n:02}": f"{NOW - n}.secret" for n in range(15)}
    cookies |= {
        "__Host-lti-old": f"{NOW - 601}.secret",
        "__Host-lti-odd": "x",
        "__Host-lti-sup": "²5.x",
        "other": "1",
    }
    dropped = set(cookies_to_drop(cookies, NOW))
    assert {"__Host-lti-old", "__Host-lti-odd", "__Host-lti-sup"} < dropped
    assert "other" not in dropped
    kept = {name for name in cookies if name.startswith("__Host-lti-")} - dropped
    assert kept == {f"__Host-lti-{n:02}" for n in range(9)}


def test_cookies_within_the_limit_stay() -> None:
    assert cookies_to_drop({f"__Host-lti-{n}": f"{NOW}.s" for n in range(9)}, NOW) == []


@pytest.mark.parametrize(
    ("error", "part"),
    [
        ("login_required", "melden Sie sich"),
        ("access_denied", "Kurs"),
        ("unauthorized_client", "betreut"),
        ("temporarily_unavailable", "Minuten"),
        ("something_else", "Kurs"),
    ],
)
def test_sta_17_a_remedy_for_each_error(error: str, part: str) -> None:
    refusal = platform_error(error, None)
    assert (refusal.code, refusal.status, refusal.detail) == ("platform_error", 401, error)
    assert part in refusal.remedy.de


def test_sta_18_foreign_words_are_cleaned_and_cut() -> None:
    detail = platform_error("e\r\n", "<script>\x00\u202e" + "x" * 1000).detail
    assert detail is not None
    assert detail.startswith("e: <script>x")
    assert len(detail) <= 300
    assert detail.isprintable()


def test_the_cookie_remembers_the_announced_target_for_the_audit_trail() -> None:
    pending = issue(SECRET, 7, NOW, BASE_URL + "/lti/launch?course=b&module=m1")
    assert target_of(pending.cookie_value, BASE_URL) == Target("b", "m1")
    assert read_state(SECRET, pending.state).belongs_to(pending.cookie_value)


@pytest.mark.parametrize(
    "value", [None, "", "1.abc", "1.abc.", "1.abc.!!!!", "1.abc._w", "1.abc.aHR0cHM6Ly9ldmls"]
)
def test_a_cookie_without_a_readable_target_names_none(value: str | None) -> None:
    assert target_of(value, BASE_URL) is None
