"""Cases, worksheets and processes: what people work on, and what they hand in"""

import sqlalchemy as sa
from alembic import op

import lms_tool.database

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "work",
        sa.Column("membership_id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.String(length=64), nullable=False),
        sa.Column("activity_id", sa.String(length=64), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("saved_at", lms_tool.database.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["membership_id"],
            ["membership.id"],
            name=op.f("fk_work_membership_id_membership"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("membership_id", "course_id", "activity_id", name=op.f("pk_work")),
    )
    op.create_table(
        "submission",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("membership_id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.String(length=64), nullable=False),
        sa.Column("activity_id", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("revision_id", sa.Integer(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("handed_in_at", lms_tool.database.UtcDateTime(), nullable=False),
        sa.Column("decision", sa.String(length=12), nullable=True),
        sa.Column("decided_at", lms_tool.database.UtcDateTime(), nullable=True),
        sa.Column("reviewer_id", sa.Integer(), nullable=True),
        sa.Column("comment", sa.String(length=4000), nullable=True),
        sa.Column("remarks", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(
            ["membership_id", "course_id", "activity_id"],
            ["work.membership_id", "work.course_id", "work.activity_id"],
            name=op.f("fk_submission_work"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["revision_id"], ["revision.id"], name=op.f("fk_submission_revision_id_revision")
        ),
        sa.ForeignKeyConstraint(
            ["reviewer_id"], ["person.id"], name=op.f("fk_submission_reviewer_id_person"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submission")),
        sa.UniqueConstraint(
            "membership_id",
            "course_id",
            "activity_id",
            "number",
            name=op.f("uq_submission_membership_id_course_id_activity_id_number"),
        ),
    )
    with op.batch_alter_table("progress", schema=None) as batch_op:
        batch_op.add_column(sa.Column("phase", sa.String(length=12), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("progress", schema=None) as batch_op:
        batch_op.drop_column("phase")
    op.drop_table("submission")
    op.drop_table("work")
