"""``lms-tool platform invite``, ``approve``, ``reject``: LMSs that register themselves."""

from __future__ import annotations

import json
import secrets
import sys
from datetime import timedelta

import click

from lms_tool.cli.common import as_json, migrated, of_tenant
from lms_tool.services import invitations, platforms, registrations, tenants

ACTOR = "cli"


@click.command(epilog="Beispiel: lms-tool platform invite --tenant kvhs --days 3")
@click.option(
    "--days",
    default=invitations.LIFETIME.days,
    show_default=True,
    type=click.IntRange(1, invitations.LONGEST.days),
    help="So lange gilt der Link.",
)
@of_tenant
@as_json
def invite(days: int, tenant: str | None, as_json: bool) -> None:
    """Einen Link ausgeben, mit dem sich ein LMS einmal selbst registriert. Eingefügt wird er im LMS."""
    tool = migrated()
    now, lifetime = tool.clock(), timedelta(days=days)
    with tool.database.write() as db:
        owner = tenants.by_key(db, tenant).id
        code = invitations.invite(db, owner, ACTOR, now, secrets.token_hex(6), lifetime)
    link = invitations.link(tool.settings.base_url, code)
    if as_json:
        click.echo(json.dumps({"url": link, "expires_at": (now + lifetime).isoformat(timespec="seconds")}))
        return
    click.echo(link)
    if sys.stderr.isatty():  # whoever passes the link on to a program gets the link alone
        click.echo(
            f"Gilt einmal, bis {now + lifetime:%d.%m.%Y}. Danach: lms-tool platform approve NUMMER", err=True
        )


@click.command(epilog="Beispiel: lms-tool platform approve 3")
@click.argument("platform_id", type=int)
def approve(platform_id: int) -> None:
    """Ein LMS freigeben, das sich selbst registriert hat, samt den Bereitstellungen, die darauf warten."""
    tool = migrated()
    now, correlation_id = tool.clock(), secrets.token_hex(6)
    with tool.database.write() as db:
        owner = platforms.tenant_of(db, platform_id)
        registrations.approve(db, platform_id, owner, ACTOR, now, correlation_id)
        for waiting in registrations.pending_deployments(db, owner, platform_id):
            registrations.approve_deployment(db, waiting["id"], owner, ACTOR, now, correlation_id)
    click.echo(f"Plattform {platform_id} ist freigegeben.")


@click.command(epilog="Beispiel: lms-tool platform reject 3")
@click.argument("platform_id", type=int)
def reject(platform_id: int) -> None:
    """Ein LMS ablehnen, das sich selbst registriert hat; die Registrierung wird gelöscht."""
    tool = migrated()
    with tool.database.write() as db:
        owner = platforms.tenant_of(db, platform_id)
        registrations.reject(db, platform_id, owner, ACTOR, tool.clock(), secrets.token_hex(6))
    click.echo(f"Plattform {platform_id} ist abgelehnt und gelöscht.")
