"""Say whose account it is that stands in for a turn of duty."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("duty_swaps") as table:
        table.add_column(sa.Column("staff_id", sa.Integer(), nullable=True))
        table.create_foreign_key(
            "fk_duty_swaps_staff_id_staff", "staff", ["staff_id"], ["id"], ondelete="SET NULL"
        )
        table.create_index("ix_duty_swaps_staff_id", ["staff_id"])


def downgrade() -> None:
    with op.batch_alter_table("duty_swaps") as table:
        table.drop_index("ix_duty_swaps_staff_id")
        table.drop_constraint("fk_duty_swaps_staff_id_staff", type_="foreignkey")
        table.drop_column("staff_id")
