"""Note who handed in the work of an assignment."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def reference(column: str, to: str, ondelete: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{to}.id"], name=f"fk_handed_in_{column}_{to}", ondelete=ondelete
    )


def upgrade() -> None:
    op.create_table(
        "handed_in",
        sa.Column("announcement_id", sa.Integer(), nullable=False),
        sa.Column("pupil_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        reference("announcement_id", "announcements", "CASCADE"),
        reference("pupil_id", "pupils", "CASCADE"),
        reference("by_id", "staff", "SET NULL"),
        sa.PrimaryKeyConstraint("announcement_id", "pupil_id", name="pk_handed_in"),
    )
    op.create_index("ix_handed_in_pupil_id", "handed_in", ["pupil_id"])
    op.create_index("ix_handed_in_by_id", "handed_in", ["by_id"])


def downgrade() -> None:
    op.drop_table("handed_in")
