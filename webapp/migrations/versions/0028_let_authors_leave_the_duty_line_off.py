"""Let authors leave the phone of who is on duty off an urgent announcement."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

TABLES = ("announcements", "message_sheets")


def upgrade() -> None:
    for name in TABLES:
        # With a default of the server's: a worker that still runs writes rows without it.
        op.add_column(
            name, sa.Column("without_duty", sa.Boolean(), nullable=False, server_default=sa.false())
        )


def downgrade() -> None:
    for name in TABLES:
        with op.batch_alter_table(name) as table:
            table.drop_column("without_duty")
