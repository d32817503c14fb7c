"""JWT-24 … JWT-34: platforms' key sets that hang, fail, lie, grow and rotate."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from . import refusal
from .bed import Bed, Registration
from .browser import Response
from .crypto import Key, ec_jwk, self_signed
from .fake_platform import Answer
from .test_jwt import fetches, refused_header, refused_token


def test_JWT_24_key_set_hangs(bed: Bed) -> None:
    at = bed.fresh()
    at.platform.jwks_answer = Answer(hang=True)
    refused_token(bed, 503, "platform_keys_unavailable", lambda visit: visit.token(), at=at, within=5.0)


def test_JWT_25_key_set_down_but_cached(bed: Bed) -> None:
    at = bed.fresh()
    bed.visit(at).enter()
    at.platform.jwks_answer = Answer(500, "broken")
    bed.tool.clock.forward(hours=23)
    for _ in range(4):
        bed.visit(at).enter()
    assert fetches(at.platform) > 1, "nobody asked whether the platform is back"
    refused_header(bed, 401, "kid_unknown", {"kid": "other"}, at=at, within=5.0)
    bed.tool.clock.forward(hours=2)
    refused_token(bed, 503, "platform_keys_unavailable", lambda visit: visit.token(), at=at)
    at.platform.jwks_answer = None
    bed.tool.clock.forward(minutes=2)
    bed.visit(at).enter()
    # a failed fetch, or a useless answer, must not empty the cache either
    for useless in (Answer(200, {"keys": []}), Answer(200, b"<html>"), Answer(cut=True)):
        at.platform.jwks_answer = useless
        bed.tool.clock.forward(hours=5)
        bed.visit(at).enter()


def test_JWT_26_key_set_down_nothing_cached(bed: Bed) -> None:
    for answer in (Answer(500), Answer(404), Answer(cut=True)):
        at = bed.fresh()
        at.platform.jwks_answer = answer

        def send(accept: str, at: Registration = at) -> Response:
            response = bed.visit(at).launch(accept=accept)
            assert 0 < int(response.header("Retry-After")) <= 3600
            return response

        bed.refused(503, "platform_keys_unavailable", send)
        at.platform.jwks_answer = None
        bed.tool.clock.forward(minutes=2)
        bed.visit(at).enter()
    refused = bed.fresh()
    visit = bed.visit(refused)
    visit.login()
    refused.platform.close()
    response = visit.post(visit.token())
    refusal.check(response, 503, "platform_keys_unavailable")


def test_JWT_27_useless_key_sets(bed: Bed) -> None:
    for body in (
        b"<html><body>Login</body></html>",
        b"",
        b'{"keys":{}}',
        b"[]",
        b"null",
        b'{"keys":',
        b"\xff",
    ):
        at = bed.fresh()
        at.platform.jwks_answer = Answer(200, body)
        refused_token(bed, 503, "platform_keys_unavailable", lambda visit: visit.token(), at=at)
    at = bed.fresh()
    at.platform.jwks_answer = Answer(200, {"keys": []})
    response = bed.visit(at).launch()
    assert (response.status, response.error) in (
        (401, "kid_unknown"),
        (503, "platform_keys_unavailable"),
    )
    refusal.check(response, response.status, response.error)


def test_JWT_28_endless_key_set(bed: Bed) -> None:
    before = bed.tool.memory()
    for answer in (Answer(endless=True), Answer(200, b" " * 50 * 1024 * 1024)):
        at = bed.fresh()
        at.platform.jwks_answer = answer
        refused_token(bed, 503, "platform_keys_unavailable", lambda visit: visit.token(), at=at, within=5.0)
        assert at.platform.endless_bytes < 16 * 1024 * 1024  # what the sockets' buffers hold
    assert bed.tool.memory() < before + 16 * 1024 * 1024
    # up to the limit it is read
    at = bed.fresh()
    at.platform.jwks_answer = Answer(200, {"keys": at.platform.keys, "pad": "x" * 200 * 1024})
    bed.visit(at).enter()


def test_JWT_29_key_set_redirects(bed: Bed) -> None:
    for status in (301, 302, 303, 307, 308):
        at = bed.fresh()
        at.platform.jwks_answer = Answer(status, "", {"Location": f"{bed.p1_platform.url}/elsewhere/jwks"})
        refused_token(bed, 503, "platform_keys_unavailable", lambda visit: visit.token(), at=at)
    assert bed.p1_platform.seen("/elsewhere/jwks") == []


def test_JWT_30_key_set_with_bad_certificate(bed: Bed, tmp_path: Path) -> None:
    for days in (range(-1, 30), range(-30, -1)):
        at = bed.fresh(tls=self_signed(days, tmp_path))
        assert at.platform.jwks_url.startswith("https://")
        refused_token(bed, 503, "platform_keys_unavailable", lambda visit: visit.token(), at=at, within=5.0)
        assert fetches(at.platform) == 0


def test_JWT_31_flood_of_unknown_kids(bed: Bed) -> None:
    at = bed.fresh()
    bed.visit(at).enter()
    before = fetches(at.platform)

    def attack(number: int) -> None:
        visit = bed.visit(at)
        visit.login()
        response = visit.post(visit.token(header={"kid": f"kid-{number}"}))
        assert response.status == 401 and response.error == "kid_unknown"
        if number % 10 == 0:
            bed.visit(at).enter()

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(attack, range(200)))
    assert fetches(at.platform) - before <= 1
    bed.tool.clock.forward(seconds=61)
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(attack, range(200, 220)))
    assert fetches(at.platform) - before <= 2
    # a rotation in the next minute is seen
    bed.tool.clock.forward(seconds=61)
    new = Key("rotated", "new-kid")
    at.platform.keys.append(new.jwk())
    bed.visit(at).enter(key=new)


def test_JWT_32_many_launches_few_fetches(bed: Bed) -> None:
    at = bed.fresh()

    def launch(number: int) -> None:
        visit = bed.visit(at, sub=f"u-{number % 5}", context="ctx", link="rl")
        response = visit.launch()
        assert response.status == 303, response.error

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(launch, range(500)))
    assert 1 <= fetches(at.platform) <= 4  # two per process


def test_JWT_33_cache_control(bed: Bed) -> None:
    for header in ("no-store", "max-age=0", "max-age=1, must-revalidate", "no-cache"):
        at = bed.fresh()
        at.platform.cache_control = header
        for _ in range(10):
            bed.visit(at).enter()
        bed.tool.clock.forward(seconds=50)
        bed.visit(at).enter()
        assert fetches(at.platform) == 1, f"{header}: asked again within the floor of a minute"
        bed.tool.clock.forward(minutes=10)
        bed.visit(at).enter()
        assert fetches(at.platform) == 2, f"{header}: not asked again"
    at = bed.fresh()
    at.platform.cache_control = "max-age=999999999999"
    bed.visit(at).enter()
    bed.tool.clock.forward(hours=23)
    bed.visit(at).enter()
    assert fetches(at.platform) == 1
    bed.tool.clock.forward(hours=1, minutes=1)
    bed.visit(at).enter()
    assert fetches(at.platform) == 2


def test_JWT_34_same_kid_twice(bed: Bed) -> None:
    def wrong(count: int, kid: str) -> list[dict[str, Any]]:
        return [Key(f"pool{n}", kid).jwk() for n in range(count)]

    for before, good in ((1, True), (4, True), (5, False)):
        key = Key("rotated", "twin")
        at = bed.fresh(key=key)
        at.platform.keys = [*wrong(before, key.kid), key.jwk()]
        if good:
            bed.visit(at).enter()
        else:
            refused_token(bed, 401, "signature_invalid", lambda visit: visit.token(), at=at)
    at = bed.fresh(key=Key("rotated", "mixed"))
    at.platform.keys = [ec_jwk("p1", "mixed"), at.platform.key.jwk(use="enc"), at.platform.key.jwk()]
    bed.visit(at).enter()
