"""DR: the way of a registration from invitation to first launch, and what must not come of it."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest

from . import refusal
from .bed import Bed
from .browser import Browser, Response
from .fake_platform import Answer
from .fake_registration import ABSENT, TOKEN, TOOL, Connecting, RegisteringLms, connecting, invitation


def refused_agreement(bed: Bed, lms: RegisteringLms, status: int, code: str) -> list[Response]:
    """Pressing the button is refused, as a page and as JSON, and leaves nothing; what was answered."""
    answers = []
    for accept in (refusal.HTML, refusal.JSON):
        admin = connecting(bed, lms)
        page = admin.preview()
        with bed.nothing_stored():
            answer = admin.press(page, accept=accept)
        refusal.check(answer, status, code, accept=accept, within=5.0, secrets=(TOKEN,))
        answers.append(answer)
    return answers


def test_DR_01_registration(bed: Bed) -> None:
    admin = connecting(bed)
    preview = admin.preview()
    assert bed.rows.all("platform", issuer=admin.lms.issuer) == [], "looking stores nothing"
    assert urlsplit(admin.lms.url).netloc in preview.text and "Moodle 5.1" in preview.text
    assert "Noten" in preview.text and "Namen" in preview.text, "what will be granted"
    done = admin.press(preview)
    assert done.status == 200
    assert "org.imsglobal.lti.close" in done.text, "what the script posts to opener or parent"
    row = admin.platform()
    assert (row["status"], row["client_id"], row["product"]) == ("pending", "c-new", "moodle 5.1")
    assert (row["auth_login_url"], row["token_url"], row["jwks_url"]) == (
        admin.lms.auth_url,
        admin.lms.token_url,
        admin.lms.jwks_url,
    )
    visit = bed.at_lesson(admin.registration())
    refusal.check(visit.ask_login(), 403, "registration_inactive")
    bed.tool.admin("platform", "approve", str(row["id"]))
    assert bed.at_lesson(admin.registration()).enter()
    assert {line["code"] for line in bed.rows.all("audit_event", platform_id=row["id"])} >= {
        "platform_registered",
        "platform_approved",
    }


def test_DR_01_the_lms_may_show_the_pages_and_nobody_else(bed: Bed) -> None:
    admin = connecting(bed)
    shown = admin.open()
    done = admin.press(admin.preview())
    for answer in (shown, done):
        policy = answer.header("Content-Security-Policy")
        assert f"frame-ancestors 'self' {admin.lms.url}" in policy
        assert policy.count("http") == 1


@pytest.mark.parametrize("code", ["", "/", "/0000-0000-0000-0000", "/" + "A" * 500, "/%00", "/../register"])
def test_DR_02_no_invitation_no_request(bed: Bed, code: str) -> None:
    admin = connecting(bed)
    for accept in (refusal.HTML, refusal.JSON):
        with bed.nothing_stored():
            answer = admin.open(path=f"/lti/register{code}", accept=accept)
        if code in ("/%00", "/../register"):
            assert answer.status in (403, 404)
        else:
            refusal.check(answer, 403, "registration_invite_invalid", accept=accept, secrets=(TOKEN,))
    fields = {"openid_configuration": admin.lms.configuration_url}
    assert admin.browser.post(f"/lti/register{code}", fields).status in (403, 404)
    assert admin.lms.requests == []


def test_DR_03_an_invitation_is_used_once(bed: Bed) -> None:
    first = connecting(bed)
    page = first.preview()
    first.agree()
    again = connecting(bed, RegisteringLms(bed), link=first.link)
    bed.refused(403, "registration_invite_invalid", lambda accept: again.open(accept=accept))
    refusal.check(first.press(page), 403, "registration_invite_invalid", secrets=(TOKEN,))
    assert again.lms.requests == [] and len(first.lms.seen("/register")) == 1


def test_DR_03_a_race_for_one_invitation_has_one_winner(bed: Bed) -> None:
    link = invitation(bed)
    admins = [connecting(bed, RegisteringLms(bed, f"c-{n}"), link=link) for n in range(6)]
    pages = [admin.preview() for admin in admins]
    with ThreadPoolExecutor(6) as threads:
        answers = list(threads.map(Connecting.press, admins, pages))
    assert sorted(answer.status for answer in answers)[:2] in ([200, 403], [200, 409])
    stored = [admin for admin in admins if bed.rows.all("platform", issuer=admin.lms.issuer)]
    assert len(stored) == 1


def test_DR_03_an_invitation_expires(bed: Bed) -> None:
    admin = connecting(bed)
    page = admin.preview()
    bed.tool.clock.forward(days=7, seconds=1)
    bed.refused(403, "registration_invite_invalid", lambda accept: admin.open(accept=accept))
    refusal.check(admin.press(page), 403, "registration_invite_invalid")
    assert len(admin.lms.requests) == 1, "only the preview before it expired"


def test_DR_14_the_platform_refuses(bed: Bed) -> None:
    lms = RegisteringLms(bed)
    lms.registration_answer = Answer(
        400, {"error": "invalid_redirect_uri", "error_description": "Not <b>this</b> one"}, {}
    )
    page, as_json = refused_agreement(bed, lms, 400, "registration_rejected")
    assert "invalid_redirect_uri: Not &lt;b&gt;this&lt;/b&gt; one" in page.text
    assert "invalid_redirect_uri" in json.dumps(as_json.json)
    assert bed.rows.all("platform", issuer=lms.issuer) == []


def test_DR_14_moodles_plain_words(bed: Bed) -> None:
    """Quirk 2: errors are one word of text/html. The invitation is still good for another attempt."""
    admin = connecting(bed)
    admin.lms.registration_answer = Answer(
        401, "token_already_used", {"Content-Type": "text/html; charset=utf-8"}
    )
    refused = admin.press(admin.preview())
    refusal.check(refused, 400, "registration_rejected", within=5.0)
    assert "token_already_used" in refused.text
    assert bed.audited("registration_rejected")["tenant_id"] == 1, "its administrators see what went wrong"
    admin.lms.registration_answer = None
    admin.agree()
    assert admin.platform()["status"] == "pending"


@pytest.mark.parametrize("token", [None, ""])
def test_DR_15_no_token(bed: Bed, token: str | None) -> None:
    admin = connecting(bed)
    shown = admin.open(token=token)
    assert shown.status == 200
    assert admin.press(refusal.Page(shown.text)).status == 200
    assert "authorization" not in admin.lms.asked().headers


def test_DR_15_with_a_token(bed: Bed) -> None:
    admin = connecting(bed)
    admin.agree()
    assert admin.lms.asked().headers["authorization"] == f"Bearer {TOKEN}"


def test_DR_16_our_request(bed: Bed) -> None:
    admin = connecting(bed)
    admin.agree()
    asked, tool = admin.lms.asked(), bed.tool.url
    assert asked.headers["content-type"] == "application/json"
    body = asked.json
    assert body["application_type"] == "web" and body["response_types"] == ["id_token"]
    assert {"implicit", "client_credentials"} <= set(body["grant_types"])
    assert body["initiate_login_uri"] == f"{tool}/lti/login"
    assert body["redirect_uris"] == [f"{tool}/lti/launch"]
    assert body["jwks_uri"] == f"{tool}/lti/jwks"
    assert body["token_endpoint_auth_method"] == "private_key_jwt"
    assert body["client_name"] and body["client_name#en"] and body["client_name"] != body["client_name#en"]
    assert len(body["scope"].split()) == 5
    own = body[TOOL]
    assert own["domain"] == urlsplit(tool).netloc, "host and port: Moodle finds tools by it"
    assert own["target_link_uri"] == f"{tool}/lti/launch"
    assert {"LtiResourceLinkRequest", "LtiDeepLinkingRequest"} <= {m["type"] for m in own["messages"]}
    assert {"sub", "name"} <= set(own["claims"])
    assert "email" not in own["claims"], "nothing is asked for that is not needed"
    assert {"$Context.id.history", "$ResourceLink.id.history"} <= set(own["custom_parameters"].values())
    icon = admin.browser.get(urlsplit(body["logo_uri"]).path, site="cross-site")
    assert icon.status == 200 and icon.body.startswith(b"\x89PNG")
    assert icon.header("Cross-Origin-Resource-Policy") == "cross-origin"


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"client_id": ABSENT}, "client_id"),
        ({"client_id": ""}, "client_id"),
        ({"client_id": 5}, "client_id"),
        ({"redirect_uris": ["https://evil.example/launch"]}, "redirect_uris"),
        ({"redirect_uris": []}, "redirect_uris"),
    ],
)
def test_DR_17_an_answer_that_cannot_be_used(bed: Bed, change: dict[str, object], named: str) -> None:
    lms = RegisteringLms(bed)
    lms.grant = change
    page, _ = refused_agreement(bed, lms, 400, "registration_config_invalid")
    assert named in page.text
    assert bed.rows.all("platform", issuer=lms.issuer) == []


def test_DR_18_the_deployment_is_stored(bed: Bed) -> None:
    admin = connecting(bed)
    admin.agree()
    row = admin.platform()
    assert [d["lti_id"] for d in bed.rows.all("deployment", platform_id=row["id"])] == ["7"]
    bed.tool.admin("platform", "approve", str(row["id"]))
    visit = bed.at_lesson(admin.registration())
    assert visit.ask_login(lti_deployment_id="7").status in (302, 303)


def test_DR_18_without_one_the_first_launch_asks(bed: Bed) -> None:
    admin = connecting(bed)
    admin.lms.grant = {TOOL: ABSENT}
    admin.agree()
    row = admin.platform()
    assert bed.rows.all("deployment", platform_id=row["id"]) == []
    bed.tool.admin("platform", "approve", str(row["id"]))
    at = admin.registration()
    unverified = bed.at_lesson(at)
    assert unverified.ask_login(lti_deployment_id="7").status in (302, 303)
    assert bed.rows.all("deployment", platform_id=row["id"]) == [], "a login proves nothing"
    people = {name: bed.rows.count(name) for name in ("person", "context", "launch")}
    refused = bed.at_lesson(at).launch()
    refusal.check(refused, 403, "deployment_unknown", back=refusal.RETURN_URL)
    assert "wartet" in refused.text
    (asked,) = bed.rows.all("deployment", platform_id=row["id"])
    assert (asked["lti_id"], asked["status"]) == ("7", "pending")
    assert people == {name: bed.rows.count(name) for name in people}
    refusal.check(bed.at_lesson(at).ask_login(lti_deployment_id="7"), 403, "deployment_unknown")
    bed.tool.admin("platform", "approve", str(row["id"]))
    assert bed.at_lesson(at).enter()


def test_DR_19_the_same_again(bed: Bed) -> None:
    first = connecting(bed)
    first.agree()
    row = first.platform()
    bed.tool.admin("platform", "approve", str(row["id"]))
    again = connecting(bed, first.lms)
    offered = again.preview()
    assert "schon verbunden" in offered.text
    done = again.press(offered)
    assert "erneuert" in done.text and "org.imsglobal.lti.close" in done.text
    after = again.platform()  # one row
    assert (after["id"], after["status"]) == (row["id"], "active")
    assert bed.at_lesson(again.registration()).enter()


@pytest.mark.parametrize("client_id", ["c-new", "c-of-the-attacker"])
@pytest.mark.parametrize("tenant", ["", "dr-zwanzig"])
def test_DR_20_a_stranger_takes_no_issuer_over(bed: Bed, client_id: str, tenant: str) -> None:
    owner = connecting(bed)
    owner.agree()
    bed.tool.admin("platform", "approve", str(owner.platform()["id"]))
    if tenant and not bed.rows.all("tenant", key=tenant):
        bed.tool.admin("tenant", "add", tenant, "Fremd")
    owner.lms.client_id = client_id
    owner.lms.document = {"jwks_uri": f"{owner.lms.url}/jwks-of-the-attacker"}
    before = bed.rows.all("platform")
    for accept in (refusal.HTML, refusal.JSON):
        attacker = connecting(bed, owner.lms, tenant=tenant)
        with bed.nothing_stored():
            refused = attacker.open(accept=accept)
        refusal.check(refused, 409, "registration_conflict", accept=accept, within=5.0, secrets=(TOKEN,))
    assert bed.rows.all("platform") == before
    assert len(owner.lms.seen("/register")) == 1
    assert bed.audited("registration_conflict")["platform_id"] == before[-1]["id"]
    owner.lms.document = {}
    owner.lms.client_id = "c-new"
    assert bed.at_lesson(owner.registration()).enter()


def test_DR_20_an_issuer_of_another_host(bed: Bed) -> None:
    """The plain attempt: the victim's name, the attacker's addresses."""
    attacker = connecting(bed)
    attacker.lms.document = {"issuer": bed.p1.platform.issuer}
    bed.refused(409, "registration_conflict", lambda accept: attacker.open(accept=accept), within=5.0)


def test_DR_20_the_client_id_of_another_tenant(bed: Bed) -> None:
    owner = connecting(bed)
    owner.agree()
    if not bed.rows.all("tenant", key="dr-fremd"):
        bed.tool.admin("tenant", "add", "dr-fremd", "Fremd")
    other = connecting(bed, owner.lms, tenant="dr-fremd")
    page = other.preview()
    assert "schon verbunden" not in page.text, "what another customer has is not told"
    with bed.nothing_stored():
        refusal.check(other.press(page), 409, "registration_conflict", within=5.0)


def test_DR_21_token_and_invitation_stay_secret(bed: Bed) -> None:
    admin = connecting(bed)
    secrets = (TOKEN, admin.link.rsplit("/", 1)[-1])
    shown = admin.open()
    assert shown.header("Referrer-Policy") in ("no-referrer", "strict-origin")
    admin.lms.registration_answer = Answer(400, f"refused: {TOKEN}")
    refused = [
        admin.open("http://10.0.0.1/"),
        admin.open(token=TOKEN + " "),
        admin.browser.get(
            f"{admin.path}?openid_configuration=x&openid_configuration=y&registration_token={TOKEN}"
        ),
        admin.browser.request("PUT", admin.path),
        admin.browser.post(admin.path, {"registration_token": TOKEN}, site="cross-site"),
    ]
    for answer in refused:
        assert answer.status >= 400
        assert not any(secret in answer.text for secret in secrets), answer.error
    admin.lms.registration_answer = None
    admin.agree()
    refused.append(admin.open())
    for place in ("serve", "worker"):
        log = bed.tool.log(place)
        assert not any(secret in log for secret in secrets)
    audit = str(bed.rows.all("audit_event"))
    assert not any(secret in audit for secret in secrets)


def test_DR_21_the_button_cannot_be_pressed_from_elsewhere(bed: Bed) -> None:
    admin = connecting(bed)
    fields = {"openid_configuration": admin.lms.configuration_url}
    foreign: Browser = admin.browser
    with bed.nothing_stored():
        refusal.check(foreign.post(admin.path, fields, site="cross-site"), 403, "csrf_failed")
    assert admin.lms.requests == []
