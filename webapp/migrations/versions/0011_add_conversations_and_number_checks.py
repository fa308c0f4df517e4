"""Add conversations with families and unknown numbers, what is known of a number, and when it is asked."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
KNOWN = ("confirmed_at", "marked_at", "asked_at")


def upgrade() -> None:
    for name in KNOWN:
        op.add_column("contact_points", sa.Column(name, MOMENT, nullable=True))
    op.add_column("suppressions", sa.Column("farewell_id", BIG, nullable=True))
    op.create_table(
        "conversations",
        sa.Column("id", BIG, nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("family_id", sa.Integer(), nullable=True),
        sa.Column("address", sa.String(length=254), nullable=True),
        sa.Column("last_reply_id", BIG, nullable=True),
        sa.Column("last_at", MOMENT, nullable=False),
        sa.Column("unread_since", MOMENT, nullable=True),
        sa.Column("read_at", MOMENT, nullable=True),
        sa.Column("read_by_id", sa.Integer(), nullable=True),
        sa.Column("blocked_at", MOMENT, nullable=True),
        _to("conversations", "school_id", "schools", "CASCADE"),
        _to("conversations", "family_id", "families", "CASCADE"),
        _to("conversations", "last_reply_id", "replies", "SET NULL"),
        _to("conversations", "read_by_id", "staff", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name="pk_conversations"),
        sa.UniqueConstraint("family_id", name="uq_conversations_family_id"),
        sa.UniqueConstraint("school_id", "address", name="uq_conversations_school_id"),
    )
    op.create_index("ix_conversations_last_reply_id", "conversations", ["last_reply_id"])
    op.create_index("ix_conversations_read_by_id", "conversations", ["read_by_id"])
    op.create_index("ix_conversations_newest", "conversations", ["school_id", "last_at"])
    unread = sa.text("unread_since IS NOT NULL")
    op.create_index(
        "ix_conversations_unread",
        "conversations",
        ["school_id", "family_id"],
        sqlite_where=unread,
        postgresql_where=unread,
    )
    op.create_table(
        "conversation_replies",
        sa.Column("conversation_id", BIG, nullable=False),
        sa.Column("reply_id", BIG, nullable=False),
        _to("conversation_replies", "conversation_id", "conversations", "CASCADE"),
        _to("conversation_replies", "reply_id", "replies", "CASCADE"),
        sa.PrimaryKeyConstraint("conversation_id", "reply_id", name="pk_conversation_replies"),
    )
    op.create_index("ix_conversation_replies_reply_id", "conversation_replies", ["reply_id"])
    op.create_table(
        "number_checks",
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("weeks", sa.Integer(), nullable=True),
        sa.Column("since", MOMENT, nullable=True),
        _to("number_checks", "school_id", "schools", "CASCADE"),
        sa.PrimaryKeyConstraint("school_id", name="pk_number_checks"),
    )
    _file_what_came()


def _file_what_came() -> None:
    """Put the messages that are here into conversations; they were on a page everybody has read."""
    behind = (
        "FROM replies r JOIN guardian_contacts gc ON gc.contact_point_id = r.contact_point_id "
        "JOIN guardians g ON g.id = gc.guardian_id "
    )
    op.execute(
        "INSERT INTO conversations (school_id, family_id, last_reply_id, last_at) "
        f"SELECT g.school_id, g.family_id, MAX(r.id), MAX(r.received_at) {behind}"
        "GROUP BY g.school_id, g.family_id"
    )
    op.execute(
        "INSERT INTO conversation_replies (conversation_id, reply_id) "
        f"SELECT DISTINCT c.id, r.id {behind}JOIN conversations c ON c.family_id = g.family_id"
    )
    strangers = (
        "FROM replies r JOIN inbound i ON i.id = r.inbound_id "
        "WHERE NOT EXISTS (SELECT 1 FROM conversation_replies x WHERE x.reply_id = r.id)"
    )
    op.execute(
        "INSERT INTO conversations (school_id, address, last_reply_id, last_at) "
        f"SELECT r.school_id, i.sender, MAX(r.id), MAX(r.received_at) {strangers} "
        "GROUP BY r.school_id, i.sender"
    )
    op.execute(
        "INSERT INTO conversation_replies (conversation_id, reply_id) "
        "SELECT c.id, r.id FROM replies r JOIN inbound i ON i.id = r.inbound_id "
        "JOIN conversations c ON c.school_id = r.school_id AND c.address = i.sender "
        "WHERE NOT EXISTS (SELECT 1 FROM conversation_replies x WHERE x.reply_id = r.id)"
    )


def _to(table: str, column: str, target: str, ondelete: str) -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_{column}_{target}"
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=name, ondelete=ondelete)


def downgrade() -> None:
    for table in ("number_checks", "conversation_replies", "conversations"):
        op.drop_table(table)
    op.drop_column("suppressions", "farewell_id")
    for name in KNOWN:
        op.drop_column("contact_points", name)
