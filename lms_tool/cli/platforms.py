"""``lms-tool platform …``: connected LMSs."""

from __future__ import annotations

import json
from typing import Any

import click

from lms_tool.cli import connections, mentoring, registering
from lms_tool.cli.common import Group, as_json, migrated, of_tenant, show
from lms_tool.lti.login import LEGACY_LAUNCH_PATH
from lms_tool.models import Status
from lms_tool.services import audit, legacy, platforms, tenants


@click.group(cls=Group)
def platform() -> None:
    """Verbundene LMS."""


platform.add_command(connections.check_platform)
platform.add_command(connections.sync_platforms)
platform.add_command(mentoring.mentors)
for _command in (registering.invite, registering.approve, registering.reject):
    platform.add_command(_command)


@platform.command(
    epilog="Beispiel: lms-tool platform add --issuer https://lms.example.de --client-id abc --deployment-id 1 "
    "--auth-login-url https://lms.example.de/mod/lti/auth.php --token-url https://lms.example.de/mod/lti/token.php "
    "--jwks-url https://lms.example.de/mod/lti/certs.php"
)
@click.option("--issuer", required=True)
@click.option("--client-id", required=True)
@click.option("--deployment-id", "deployment_ids", multiple=True, help="Mehrfach möglich.")
@click.option("--auth-login-url", required=True)
@click.option("--token-url", required=True)
@click.option("--jwks-url", required=True)
@click.option(
    "--token-audience", help="Falls das LMS als «aud» etwas anderes verlangt als die Token-Adresse."
)
@click.option("--name", default="", help="Name für Übersichten.")
@click.option("--update", is_flag=True, help="Adressen eines eingetragenen LMS ändern.")
@of_tenant
@as_json
def add(
    as_json: bool, tenant: str | None, update: bool, deployment_ids: tuple[str, ...], **values: Any
) -> None:
    """Ein LMS von Hand eintragen. Zu wiederholen ist unschädlich."""
    tool = migrated()
    now = tool.clock()
    with tool.database.write() as db:
        new = platforms.NewPlatform(deployment_ids=deployment_ids, **values)
        owner = tenants.by_key(db, tenant).id
        added = platforms.add(db, new, now, tenant_id=owner, update=update)
        code = "platform_changed" if update else "platform_added"
        audit.note(db, now, "admin", code, added.id, "", actor="cli")
        found = {"id": added.id, "login_url": tool.settings.base_url + platforms.login_path(added.key)}
    if as_json:
        click.echo(json.dumps(found))
        return
    click.echo(f"Eingetragen als Plattform {found['id']}.")
    click.echo(f"Anmelde-Adresse (Initiate login URL): {tool.settings.base_url}/lti/login")
    click.echo(f"  nur für dieses LMS:                {found['login_url']}")
    click.echo(f"Weiterleitungs-Adresse (Redirect URI): {tool.settings.base_url}/lti/launch")
    click.echo(f"Schlüssel-Adresse (Public keyset URL): {tool.settings.base_url}/lti/jwks")


@platform.command("list", epilog="Beispiel: lms-tool platform list --json")
@as_json
def list_platforms(as_json: bool) -> None:
    """Alle eingetragenen LMS."""
    tool = migrated()
    with tool.database.read() as db:
        show(platforms.listing(db), as_json, "Noch kein LMS eingetragen.")


def _switch(platform_id: int, status: Status) -> None:
    tool = migrated()
    code = "platform_switched_on" if status is Status.ACTIVE else "platform_switched_off"
    with tool.database.write() as db:
        platforms.set_status(db, platform_id, status)
        audit.note(db, tool.clock(), "admin", code, platform_id, "", actor="cli")


@platform.command(epilog="Beispiel: lms-tool platform disable 1")
@click.argument("platform_id", type=int)
def disable(platform_id: int) -> None:
    """Ein LMS abschalten: keine Anmeldungen, keine Noten; nichts geht verloren."""
    _switch(platform_id, Status.INACTIVE)
    click.echo(f"Plattform {platform_id} ist abgeschaltet.")


@platform.command(epilog="Beispiel: lms-tool platform enable 1")
@click.argument("platform_id", type=int)
def enable(platform_id: int) -> None:
    """Ein LMS wieder einschalten."""
    _switch(platform_id, Status.ACTIVE)
    click.echo(f"Plattform {platform_id} ist eingeschaltet.")


@platform.group("legacy", cls=Group)
def legacy_group() -> None:
    """Alte LMS, die nur LTI 1.1 sprechen."""


@legacy_group.command(
    "add", epilog="Beispiel: lms-tool platform legacy add kvhs --lms-url https://lms.example.de"
)
@click.argument("consumer_key")
@click.option("--lms-url", required=True, help="Adresse des LMS; seine Seiten dürfen das Werkzeug einbetten.")
@click.option("--name", default="", help="Name für Übersichten.")
@of_tenant
@as_json
def add_legacy(consumer_key: str, lms_url: str, name: str, tenant: str | None, as_json: bool) -> None:
    """Ein altes LMS eintragen. Das Geheimnis wird nur jetzt angezeigt."""
    tool = migrated()
    now = tool.clock()
    with tool.database.write() as db:
        owner = tenants.by_key(db, tenant).id
        made = legacy.add(db, tool.vault, consumer_key, name, lms_url, owner, now)
        audit.note(db, now, "admin", "legacy_added", made.platform_id, "", actor="cli")
    url = f"{tool.settings.base_url}{LEGACY_LAUNCH_PATH}"
    if as_json:
        click.echo(
            json.dumps({"id": made.platform_id, "url": url, "key": consumer_key, "secret": made.secret})
        )
        return
    click.echo(f"Eingetragen als Plattform {made.platform_id}. Im LMS eintragen:")
    click.echo(f"Adresse (Launch URL):      {url}")
    click.echo(f"Schlüssel (Consumer key):  {made.consumer_key}")
    click.echo(f"Geheimnis (Shared secret): {made.secret}")
