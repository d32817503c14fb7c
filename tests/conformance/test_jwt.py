"""JWT: token header, signature, keys and key sets."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from . import refusal
from .bed import Bed, Registration, Visit
from .browser import Response
from .claims import RETURN_URL, Claims, put
from .crypto import Key, b64, ec_jwk, sign, unb64
from .fake_platform import FakePlatform

ATTACKER = Key("px", "attacker-k1")


def fetches(platform: FakePlatform) -> int:
    return len(platform.seen("/jwks", "GET"))


def refused_token(
    bed: Bed,
    status: int,
    code: str,
    make: Callable[[Visit], str],
    *,
    at: Registration | None = None,
    within: float = 2.0,
    back: str | None = None,
) -> None:
    """A launch with the token that ``make`` writes for a logged-in visit is refused; its signature is not good."""

    def send(accept: str) -> Response:
        visit = bed.visit(at)
        visit.login()
        return visit.post(make(visit), accept=accept)

    bed.refused(status, code, send, within=within, back=back)


def refused_header(bed: Bed, status: int, code: str, header: dict[str, Any], **more: Any) -> None:
    """A good token whose header was changed."""
    signing = {name: more.pop(name) for name in ("key", "sign_as", "secret") if name in more}
    refused_token(bed, status, code, lambda visit: visit.token(header=header, **signing), **more)


def test_JWT_01_kid_missing(bed: Bed) -> None:
    refused_header(bed, 401, "kid_missing", {"kid": None})
    refused_header(bed, 401, "kid_missing", {"kid": ""})


def test_JWT_02_kid_unknown_fetches_once(bed: Bed) -> None:
    cold, warm = bed.fresh(), bed.fresh()
    assert bed.visit(cold).launch(header={"kid": "never"}).error == "kid_unknown"
    assert fetches(cold.platform) == 1
    bed.visit(warm).enter()
    assert fetches(warm.platform) == 1
    refused_header(bed, 401, "kid_unknown", {"kid": "never"}, at=warm)
    assert fetches(warm.platform) == 2
    bed.visit(warm).enter()


def test_JWT_03_platform_rotated(bed: Bed) -> None:
    at = bed.fresh()
    bed.visit(at).enter()
    new = Key("rotated", "new-kid")
    at.platform.keys.append(new.jwk())
    for _ in range(6):  # both workers, and the old key goes on
        bed.visit(at).enter(key=new)
        bed.visit(at).enter()
    assert fetches(at.platform) == 2


def test_JWT_04_removed_key(bed: Bed) -> None:
    at = bed.fresh()
    bed.visit(at).enter()
    new = Key("rotated", "new-kid")
    at.platform.keys = [new.jwk()]
    bed.tool.clock.forward(hours=25)
    refused_token(bed, 401, "kid_unknown", lambda visit: visit.token(), at=at)
    bed.visit(at).enter(key=new)


def test_JWT_05_alg_none(bed: Bed) -> None:
    refused_header(bed, 401, "alg_not_allowed", {"alg": "none"}, sign_as="none")
    refused_header(bed, 401, "alg_not_allowed", {"alg": "none"})
    refused_header(bed, 401, "alg_not_allowed", {"alg": "none", "kid": None}, sign_as="none")


def test_JWT_06_alg_spelled_oddly(bed: Bed) -> None:
    for alg in ("None", "NONE", "nOnE", None, 256, "", "rs256", "RS256 ", ["RS256"]):
        for signed in ("RS256", "none"):
            refused_header(bed, 401, "alg_not_allowed", {"alg": alg}, sign_as=signed)


def test_JWT_07_hmac_with_public_pem(bed: Bed) -> None:
    pem = bed.p1_platform.key.public_pem()
    for secret in (pem, pem.strip(), pem.replace(b"\n", b"")):
        refused_header(bed, 401, "alg_not_allowed", {}, sign_as="HS256", secret=secret)


def test_JWT_08_hmac_with_jwk_text(bed: Bed) -> None:
    jwk = bed.p1_platform.key.jwk()
    for text in (
        json.dumps(jwk),
        json.dumps(jwk, separators=(",", ":")),
        json.dumps({"keys": [jwk]}),
        jwk["n"],
    ):
        refused_header(bed, 401, "alg_not_allowed", {}, sign_as="HS256", secret=text.encode())


def test_JWT_09_other_algorithms(bed: Bed) -> None:
    at = bed.fresh()
    key = at.platform.key
    at.platform.keys = [key.jwk(alg=None), ec_jwk("p1", "ec-kid")]
    bed.visit(at).enter()
    for alg in ("RS384", "RS512", "PS256"):
        refused_header(bed, 401, "alg_not_allowed", {}, sign_as=alg, at=at)
    refused_header(bed, 401, "alg_not_allowed", {}, sign_as="ES256", key=Key("p1", "ec-kid"), at=at)


def test_JWT_10_key_of_another_type(bed: Bed) -> None:
    at = bed.fresh()
    at.platform.keys = [ec_jwk("p1", at.platform.key.kid)]
    refused_token(bed, 401, "key_unusable", lambda visit: visit.token(), at=at)


def test_JWT_11_key_not_for_signatures(bed: Bed) -> None:
    for change in (
        {"use": "enc"},
        {"key_ops": ["encrypt"]},
        {"use": None, "key_ops": ["sign"]},
        {"alg": "RS512"},
    ):
        at = bed.fresh()
        at.platform.keys = [at.platform.key.jwk(**change)]
        refused_token(bed, 401, "key_unusable", lambda visit: visit.token(), at=at)
    at = bed.fresh()
    at.platform.keys = [at.platform.key.jwk(use=None, key_ops=["verify"])]
    bed.visit(at).enter()


def test_JWT_12_key_without_alg(bed: Bed) -> None:
    at = bed.fresh()
    at.platform.keys = [at.platform.key.jwk(alg=None)]
    bed.visit(at).enter()


def test_JWT_13_unknown_entries_skipped(bed: Bed) -> None:
    at = bed.fresh()
    odd: list[Any] = [
        {"kty": "OKP", "crv": "Ed448", "kid": "okp", "x": "AA"},
        {"kty": "quantum", "kid": "q"},
        {"kty": "EC", "crv": "P-9", "kid": "ec", "x": "AA", "y": "AA"},
        {"kty": "RSA", "kid": "half", "n": "AQAB"},
        {"kty": "RSA", "kid": "bad", "n": "!!", "e": "AQAB"},
        {"kid": 7},
        "text",
        None,
    ]
    at.platform.keys = [*odd, at.platform.key.jwk(), *odd]
    bed.visit(at).enter()


def _pointer_to_attacker(bed: Bed, member: str) -> None:
    platform = bed.p1_platform
    url = f"{platform.url}/attacker/jwks"
    refused_header(bed, 401, "kid_unknown", {member: url}, key=ATTACKER)
    refused_header(bed, 401, "signature_invalid", {member: url, "kid": platform.key.kid}, key=ATTACKER)
    assert platform.seen("/attacker/jwks") == []


def test_JWT_14_jku(bed: Bed) -> None:
    _pointer_to_attacker(bed, "jku")


def test_JWT_15_x5u(bed: Bed) -> None:
    _pointer_to_attacker(bed, "x5u")


def test_JWT_16_embedded_key(bed: Bed) -> None:
    kid = bed.p1_platform.key.kid
    certificate = b64(ATTACKER.public_pem())
    for header in ({"jwk": ATTACKER.jwk(kid=kid)}, {"x5c": [certificate]}):
        refused_header(bed, 401, "signature_invalid", header | {"kid": kid}, key=ATTACKER)


def test_JWT_17_weak_key(bed: Bed) -> None:
    at = bed.fresh(key=Key("weak", "weak-kid", bits=1024))
    refused_token(bed, 401, "key_too_weak", lambda visit: visit.token(), at=at)
    assert bed.audited("key_too_weak")["platform_id"] is not None  # the administrator's warning


def test_JWT_18_signature_changed(bed: Bed) -> None:
    def flipped(visit: Visit, position: int) -> str:
        head, payload, signature = visit.token().split(".")
        raw = bytearray(unb64(signature))
        raw[position] ^= 1
        return f"{head}.{payload}.{b64(bytes(raw))}"

    for position in (0, 128, -1):
        refused_token(bed, 401, "signature_invalid", lambda visit, p=position: flipped(visit, p))
    refused_token(bed, 401, "signature_invalid", lambda v: v.token().rsplit(".", 1)[0] + ".")
    refused_token(bed, 401, "signature_invalid", lambda v: v.token().rsplit(".", 1)[0] + "." + b64(b"short"))


def test_JWT_19_payload_changed(bed: Bed) -> None:
    def changed(visit: Visit) -> str:
        head, _, signature = visit.token().split(".")
        claims = visit.claims(put("sub", "somebody-else"))
        return f"{head}.{b64(json.dumps(claims).encode())}.{signature}"

    refused_token(bed, 401, "signature_invalid", changed)


def test_JWT_20_key_of_another_platform(bed: Bed) -> None:
    refused_token(bed, 401, "kid_unknown", lambda visit: visit.token(key=bed.p2.platform.key))
    # and under P1's own kid
    forged = Key("p2", bed.p1_platform.key.kid)
    refused_token(bed, 401, "signature_invalid", lambda visit: visit.token(key=forged))


def test_JWT_21_not_a_token(bed: Bed) -> None:
    key = bed.p1_platform.key

    def signed(payload: Any) -> Callable[[Visit], str]:
        return lambda _visit: sign(payload, key)

    def parts(change: Callable[[list[str]], list[str]]) -> Callable[[Visit], str]:
        return lambda visit: ".".join(change(visit.token().split(".")))

    def with_member(member: bytes) -> Callable[[Visit], str]:
        return lambda visit: sign(json.dumps(visit.claims()).encode()[:-1] + b", " + member + b"}", key)

    cases: list[Callable[[Visit], str]] = [
        parts(lambda p: p[:1]),
        parts(lambda p: p[:2]),
        parts(lambda p: [*p, "x"]),
        parts(lambda p: [*p, "x", "y"]),
        parts(lambda p: ["", *p[1:]]),
        parts(lambda p: [p[0], "", p[2]]),
        parts(lambda p: ["!" + p[0], *p[1:]]),
        parts(lambda p: [p[0], p[1] + "=", p[2]]),
        parts(lambda p: [p[0], p[1] + "ü", p[2]]),
        parts(lambda p: [b64(b"not json"), *p[1:]]),
        parts(lambda p: [b64(b"[]"), *p[1:]]),
        parts(lambda p: [b64(b"\xff\xfe"), *p[1:]]),
        lambda _visit: "x",
        lambda _visit: "...",
        signed([1, 2]),
        signed("text"),
        signed(b"{"),
        signed(b'{"iss":"a","iss":"b"}'),
        with_member(b'"x":NaN'),
        with_member(b'"x":-Infinity'),
        with_member(b'"sub":"somebody-else"'),  # twice
        with_member(b'"x":' + b"[" * 500 + b"]" * 500),
        with_member(b'"x":' + b'{"a":' * 5000 + b"1" + b"}" * 5000),
    ]
    for make in cases:
        refused_token(bed, 400, "id_token_malformed", make)
    huge = bed.visit()
    huge.login()
    answer = huge.post(
        sign(json.dumps(huge.claims()).encode().replace(b'"exp": 1', b'"exp": 1e999, "y": 1'), key)
    )
    assert answer.status in (400, 401) and answer.error in ("id_token_malformed", "claim_invalid:exp")
    # the empty string is no token at all (STA-20)
    refused_token(bed, 400, "id_token_missing", lambda _visit: "")


def test_JWT_22_critical_extension(bed: Bed) -> None:
    refused_header(bed, 401, "id_token_malformed", {"crit": ["x"], "x": 1})


def test_JWT_23_odd_kids(bed: Bed) -> None:
    at = bed.fresh()
    bed.visit(at).enter()
    for kid in (
        "../../etc/passwd",
        "/dev/null",
        "x' OR '1'='1",
        "x'); DROP TABLE launch; --",
        "k" * 10240,
        'a\r\nINJECTED: yes\n{"level":"INJECTED"}',
        "\x1b[31m",
        "ü☃",
    ):
        refused_header(bed, 401, "kid_unknown", {"kid": kid}, at=at)
    forged = ("INJECTED", '{"level":"INJ')
    assert not [line for line in bed.tool.log("serve").splitlines() if line.lstrip().startswith(forged)]
    bed.visit(at).enter()


def test_JWT_35_other_kinds_of_tokens(bed: Bed) -> None:
    """Signed by the right key, with all that a token of their kind has; none of them is a launch."""

    def only(*names: str, **more: Any) -> Callable[[Claims], None]:
        def change(token: Claims) -> None:
            kept = {name: token[name] for name in names} | more
            token.clear()
            token.update(kept)

        return change

    times = ("aud", "iat", "exp")
    url = bed.p1_platform.token_url
    kinds: list[tuple[tuple[Any, ...], dict[str, Any]]] = [
        ((put("message_type", "LtiDeepLinkingResponse"),), {}),
        (
            (
                put("message_type", "LtiDeepLinkingResponse"),
                put("iss", "c-one"),
                put("aud", "https://p1.example"),
            ),
            {},
        ),
        ((only("iat", "exp", iss="c-one", sub="c-one", aud=url, jti="j-1"),), {}),
        ((only(*times, "iss", "sub", jti="j-2", scope="score"),), {}),
        ((only(*times, "iss", "sub", jti="j-3", scope="score"),), {"typ": "at+jwt"}),
        ((), {"typ": "at+jwt"}),
    ]
    for changes, header in kinds:

        def send(accept: str, changes: Any = changes, header: Any = header) -> Response:
            return bed.visit().launch(*changes, header=header, accept=accept)

        with bed.nothing_stored():
            for accept in (refusal.HTML, refusal.JSON):
                response = send(accept)
                assert response.error in ("id_token_malformed", "message_type_invalid"), (
                    f"{header} {response.error}"
                )
                refusal.check(
                    response, response.status, response.error, accept=accept, back=back_if_there(response)
                )
                assert response.status in (400, 401)


def back_if_there(response: Response) -> str | None:
    return RETURN_URL if "lti_errormsg" in response.text else None
