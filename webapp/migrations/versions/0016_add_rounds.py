"""Add rounds: the lists somebody takes along; and remember what a family has not heard last."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "rounds",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("token", sa.String(length=40), nullable=False),
        sa.Column("means", sa.String(length=16), nullable=False),
        sa.Column("order", sa.String(length=8), nullable=False),
        sa.Column("scope", sa.String(length=80), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["school_id"], ["schools.id"], name="fk_rounds_school_id_schools", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name="fk_rounds_staff_id_staff", ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_rounds"),
        sa.UniqueConstraint("school_id", "token", name="uq_rounds_school_id"),
    )
    with op.batch_alter_table("rounds") as table:
        table.create_index("ix_rounds_newest", ["school_id", "made_at"], unique=False)
        table.create_index("ix_rounds_staff_id", ["staff_id"], unique=False)

    op.create_table(
        "round_rows",
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("family_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=4), nullable=False),
        sa.Column("place", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(
            ["family_id"], ["families.id"], name="fk_round_rows_family_id_families", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["round_id"], ["rounds.id"], name="fk_round_rows_round_id_rounds", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("round_id", "position", name="pk_round_rows"),
        sa.UniqueConstraint("round_id", "code", name="uq_round_rows_round_id"),
    )
    with op.batch_alter_table("round_rows") as table:
        table.create_index("ix_round_rows_family_id", ["family_id"], unique=False)
        table.create_index("ix_round_rows_once", ["round_id", "family_id"], unique=True)

    with op.batch_alter_table("family_standings") as table:
        table.add_column(
            sa.Column("missed_copy_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
        )
        table.create_index("ix_family_standings_missed_copy_id", ["missed_copy_id"], unique=False)
        table.create_foreign_key(
            "fk_family_standings_missed_copy_id_recipients",
            "recipients",
            ["missed_copy_id"],
            ["id"],
            ondelete="SET NULL",
        )


def downgrade() -> None:
    with op.batch_alter_table("family_standings") as table:
        table.drop_constraint("fk_family_standings_missed_copy_id_recipients", type_="foreignkey")
        table.drop_index("ix_family_standings_missed_copy_id")
        table.drop_column("missed_copy_id")
    op.drop_table("round_rows")
    op.drop_table("rounds")
