"""Pages of connecting an LMS."""

from __future__ import annotations

from lms_tool.errors import Text
from lms_tool.web.pages import ConfigPage, ConfigValue, RegisterDonePage, RegisterPreviewPage
from lms_tool.web.render import Page

PREVIEW = RegisterPreviewPage(
    action_url="/lti/register/4F7K-92QD-HX3M-0ABC",
    fields=(("openid_configuration", "https://kurs.example/c?a=1&b=2"), ("registration_token", "t")),
    host="kurs.example",
    product="Moodle 5.1",
    issuer="https://kurs.example",
    tenant_name="Landkreis Beispielland",
    grants=(Text("Noten in das LMS schreiben", "write grades to the LMS"),),
    missing=(Text("Kopien erfahren", "hear of copies"), Text("Teilnehmende lesen", "read who takes part")),
    known=("Moodle der VHS", "Moodle <alt>"),
    is_moodle=True,
)
VALUE = ConfigValue(label=Text("Ziel", "Target"), value="https://lernen.example/lti/launch", names="Tool URL")

REGISTER_PAGES: dict[str, Page] = {
    "register_preview": PREVIEW,
    "register_preview_plain": RegisterPreviewPage(
        action_url="/lti/register/x",
        fields=(),
        host="lms.example:8443",
        product="",
        issuer="https://lms.example:8443",
        tenant_name="Standard",
        grants=PREVIEW.grants,
        missing=(),
    ),
    "register_done": RegisterDonePage(host="kurs.example", pending=True, updated=False, is_moodle=True),
    "register_renewed": RegisterDonePage(host="kurs.example", pending=False, updated=True),
    "config": ConfigPage(values=(VALUE, VALUE), scopes=(VALUE,), custom="a=$B\nc=$D", files=(VALUE,)),
}
