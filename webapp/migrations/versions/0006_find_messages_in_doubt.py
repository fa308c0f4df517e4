"""Find messages in doubt without reading the others."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    in_doubt = sa.text("state = 'needs_human'")
    op.create_index(
        "ix_deliveries_in_doubt", "deliveries", ["id"], sqlite_where=in_doubt, postgresql_where=in_doubt
    )


def downgrade() -> None:
    op.drop_index("ix_deliveries_in_doubt", "deliveries")
