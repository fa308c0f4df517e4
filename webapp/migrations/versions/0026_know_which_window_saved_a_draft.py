"""Know which window saved a draft last, instead of how often it was saved."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("announcements") as table:
        table.drop_column("version")
        table.add_column(sa.Column("saved_by", sa.String(length=32), nullable=False, server_default=""))


def downgrade() -> None:
    with op.batch_alter_table("announcements") as table:
        table.drop_column("saved_by")
        table.add_column(sa.Column("version", sa.Integer(), nullable=False, server_default="0"))
