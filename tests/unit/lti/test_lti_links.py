"""``Link`` headers as platforms write them, and as a hostile one would."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms_tool.lti.links import MAX_HEADER, Pages, PagingLoop, PagingRefused, next_link, related_link

BASE = "https://lms.example/services/2/memberships?limit=2"
NEXT = "https://lms.example/services/2/memberships?limit=2&from=2"
HOSTS = frozenset({"lms.example", "token.example"})


@pytest.mark.parametrize(
    "header",
    [
        f'<{NEXT}>; rel="next"',
        f"<{NEXT}>; rel=next",
        f'<{NEXT}>;rel="NEXT"',
        f'<{NEXT}>; REL="next"',
        f'<{NEXT}> ; rel = "next"',
        f'<{NEXT}>; title="a, b; c <d>"; rel="next"',
        f'<{NEXT}>; title="say \\"rel\\""; rel="next last"',
        f'<{BASE}>; rel="first", <{NEXT}>; rel="next", <https://lms.example/9>; rel="last"',
        f'<{BASE}>; rel=first,<{NEXT}>; rel=next',
        f'<https://lms.example/a,b>; rel="prev", <{NEXT}>; rel="next"',
        f'<https://lms.example/css>; rel="preload"; crossorigin, <{NEXT}>; rel="next"',
        f'nonsense, <{NEXT}>; rel="next"',
        f'<{NEXT}>; rel="next"; anchor="{BASE}"',
        f'<https://lms.example/x>; rel="next"; anchor="https://lms.example/other", <{NEXT}>; rel="next"',
        f"<{NEXT}>; rel=“next”",
        f"<{NEXT}>; rel=“next”".encode().decode("latin-1"),
        f'<{NEXT.replace("&", "&amp;")}>; rel="next"',
        '</services/2/memberships?limit=2&from=2>; rel="next"',
        '<?limit=2&from=2>; rel="next"',
        f'<{NEXT}#part>; rel="next"',
        '<https://LMS.example:443/services/2/memberships?limit=2&from=2>; rel="next"',
    ],
)  # fmt: skip
def test_the_next_page_is_found(header: str) -> None:
    found = next_link({"link": header}, BASE, HOSTS)
    assert found is not None
    assert found.replace("LMS.example:443", "lms.example") == NEXT
    assert next_link(header, BASE) == found


@pytest.mark.parametrize(
    "header",
    ["", "next", "<", "<>", ";;;,,,", f"<{NEXT}>", f'<{NEXT}>; rel="nextpage"', f'<{NEXT}>; rev="next"',
     f'<{NEXT}>; title="rel=next"', f'<{NEXT}>; rel="prev"; rel="next"'],
)  # fmt: skip
def test_the_last_page_has_none(header: str) -> None:
    assert next_link({"link": header}, BASE) is None
    assert next_link({}, BASE) is None
    assert next_link(None, BASE) is None


@pytest.mark.parametrize(
    "target",
    ["https://evil.example/more", "http://lms.example/more", "//evil.example/more", "https://lms.example:8443/",
     "https://wer:was@lms.example/more", "https://lms.example@evil.example/", "javascript:alert(1)",
     "file:///etc/passwd", "https://[::1/x", "https://lms.example:99999/x", "https://lms.example\\@evil.example/",
     "https://lms.example/a b", "https://lms.example.evil.example/", "https://lms.example/" + "x" * 2000,
     "http://token.example/more", "https://token.example:8443/more"],
)  # fmt: skip
def test_a_page_elsewhere_is_refused(target: str) -> None:
    with pytest.raises(PagingRefused) as refused:
        next_link(f'<{target}>; rel="next"', BASE, HOSTS)
    assert refused.value.reason == "paging_refused"


def test_a_page_whose_whole_address_is_too_long_is_refused() -> None:
    with pytest.raises(PagingRefused):
        next_link(f'<{"b" * 1500}>; rel="next"', f"https://lms.example/{'a' * 1500}/")


def test_a_host_the_administrator_entered_is_asked_by_https() -> None:
    link = '<https://token.example/more>; rel="next"'
    assert next_link(link, BASE, HOSTS) == "https://token.example/more"
    with pytest.raises(PagingRefused):
        next_link(link, BASE)


def test_plain_http_stays_where_it_is() -> None:
    base = "http://10.1.2.3:8080/members"
    assert next_link('</members?p=2>; rel="next"', base) == f"{base}?p=2"
    for elsewhere in ("http://10.1.2.3:8081/members", "http://10.1.2.4:8080/members"):
        with pytest.raises(PagingRefused):
            next_link(f'<{elsewhere}>; rel="next"', base, frozenset({"10.1.2.3", "10.1.2.4"}))


def test_other_relations() -> None:
    header = f'<{NEXT}>; rel="next", <https://lms.example/since?t=7>; rel="differences"'
    assert related_link(header, "differences", BASE) == "https://lms.example/since?t=7"


def test_a_header_without_end_is_no_last_page() -> None:
    with pytest.raises(PagingRefused):
        next_link("x" * (MAX_HEADER + 1), BASE)


@pytest.mark.parametrize("junk", ["<", "<>;", '<>;a="', ";", ",", "<a>;" * 4, '<a>;rel="\\', "a<"])
def test_junk_takes_no_time(junk: str) -> None:
    header = (junk * MAX_HEADER)[:MAX_HEADER]
    begin = time.monotonic()
    assert next_link(header, BASE) is None
    assert time.monotonic() - begin < 1


@given(st.text(alphabet='<>;,="\\ rel=nextanchor/:@“”&\x00ä', max_size=60))
def test_anything_is_a_page_here_none_or_a_refusal(header: str) -> None:
    try:
        found = next_link(header, BASE)
    except PagingRefused:
        return
    assert found is None or found.startswith("https://lms.example")


def test_pages_end() -> None:
    pages = Pages(3)
    for number in range(3):
        pages.turn_to(f"{BASE}&page={number}")
    with pytest.raises(PagingLoop):
        pages.turn_to(f"{BASE}&page=4")
    again = Pages(100)
    again.turn_to(BASE)
    with pytest.raises(PagingLoop) as looped:
        again.turn_to(BASE)
    assert looped.value.reason == "paging_endless"
