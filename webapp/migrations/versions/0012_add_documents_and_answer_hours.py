"""Add documents and who knows them, reminders, and the hour by which a family is to get in touch."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

AWAITED = sa.text("answer_by IS NOT NULL AND answer_closed_at IS NULL")
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def reference(table: str, column: str, to: str, ondelete: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{to}.id"], name=f"fk_{table}_{column}_{to}", ondelete=ondelete
    )


def upgrade() -> None:
    with op.batch_alter_table("announcements") as table:
        table.add_column(sa.Column("reminds_of_id", sa.Integer(), nullable=True))
        table.add_column(
            sa.Column("answer_reminder", sa.String(length=8), nullable=False, server_default="no")
        )
        table.add_column(sa.Column("answer_reminded_at", sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("answer_closed_at", sa.DateTime(timezone=True), nullable=True))
        table.create_foreign_key(
            "fk_announcements_reminds_of_id_announcements",
            "announcements",
            ["reminds_of_id"],
            ["id"],
            ondelete="SET NULL",
        )
        table.create_index("ix_announcements_reminds_of_id", ["reminds_of_id"], unique=False)
        table.create_index(
            "ix_announcements_awaited",
            ["answer_by"],
            unique=False,
            sqlite_where=AWAITED,
            postgresql_where=AWAITED,
        )
    op.create_table(
        "in_touch",
        sa.Column("recipient_id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("how", sa.String(length=8), nullable=False),
        sa.Column("inbound_id", NUMBER, nullable=True),
        sa.Column("by_id", sa.Integer(), nullable=True),
        reference("in_touch", "recipient_id", "recipients", "CASCADE"),
        reference("in_touch", "inbound_id", "inbound", "SET NULL"),
        reference("in_touch", "by_id", "staff", "SET NULL"),
        sa.PrimaryKeyConstraint("recipient_id", name="pk_in_touch"),
    )
    op.create_index("ix_in_touch_inbound_id", "in_touch", ["inbound_id"], unique=False)
    op.create_index("ix_in_touch_by_id", "in_touch", ["by_id"], unique=False)
    op.create_table(
        "documents",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("token", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=True),
        sa.Column("title_ky", sa.String(length=200), nullable=False),
        sa.Column("title_ru", sa.String(length=200), nullable=False),
        sa.Column("text_ky", sa.Text(), nullable=False),
        sa.Column("text_ru", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("replaces_id", sa.Integer(), nullable=True),
        sa.Column("filename", sa.String(length=120), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        reference("documents", "author_id", "staff", "SET NULL"),
        reference("documents", "replaces_id", "documents", "SET NULL"),
        reference("documents", "school_id", "schools", "CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_documents"),
        sa.UniqueConstraint("replaces_id", name="uq_documents_replaces_id"),
    )
    op.create_index("ix_documents_author_id", "documents", ["author_id"], unique=False)
    op.create_index("ix_documents_newest", "documents", ["school_id", "created_at"], unique=False)
    op.create_index("uq_documents_token", "documents", ["school_id", "token"], unique=True)
    op.create_table(
        "document_announcements",
        sa.Column("announcement_id", sa.Integer(), nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=False),
        reference("document_announcements", "announcement_id", "announcements", "CASCADE"),
        reference("document_announcements", "document_id", "documents", "CASCADE"),
        sa.PrimaryKeyConstraint("announcement_id", name="pk_document_announcements"),
    )
    op.create_index(
        "ix_document_announcements_document_id", "document_announcements", ["document_id"], unique=False
    )
    op.create_table(
        "document_readers",
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_how", sa.String(length=8), nullable=True),
        sa.Column("entered_by_id", sa.Integer(), nullable=True),
        reference("document_readers", "document_id", "documents", "CASCADE"),
        reference("document_readers", "entered_by_id", "staff", "SET NULL"),
        reference("document_readers", "staff_id", "staff", "CASCADE"),
        sa.PrimaryKeyConstraint("document_id", "staff_id", name="pk_document_readers"),
    )
    op.create_index("ix_document_readers_staff_id", "document_readers", ["staff_id"], unique=False)
    op.create_index("ix_document_readers_entered_by_id", "document_readers", ["entered_by_id"], unique=False)


def downgrade() -> None:
    for name in ("document_readers", "document_announcements", "documents", "in_touch"):
        op.drop_table(name)
    with op.batch_alter_table("announcements") as table:
        table.drop_index("ix_announcements_awaited", sqlite_where=AWAITED, postgresql_where=AWAITED)
        table.drop_index("ix_announcements_reminds_of_id")
        table.drop_constraint("fk_announcements_reminds_of_id_announcements", type_="foreignkey")
        for column in ("answer_closed_at", "answer_reminded_at", "answer_reminder", "reminds_of_id"):
            table.drop_column(column)
