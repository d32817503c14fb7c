"""First schema"""

import sqlalchemy as sa
from alembic import op

import lms_tool.database

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:

    op.create_table(
        "audit_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", lms_tool.database.UtcDateTime(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("platform_id", sa.Integer(), nullable=True),
        sa.Column("correlation_id", sa.String(length=32), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_event")),
    )
    with op.batch_alter_table("audit_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_event_at"), ["at"], unique=False)

    op.create_table(
        "blob",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_blob")),
    )
    op.create_table(
        "course",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("revision_id", sa.Integer(), nullable=True),
        sa.Column("created_at", lms_tool.database.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course")),
        sa.UniqueConstraint("position", name=op.f("uq_course_position")),
    )
    op.create_table(
        "login_pressure",
        sa.Column("platform_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("source", sa.LargeBinary(length=16), nullable=False),
        sa.Column("minute", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("platform_id", "source", "minute", name=op.f("pk_login_pressure")),
    )
    op.create_table(
        "person",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("issuer", sa.String(length=255), nullable=False),
        sa.Column("sub", sa.String(length=255), nullable=False),
        sa.Column("name", sa.String(length=1000), nullable=True),
        sa.Column("given_name", sa.String(length=1000), nullable=True),
        sa.Column("family_name", sa.String(length=1000), nullable=True),
        sa.Column("email", sa.String(length=1000), nullable=True),
        sa.Column("created_at", lms_tool.database.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("issuer", "sub", name=op.f("uq_person_issuer_sub")),
    )
    op.create_table(
        "platform",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("issuer", sa.String(length=255), nullable=False),
        sa.Column("client_id", sa.String(length=255), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("auth_login_url", sa.String(length=2000), nullable=False),
        sa.Column("token_url", sa.String(length=2000), nullable=False),
        sa.Column("jwks_url", sa.String(length=2000), nullable=False),
        sa.Column("token_audience", sa.String(length=2000), nullable=True),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("created_at", lms_tool.database.UtcDateTime(), nullable=False),
        sa.Column("jwks", sa.LargeBinary(), nullable=True),
        sa.Column("jwks_fetched_at", lms_tool.database.UtcDateTime(), nullable=True),
        sa.Column("jwks_expires_at", lms_tool.database.UtcDateTime(), nullable=True),
        sa.Column("jwks_refetched_at", lms_tool.database.UtcDateTime(), nullable=True),
        sa.Column("jwks_problem", sa.String(length=64), nullable=True),
        sa.Column("delivery_lease", lms_tool.database.UtcDateTime(), nullable=True),
        sa.Column("delivery_paused_until", lms_tool.database.UtcDateTime(), nullable=True),
        sa.Column("delivery_failures", sa.Integer(), nullable=False),
        sa.Column("delivery_problem", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_platform")),
        sa.UniqueConstraint("issuer", "client_id", name=op.f("uq_platform_issuer_client_id")),
        sa.UniqueConstraint("key", name=op.f("uq_platform_key")),
    )
    op.create_table(
        "tool_key",
        sa.Column("kid", sa.String(length=64), nullable=False),
        sa.Column("private_key", sa.LargeBinary(), nullable=False),
        sa.Column("public_jwk", sa.JSON(), nullable=False),
        sa.Column("created_at", lms_tool.database.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("kid", name=op.f("pk_tool_key")),
    )
    op.create_table(
        "used_state",
        sa.Column("fingerprint", sa.LargeBinary(length=32), nullable=False),
        sa.Column("expires_at", lms_tool.database.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("fingerprint", name=op.f("pk_used_state")),
    )
    with op.batch_alter_table("used_state", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_used_state_expires_at"), ["expires_at"], unique=False)

    op.create_table(
        "access_token",
        sa.Column("platform_id", sa.Integer(), nullable=False),
        sa.Column("scopes", sa.String(length=500), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", lms_tool.database.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["platform_id"],
            ["platform.id"],
            name=op.f("fk_access_token_platform_id_platform"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("platform_id", "scopes", name=op.f("pk_access_token")),
    )
    op.create_table(
        "deployment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("platform_id", sa.Integer(), nullable=False),
        sa.Column("lti_id", sa.String(length=255), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("created_at", lms_tool.database.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["platform_id"],
            ["platform.id"],
            name=op.f("fk_deployment_platform_id_platform"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deployment")),
        sa.UniqueConstraint("platform_id", "lti_id", name=op.f("uq_deployment_platform_id_lti_id")),
    )
    op.create_table(
        "revision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("published_at", lms_tool.database.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["course_id"], ["course.id"], name=op.f("fk_revision_course_id_course"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revision")),
        sa.UniqueConstraint("course_id", "number", name=op.f("uq_revision_course_id_number")),
    )
    op.create_table(
        "context",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("deployment_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("lti_id", sa.String(length=255), nullable=False),
        sa.Column("title", sa.String(length=1000), nullable=False),
        sa.Column("label", sa.String(length=1000), nullable=False),
        sa.Column("created_at", lms_tool.database.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["deployment_id"],
            ["deployment.id"],
            name=op.f("fk_context_deployment_id_deployment"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_context")),
        sa.UniqueConstraint(
            "deployment_id", "kind", "lti_id", name=op.f("uq_context_deployment_id_kind_lti_id")
        ),
    )
    op.create_table(
        "revision_file",
        sa.Column("revision_id", sa.Integer(), nullable=False),
        sa.Column("path", sa.String(length=255), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["digest"], ["blob.digest"], name=op.f("fk_revision_file_digest_blob")),
        sa.ForeignKeyConstraint(
            ["revision_id"],
            ["revision.id"],
            name=op.f("fk_revision_file_revision_id_revision"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("revision_id", "path", name=op.f("pk_revision_file")),
    )
    op.create_table(
        "membership",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("context_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("created_at", lms_tool.database.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["context_id"], ["context.id"], name=op.f("fk_membership_context_id_context"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_membership_person_id_person"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_membership")),
        sa.UniqueConstraint("person_id", "context_id", name=op.f("uq_membership_person_id_context_id")),
    )
    with op.batch_alter_table("membership", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_membership_context_id"), ["context_id"], unique=False)

    op.create_table(
        "resource_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("context_id", sa.Integer(), nullable=False),
        sa.Column("lti_id", sa.String(length=255), nullable=False),
        sa.Column("title", sa.String(length=1000), nullable=False),
        sa.Column("placement_id", sa.String(length=64), nullable=True),
        sa.Column("course_id", sa.String(length=64), nullable=False),
        sa.Column("module_id", sa.String(length=64), nullable=True),
        sa.Column("activity_id", sa.String(length=64), nullable=True),
        sa.Column("report", sa.String(length=16), nullable=False),
        sa.Column("created_at", lms_tool.database.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["context_id"],
            ["context.id"],
            name=op.f("fk_resource_link_context_id_context"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resource_link")),
        sa.UniqueConstraint("context_id", "lti_id", name=op.f("uq_resource_link_context_id_lti_id")),
    )
    with op.batch_alter_table("resource_link", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_resource_link_placement_id"), ["placement_id"], unique=False)

    op.create_table(
        "attempt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("membership_id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.String(length=64), nullable=False),
        sa.Column("activity_id", sa.String(length=64), nullable=False),
        sa.Column("revision_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("begun_at", lms_tool.database.UtcDateTime(), nullable=False),
        sa.Column("finished_at", lms_tool.database.UtcDateTime(), nullable=True),
        sa.Column("points", sa.Double(), nullable=True),
        sa.Column("max_points", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["membership_id"],
            ["membership.id"],
            name=op.f("fk_attempt_membership_id_membership"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["revision_id"], ["revision.id"], name=op.f("fk_attempt_revision_id_revision")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempt")),
        sa.UniqueConstraint(
            "membership_id",
            "course_id",
            "activity_id",
            "number",
            name=op.f("uq_attempt_membership_id_course_id_activity_id_number"),
        ),
    )
    op.create_table(
        "launch",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("state_fingerprint", sa.LargeBinary(length=32), nullable=False),
        sa.Column("browser_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("deployment_id", sa.Integer(), nullable=False),
        sa.Column("resource_link_id", sa.Integer(), nullable=False),
        sa.Column("membership_id", sa.Integer(), nullable=True),
        sa.Column("reviewing", sa.Boolean(), nullable=False),
        sa.Column("review_membership_id", sa.Integer(), nullable=True),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("locale", sa.String(length=2), nullable=False),
        sa.Column("return_url", sa.String(length=2000), nullable=True),
        sa.Column("notice", sa.String(length=64), nullable=True),
        sa.Column("created_at", lms_tool.database.UtcDateTime(), nullable=False),
        sa.Column("seen_at", lms_tool.database.UtcDateTime(), nullable=False),
        sa.Column("expires_at", lms_tool.database.UtcDateTime(), nullable=False),
        sa.Column("ended_at", lms_tool.database.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["deployment_id"],
            ["deployment.id"],
            name=op.f("fk_launch_deployment_id_deployment"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["membership_id"],
            ["membership.id"],
            name=op.f("fk_launch_membership_id_membership"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["resource_link_id"],
            ["resource_link.id"],
            name=op.f("fk_launch_resource_link_id_resource_link"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["review_membership_id"],
            ["membership.id"],
            name=op.f("fk_launch_review_membership_id_membership"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_launch")),
        sa.UniqueConstraint("state_fingerprint", name=op.f("uq_launch_state_fingerprint")),
    )
    with op.batch_alter_table("launch", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_launch_expires_at"), ["expires_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_launch_membership_id"), ["membership_id"], unique=False)

    op.create_table(
        "line_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("resource_link_id", sa.Integer(), nullable=False),
        sa.Column("platform_id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("url", sa.String(length=2000), nullable=False),
        sa.Column("container_url", sa.String(length=2000), nullable=True),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("looked_up_at", lms_tool.database.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["platform_id"],
            ["platform.id"],
            name=op.f("fk_line_item_platform_id_platform"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["resource_link_id"],
            ["resource_link.id"],
            name=op.f("fk_line_item_resource_link_id_resource_link"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_line_item")),
        sa.UniqueConstraint(
            "resource_link_id", "purpose", name=op.f("uq_line_item_resource_link_id_purpose")
        ),
    )
    op.create_table(
        "progress",
        sa.Column("membership_id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("item_id", sa.String(length=64), nullable=False),
        sa.Column("begun_at", lms_tool.database.UtcDateTime(), nullable=False),
        sa.Column("completed_at", lms_tool.database.UtcDateTime(), nullable=True),
        sa.Column("percent", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(
            ["membership_id"],
            ["membership.id"],
            name=op.f("fk_progress_membership_id_membership"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("membership_id", "course_id", "kind", "item_id", name=op.f("pk_progress")),
    )
    op.create_table(
        "answer",
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.Column("question_id", sa.String(length=64), nullable=False),
        sa.Column("response", sa.JSON(), nullable=False),
        sa.Column("saved_at", lms_tool.database.UtcDateTime(), nullable=False),
        sa.Column("checked_at", lms_tool.database.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["attempt.id"], name=op.f("fk_answer_attempt_id_attempt"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("attempt_id", "question_id", name=op.f("pk_answer")),
    )
    op.create_table(
        "score",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("line_item_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("given", sa.Double(), nullable=False),
        sa.Column("completed", sa.Boolean(), nullable=False),
        sa.Column("timestamp", lms_tool.database.UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("first_tried_at", lms_tool.database.UtcDateTime(), nullable=True),
        sa.Column("next_try_at", lms_tool.database.UtcDateTime(), nullable=False),
        sa.Column("reason", sa.String(length=64), nullable=True),
        sa.Column("delivered_at", lms_tool.database.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["line_item_id"],
            ["line_item.id"],
            name=op.f("fk_score_line_item_id_line_item"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_score_person_id_person"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_score")),
        sa.UniqueConstraint("line_item_id", "person_id", name=op.f("uq_score_line_item_id_person_id")),
    )
    with op.batch_alter_table("score", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_score_person_id"), ["person_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_score_state_score_next_try_at"), ["state", "next_try_at"], unique=False
        )


def downgrade() -> None:

    with op.batch_alter_table("score", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_score_state_score_next_try_at"))
        batch_op.drop_index(batch_op.f("ix_score_person_id"))

    op.drop_table("score")
    op.drop_table("answer")
    op.drop_table("progress")
    op.drop_table("line_item")
    with op.batch_alter_table("launch", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_launch_membership_id"))
        batch_op.drop_index(batch_op.f("ix_launch_expires_at"))

    op.drop_table("launch")
    op.drop_table("attempt")
    with op.batch_alter_table("resource_link", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_resource_link_placement_id"))

    op.drop_table("resource_link")
    with op.batch_alter_table("membership", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_membership_context_id"))

    op.drop_table("membership")
    op.drop_table("revision_file")
    op.drop_table("context")
    op.drop_table("revision")
    op.drop_table("deployment")
    op.drop_table("access_token")
    with op.batch_alter_table("used_state", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_used_state_expires_at"))

    op.drop_table("used_state")
    op.drop_table("tool_key")
    op.drop_table("platform")
    op.drop_table("person")
    op.drop_table("login_pressure")
    op.drop_table("course")
    op.drop_table("blob")
    with op.batch_alter_table("audit_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_audit_event_at"))

    op.drop_table("audit_event")
