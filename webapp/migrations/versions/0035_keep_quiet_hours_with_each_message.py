"""Keep with each message its quiet hours, and that it was taken back while it was on its way."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

COLUMNS = ("quiet_from", "quiet_until", "withdrawn_at")
WITHDRAWN = sa.text("state = 'pending' AND withdrawn_at IS NOT NULL")


def upgrade() -> None:
    for name in COLUMNS:
        op.add_column("deliveries", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_deliveries_withdrawn",
        "deliveries",
        ["withdrawn_at"],
        sqlite_where=WITHDRAWN,
        postgresql_where=WITHDRAWN,
    )


def downgrade() -> None:
    op.drop_index("ix_deliveries_withdrawn", "deliveries")
    for name in reversed(COLUMNS):
        op.drop_column("deliveries", name)
