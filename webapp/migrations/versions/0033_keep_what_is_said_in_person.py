"""Keep what a spreadsheet's row says to a family without an address, for whoever goes there."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("message_sheet_rows", sa.Column("in_person", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    with op.batch_alter_table("message_sheet_rows") as table:
        table.drop_column("in_person")
