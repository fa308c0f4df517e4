"""Keep message templates with their versions, and spreadsheets on their way through one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def _to(table: str, column: str, other: str, ondelete: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{other}.id"], name=f"fk_{table}_{column}_{other}", ondelete=ondelete
    )


def upgrade() -> None:
    op.create_table(
        "message_templates",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("token", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("latest", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        _to("message_templates", "school_id", "schools", "CASCADE"),
        _to("message_templates", "author_id", "staff", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name="pk_message_templates"),
        sa.UniqueConstraint("school_id", "token", name="uq_message_templates_school_id"),
    )
    op.create_index("ix_message_templates_author_id", "message_templates", ["author_id"])
    op.create_index("ix_message_templates_listed", "message_templates", ["school_id", "archived_at", "name"])
    op.create_table(
        "message_template_versions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("template_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("text_ky", sa.Text(), nullable=False),
        sa.Column("text_ru", sa.Text(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        _to("message_template_versions", "template_id", "message_templates", "CASCADE"),
        _to("message_template_versions", "staff_id", "staff", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name="pk_message_template_versions"),
        sa.UniqueConstraint("template_id", "number", name="uq_message_template_versions_template_id"),
    )
    op.create_index("ix_message_template_versions_staff_id", "message_template_versions", ["staff_id"])
    op.create_table(
        "message_template_uses",
        sa.Column("announcement_id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        _to("message_template_uses", "announcement_id", "announcements", "CASCADE"),
        _to("message_template_uses", "version_id", "message_template_versions", "CASCADE"),
        sa.PrimaryKeyConstraint("announcement_id", name="pk_message_template_uses"),
    )
    op.create_index("ix_message_template_uses_version_id", "message_template_uses", ["version_id"])
    op.create_table(
        "message_sheets",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("filename", sa.String(length=255), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("content", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("announcement_id", sa.Integer(), nullable=True),
        _to("message_sheets", "school_id", "schools", "CASCADE"),
        _to("message_sheets", "staff_id", "staff", "CASCADE"),
        _to("message_sheets", "version_id", "message_template_versions", "CASCADE"),
        _to("message_sheets", "announcement_id", "announcements", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name="pk_message_sheets"),
    )
    for column in ("staff_id", "version_id", "created_at", "announcement_id"):
        op.create_index(f"ix_message_sheets_{column}", "message_sheets", [column])
    op.create_index("ix_message_sheets_same", "message_sheets", ["school_id", "digest"])


def downgrade() -> None:
    for table in (
        "message_sheets",
        "message_template_uses",
        "message_template_versions",
        "message_templates",
    ):
        op.drop_table(table)
