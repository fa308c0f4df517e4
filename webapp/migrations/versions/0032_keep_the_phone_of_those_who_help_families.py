"""Keep the phone of the psychologist and the social pedagogue with the school."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "schools", sa.Column("support_phone", sa.String(length=32), nullable=False, server_default="")
    )


def downgrade() -> None:
    with op.batch_alter_table("schools") as table:
        table.drop_column("support_phone")
