"""What to mend, in the words of a product's own menus.

Only what its language files or documentation say; the guides in ``lti_config/`` name the sources.
"""

from __future__ import annotations

from typing import Final

from lms_tool.errors import Text
from lms_tool.services.products import Product

_MOODLE_TOOL = Text(
    "In Moodle: Website-Administration → Plugins → Aktivitäten → Externes Tool → Tools verwalten, dort das Tool "
    "bearbeiten. ",
    "In Moodle: Site administration → Plugins → Activity modules → External tool → Manage tools, edit the tool there. ",
)
_MOODLE_GRADES = Text(
    _MOODLE_TOOL.de
    + "Unter „Services“ bei „IMS LTI Aufgaben und Bewertung“ den Service nutzen, unter „Datenschutz“ "
    "bei „Bewertungen aus dem Tool akzeptieren“ „Immer“ wählen. Danach hier „Jetzt prüfen“: Wartende Noten gehen dann "
    "von selbst hinaus.",
    _MOODLE_TOOL.en
    + "Under “Services” use “IMS LTI Assignment and Grade Services”, under “Privacy” set “Accept grades "
    "from the tool” to “Always”. Then “Check now” here: waiting grades go out by themselves.",
)
_MOODLE_COLUMNS = Text(
    _MOODLE_TOOL.de + "Unter „Services“ bei „IMS LTI Aufgaben und Bewertung“ den Service nutzen.",
    _MOODLE_TOOL.en + "Under “Services” use “IMS LTI Assignment and Grade Services”.",
)
_MOODLE_MEMBERS = Text(
    _MOODLE_TOOL.de
    + "Unter „Services“ bei „IMS LTI Namen und Rollenbereitstellung“ den Service nutzen. Noten gehen "
    "auch ohne.",
    _MOODLE_TOOL.en + "Under “Services” use “IMS LTI Names and Role Provisioning”. Grades work without it.",
)
_MOODLE_FETCH = Text(
    "Moodle darf unsere Schlüssel vermutlich nicht laden: Website-Administration → Allgemein → Sicherheit → "
    "HTTP-Sicherheit. Ab Werk holt es nur von den Ports 80 und 443 und nicht von privaten Adressen.",
    "Moodle is probably not allowed to load our keys: Site administration → General → Security → HTTP security. As "
    "shipped it fetches from the ports 80 and 443 only, and not from private addresses.",
)

# The same in the words of a product's own menus. Only what its sources say.
REMEDIES: Final = {
    ("grades_forbidden", Product.MOODLE): _MOODLE_GRADES,
    ("members_refused", Product.MOODLE): _MOODLE_MEMBERS,
    ("line_items_refused", Product.MOODLE): _MOODLE_COLUMNS,
    ("token_not_found", Product.MOODLE): _MOODLE_FETCH,
    ("token_refused", Product.MOODLE): _MOODLE_FETCH,
}
