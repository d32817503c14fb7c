"""All of LTI Advantage, tenants, administrators"""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

import lms_tool.database

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_REFUSE = """
CREATE FUNCTION audit_event_refuse() RETURNS trigger LANGUAGE plpgsql
AS $$ BEGIN RAISE EXCEPTION 'the audit log is append-only'; END $$
"""
_APPEND_ONLY = {
    "postgresql": "CREATE TRIGGER audit_event_append_only BEFORE UPDATE ON audit_event "
    "FOR EACH ROW EXECUTE FUNCTION audit_event_refuse()",
    "sqlite": "CREATE TRIGGER audit_event_append_only BEFORE UPDATE ON audit_event "
    "BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END",
}


def upgrade() -> None:
    tenant = op.create_table(
        "tenant",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("created_at", lms_tool.database.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tenant")),
        sa.UniqueConstraint("key", name=op.f("uq_tenant_key")),
    )
    # Whatever is there already belongs to the first tenant; an installation with one customer never sees it.
    op.bulk_insert(
        tenant, [{"id": 1, "key": "standard", "name": "Standard", "created_at": datetime.now(UTC)}]
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("SELECT setval(pg_get_serial_sequence('tenant', 'id'), 1)")
    op.create_table(
        "admin",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("created_at", lms_tool.database.UtcDateTime(), nullable=False),
        sa.Column("disabled_at", lms_tool.database.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_admin_tenant_id_tenant"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_admin")),
    )
    with op.batch_alter_table("admin", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_admin_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "admin_link",
        sa.Column("code_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("admin_id", sa.Integer(), nullable=False),
        sa.Column("expires_at", lms_tool.database.UtcDateTime(), nullable=False),
        sa.Column("used_at", lms_tool.database.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["admin_id"], ["admin.id"], name=op.f("fk_admin_link_admin_id_admin"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("code_hash", name=op.f("pk_admin_link")),
    )
    with op.batch_alter_table("admin_link", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_admin_link_admin_id"), ["admin_id"], unique=False)

    op.create_table(
        "admin_session",
        sa.Column("proof_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("admin_id", sa.Integer(), nullable=False),
        sa.Column("created_at", lms_tool.database.UtcDateTime(), nullable=False),
        sa.Column("seen_at", lms_tool.database.UtcDateTime(), nullable=False),
        sa.Column("expires_at", lms_tool.database.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["admin_id"], ["admin.id"], name=op.f("fk_admin_session_admin_id_admin"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("proof_hash", name=op.f("pk_admin_session")),
    )
    with op.batch_alter_table("admin_session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_admin_session_admin_id"), ["admin_id"], unique=False)

    op.create_table(
        "invitation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("created_by", sa.String(length=64), nullable=False),
        sa.Column("created_at", lms_tool.database.UtcDateTime(), nullable=False),
        sa.Column("expires_at", lms_tool.database.UtcDateTime(), nullable=False),
        sa.Column("claimed_until", lms_tool.database.UtcDateTime(), nullable=True),
        sa.Column("used_at", lms_tool.database.UtcDateTime(), nullable=True),
        sa.Column("platform_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["platform_id"],
            ["platform.id"],
            name=op.f("fk_invitation_platform_id_platform"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_invitation_tenant_id_tenant"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_invitation_code_hash")),
    )
    with op.batch_alter_table("invitation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_invitation_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "notice_subscription",
        sa.Column("deployment_id", sa.Integer(), nullable=False),
        sa.Column("notice_type", sa.String(length=64), nullable=False),
        sa.Column("service_url", sa.String(length=2000), nullable=False),
        sa.Column("subscribed_at", lms_tool.database.UtcDateTime(), nullable=True),
        sa.Column("next_try_at", lms_tool.database.UtcDateTime(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("problem", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(
            ["deployment_id"],
            ["deployment.id"],
            name=op.f("fk_notice_subscription_deployment_id_deployment"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("deployment_id", "notice_type", name=op.f("pk_notice_subscription")),
    )
    op.create_table(
        "picker",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("state_fingerprint", sa.LargeBinary(length=32), nullable=False),
        sa.Column("browser_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("deployment_id", sa.Integer(), nullable=False),
        sa.Column("context_lti_id", sa.String(length=255), nullable=True),
        sa.Column("context_title", sa.String(length=1000), nullable=False),
        sa.Column("sub", sa.String(length=255), nullable=True),
        sa.Column("locale", sa.String(length=2), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("created_at", lms_tool.database.UtcDateTime(), nullable=False),
        sa.Column("expires_at", lms_tool.database.UtcDateTime(), nullable=False),
        sa.Column("answered_at", lms_tool.database.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["deployment_id"],
            ["deployment.id"],
            name=op.f("fk_picker_deployment_id_deployment"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_picker")),
        sa.UniqueConstraint("state_fingerprint", name=op.f("uq_picker_state_fingerprint")),
    )
    with op.batch_alter_table("picker", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_picker_expires_at"), ["expires_at"], unique=False)

    op.create_table(
        "placement",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("deployment_id", sa.Integer(), nullable=False),
        sa.Column("context_lti_id", sa.String(length=255), nullable=True),
        sa.Column("course_id", sa.String(length=64), nullable=False),
        sa.Column("module_id", sa.String(length=64), nullable=True),
        sa.Column("activity_id", sa.String(length=64), nullable=True),
        sa.Column("title", sa.String(length=1000), nullable=False),
        sa.Column("report", sa.String(length=16), nullable=False),
        sa.Column("graded", sa.Boolean(), nullable=False),
        sa.Column("created_at", lms_tool.database.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["deployment_id"],
            ["deployment.id"],
            name=op.f("fk_placement_deployment_id_deployment"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_placement")),
    )
    with op.batch_alter_table("placement", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_placement_context_lti_id"), ["context_lti_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_placement_deployment_id"), ["deployment_id"], unique=False)

    op.create_table(
        "roster",
        sa.Column("context_id", sa.Integer(), nullable=False),
        sa.Column("platform_id", sa.Integer(), nullable=False),
        sa.Column("url", sa.String(length=2000), nullable=False),
        sa.Column("launched_at", lms_tool.database.UtcDateTime(), nullable=False),
        sa.Column("differences_url", sa.String(length=2000), nullable=True),
        sa.Column("next_at", lms_tool.database.UtcDateTime(), nullable=True),
        sa.Column("lease", lms_tool.database.UtcDateTime(), nullable=True),
        sa.Column("synced_at", lms_tool.database.UtcDateTime(), nullable=True),
        sa.Column("full_at", lms_tool.database.UtcDateTime(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("problem", sa.String(length=64), nullable=True),
        sa.Column("skipped", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["context_id"], ["context.id"], name=op.f("fk_roster_context_id_context"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["platform_id"], ["platform.id"], name=op.f("fk_roster_platform_id_platform"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("context_id", name=op.f("pk_roster")),
    )
    with op.batch_alter_table("roster", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_roster_next_at"), ["next_at"], unique=False)

    op.create_table(
        "roster_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("context_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.String(length=255), nullable=False),
        sa.Column("name", sa.String(length=1000), nullable=True),
        sa.Column("given_name", sa.String(length=1000), nullable=True),
        sa.Column("family_name", sa.String(length=1000), nullable=True),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("status_since", lms_tool.database.UtcDateTime(), nullable=False),
        sa.Column("created_at", lms_tool.database.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["context_id"],
            ["context.id"],
            name=op.f("fk_roster_entry_context_id_context"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_entry")),
        sa.UniqueConstraint("context_id", "user_id", name=op.f("uq_roster_entry_context_id_user_id")),
    )
    with op.batch_alter_table("roster_entry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_roster_entry_user_id"), ["user_id"], unique=False)

    op.create_table(
        "handover",
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("launch_id", sa.String(length=32), nullable=False),
        sa.Column("state_fingerprint", sa.LargeBinary(length=32), nullable=False),
        sa.Column("expires_at", lms_tool.database.UtcDateTime(), nullable=False),
        sa.Column("used_at", lms_tool.database.UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_handover")),
    )
    with op.batch_alter_table("handover", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_handover_expires_at"), ["expires_at"], unique=False)

    op.create_table(
        "place",
        sa.Column("membership_id", sa.Integer(), nullable=False),
        sa.Column("resource_link_id", sa.Integer(), nullable=False),
        sa.Column("launch_id", sa.String(length=32), nullable=False),
        sa.Column("path", sa.String(length=200), nullable=False),
        sa.Column("seen_at", lms_tool.database.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["membership_id"],
            ["membership.id"],
            name=op.f("fk_place_membership_id_membership"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["resource_link_id"],
            ["resource_link.id"],
            name=op.f("fk_place_resource_link_id_resource_link"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("membership_id", "resource_link_id", name=op.f("pk_place")),
    )
    with op.batch_alter_table("place", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_place_seen_at"), ["seen_at"], unique=False)

    op.create_table(
        "outcome",
        sa.Column("line_item_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("sourcedid", sa.String(length=2000), nullable=False),
        sa.ForeignKeyConstraint(
            ["line_item_id"],
            ["line_item.id"],
            name=op.f("fk_outcome_line_item_id_line_item"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_outcome_person_id_person"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("line_item_id", "person_id", name=op.f("pk_outcome")),
    )
    with op.batch_alter_table("audit_event", schema=None) as batch_op:
        batch_op.add_column(sa.Column("actor", sa.String(length=64), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("tenant_id", sa.Integer(), nullable=True))
        batch_op.create_index(batch_op.f("ix_audit_event_tenant_id"), ["tenant_id"], unique=False)

    with op.batch_alter_table("context", schema=None) as batch_op:
        batch_op.add_column(sa.Column("ancestors", sa.JSON(), nullable=True))

    with op.batch_alter_table("course", schema=None) as batch_op:
        batch_op.add_column(sa.Column("tenant_id", sa.Integer(), nullable=True))
        batch_op.create_index(batch_op.f("ix_course_tenant_id"), ["tenant_id"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_course_tenant_id_tenant"), "tenant", ["tenant_id"], ["id"], ondelete="CASCADE"
        )

    with op.batch_alter_table("launch", schema=None) as batch_op:
        batch_op.add_column(sa.Column("mentees", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("cookieless", sa.Boolean(), nullable=False, server_default=sa.false()))

    with op.batch_alter_table("line_item", schema=None) as batch_op:
        batch_op.add_column(sa.Column("resource_id", sa.String(length=255), nullable=True))
        batch_op.add_column(sa.Column("tag", sa.String(length=255), nullable=True))
        batch_op.add_column(sa.Column("label", sa.String(length=255), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("making", lms_tool.database.UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("made_by_us", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("results_at", lms_tool.database.UtcDateTime(), nullable=True))

    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.add_column(sa.Column("tenant_id", sa.Integer(), nullable=False, server_default="1"))
        batch_op.drop_constraint(batch_op.f("uq_person_issuer_sub"), type_="unique")
        batch_op.create_unique_constraint(
            batch_op.f("uq_person_tenant_id_issuer_sub"), ["tenant_id", "issuer", "sub"]
        )
        batch_op.create_foreign_key(batch_op.f("fk_person_tenant_id_tenant"), "tenant", ["tenant_id"], ["id"])

    with op.batch_alter_table("platform", schema=None) as batch_op:
        batch_op.add_column(sa.Column("tenant_id", sa.Integer(), nullable=False, server_default="1"))
        batch_op.add_column(
            sa.Column("lti_version", sa.String(length=8), nullable=False, server_default="1.3")
        )
        batch_op.add_column(sa.Column("product", sa.String(length=64), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("scopes", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("approved_at", lms_tool.database.UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("approved_by", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("shared_secret", sa.LargeBinary(), nullable=True))
        batch_op.add_column(sa.Column("mentors", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("last_launch_at", lms_tool.database.UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("checked_at", lms_tool.database.UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("checks", sa.JSON(), nullable=True))
        batch_op.create_index(batch_op.f("ix_platform_tenant_id"), ["tenant_id"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_platform_tenant_id_tenant"), "tenant", ["tenant_id"], ["id"]
        )

    with op.batch_alter_table("resource_link", schema=None) as batch_op:
        batch_op.add_column(sa.Column("ancestors", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("inherited", sa.Boolean(), nullable=False, server_default=sa.false()))

    with op.batch_alter_table("score", schema=None) as batch_op:
        batch_op.add_column(sa.Column("overruled_by", sa.Double(), nullable=True))

    with op.batch_alter_table("tool_key", schema=None) as batch_op:
        batch_op.add_column(sa.Column("replaces", sa.String(length=64), nullable=True))
        batch_op.create_unique_constraint(batch_op.f("uq_tool_key_replaces"), ["replaces"])

    for table in ("person", "platform"):  # from now on every row must say whose it is
        with op.batch_alter_table(table) as batch_op:
            batch_op.alter_column("tenant_id", existing_type=sa.Integer(), server_default=None)
    if op.get_bind().dialect.name == "postgresql":
        op.execute(_REFUSE)
    op.execute(_APPEND_ONLY[op.get_bind().dialect.name])


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER audit_event_append_only ON audit_event")
        op.execute("DROP FUNCTION audit_event_refuse()")
    else:
        op.execute("DROP TRIGGER audit_event_append_only")
    with op.batch_alter_table("tool_key", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_tool_key_replaces"), type_="unique")
        batch_op.drop_column("replaces")

    with op.batch_alter_table("score", schema=None) as batch_op:
        batch_op.drop_column("overruled_by")

    with op.batch_alter_table("resource_link", schema=None) as batch_op:
        batch_op.drop_column("inherited")
        batch_op.drop_column("ancestors")

    with op.batch_alter_table("platform", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_platform_tenant_id_tenant"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_platform_tenant_id"))
        batch_op.drop_column("checks")
        batch_op.drop_column("checked_at")
        batch_op.drop_column("last_launch_at")
        batch_op.drop_column("mentors")
        batch_op.drop_column("shared_secret")
        batch_op.drop_column("approved_by")
        batch_op.drop_column("approved_at")
        batch_op.drop_column("scopes")
        batch_op.drop_column("product")
        batch_op.drop_column("lti_version")
        batch_op.drop_column("tenant_id")

    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_person_tenant_id_tenant"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("uq_person_tenant_id_issuer_sub"), type_="unique")
        batch_op.create_unique_constraint(batch_op.f("uq_person_issuer_sub"), ["issuer", "sub"])
        batch_op.drop_column("tenant_id")

    with op.batch_alter_table("line_item", schema=None) as batch_op:
        batch_op.drop_column("results_at")
        batch_op.drop_column("made_by_us")
        batch_op.drop_column("making")
        batch_op.drop_column("label")
        batch_op.drop_column("tag")
        batch_op.drop_column("resource_id")

    with op.batch_alter_table("launch", schema=None) as batch_op:
        batch_op.drop_column("cookieless")
        batch_op.drop_column("mentees")

    with op.batch_alter_table("course", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_course_tenant_id_tenant"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_course_tenant_id"))
        batch_op.drop_column("tenant_id")

    with op.batch_alter_table("context", schema=None) as batch_op:
        batch_op.drop_column("ancestors")

    with op.batch_alter_table("audit_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_audit_event_tenant_id"))
        batch_op.drop_column("tenant_id")
        batch_op.drop_column("actor")

    op.drop_table("outcome")
    with op.batch_alter_table("place", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_place_seen_at"))

    op.drop_table("place")
    with op.batch_alter_table("handover", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_handover_expires_at"))

    op.drop_table("handover")
    with op.batch_alter_table("roster_entry", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_roster_entry_user_id"))

    op.drop_table("roster_entry")
    with op.batch_alter_table("roster", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_roster_next_at"))

    op.drop_table("roster")
    with op.batch_alter_table("placement", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_placement_deployment_id"))
        batch_op.drop_index(batch_op.f("ix_placement_context_lti_id"))

    op.drop_table("placement")
    with op.batch_alter_table("picker", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_picker_expires_at"))

    op.drop_table("picker")
    op.drop_table("notice_subscription")
    with op.batch_alter_table("invitation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_invitation_tenant_id"))

    op.drop_table("invitation")
    with op.batch_alter_table("admin_session", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_admin_session_admin_id"))

    op.drop_table("admin_session")
    with op.batch_alter_table("admin_link", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_admin_link_admin_id"))

    op.drop_table("admin_link")
    with op.batch_alter_table("admin", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_admin_tenant_id"))

    op.drop_table("admin")
    op.drop_table("tenant")
