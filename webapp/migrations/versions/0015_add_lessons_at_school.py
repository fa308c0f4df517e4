"""Add groups that are taught at school, their members and who came."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "school_groups",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("token", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("place", sa.String(length=60), nullable=False),
        sa.Column("meetings", sa.JSON(), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column("sanitary_note", sa.Text(), nullable=False),
        sa.Column("responsible_id", sa.Integer(), nullable=True),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        _to("school_groups", "school_id", "schools", "CASCADE"),
        _to("school_groups", "responsible_id", "staff", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name="pk_school_groups"),
        sa.UniqueConstraint("school_id", "token", name="uq_school_groups_school_id"),
    )
    op.create_index("ix_school_groups_newest", "school_groups", ["school_id", "last_day"])
    op.create_index("ix_school_groups_responsible_id", "school_groups", ["responsible_id"])
    op.create_table(
        "school_group_members",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("pupil_id", sa.Integer(), nullable=False),
        sa.Column("added_at", MOMENT, nullable=False),
        sa.Column("added_by_id", sa.Integer(), nullable=True),
        sa.Column("has_seat", sa.Boolean(), nullable=False),
        sa.Column("left_at", MOMENT, nullable=True),
        sa.Column("invitation_id", sa.Integer(), nullable=True),
        sa.Column("invited_at", MOMENT, nullable=True),
        sa.Column("answer", sa.String(length=4), nullable=True),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.Column("answered_by_id", sa.Integer(), nullable=True),
        sa.Column("answered_inbound_id", BIG, nullable=True),
        _to("school_group_members", "group_id", "school_groups", "CASCADE"),
        _to("school_group_members", "pupil_id", "pupils", "CASCADE"),
        _to("school_group_members", "added_by_id", "staff", "SET NULL"),
        _to("school_group_members", "invitation_id", "announcements", "SET NULL"),
        _to("school_group_members", "answered_by_id", "staff", "SET NULL"),
        _to("school_group_members", "answered_inbound_id", "inbound", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name="pk_school_group_members"),
        sa.UniqueConstraint("group_id", "pupil_id", name="uq_school_group_members_group_id"),
    )
    for column in ("pupil_id", "added_by_id", "invitation_id", "answered_by_id", "answered_inbound_id"):
        op.create_index(f"ix_school_group_members_{column}", "school_group_members", [column])
    op.create_table(
        "school_group_attendance",
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("came", sa.Boolean(), nullable=False),
        sa.Column("noted_at", MOMENT, nullable=False),
        sa.Column("noted_by_id", sa.Integer(), nullable=True),
        _to("school_group_attendance", "member_id", "school_group_members", "CASCADE"),
        _to("school_group_attendance", "noted_by_id", "staff", "SET NULL"),
        sa.PrimaryKeyConstraint("member_id", "day", name="pk_school_group_attendance"),
    )
    for column in ("noted_at", "noted_by_id"):
        op.create_index(f"ix_school_group_attendance_{column}", "school_group_attendance", [column])


def _to(table: str, column: str, other: str, on_delete: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{other}.id"], name=f"fk_{table}_{column}_{other}", ondelete=on_delete
    )


def downgrade() -> None:
    for table in ("school_group_attendance", "school_group_members", "school_groups"):
        op.drop_table(table)
