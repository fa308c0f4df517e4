"""Let schools set their quiet hours."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("schools") as table:
        table.add_column(sa.Column("quiet_from", sa.Integer(), nullable=False, server_default="1200"))
        table.add_column(sa.Column("quiet_until", sa.Integer(), nullable=False, server_default="480"))


def downgrade() -> None:
    with op.batch_alter_table("schools") as table:
        table.drop_column("quiet_until")
        table.drop_column("quiet_from")
