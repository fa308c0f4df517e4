"""Let a school switch its ladder, or a rung of it, off; know a neighbour's phone from the family's."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("schools") as table:
        table.add_column(sa.Column("ladder_on", sa.Boolean(), nullable=False, server_default=sa.true()))
    with op.batch_alter_table("ladder_rungs") as table:
        table.add_column(sa.Column("active", sa.Boolean(), nullable=False, server_default=sa.true()))
    with op.batch_alter_table("recipients") as table:
        table.add_column(sa.Column("by_relay", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("climbs") as table:
        table.add_column(sa.Column("by_relay", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    for table_name, column in (
        ("climbs", "by_relay"),
        ("recipients", "by_relay"),
        ("ladder_rungs", "active"),
        ("schools", "ladder_on"),
    ):
        with op.batch_alter_table(table_name) as table:
            table.drop_column(column)
