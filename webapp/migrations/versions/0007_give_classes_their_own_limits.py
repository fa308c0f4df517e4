"""Give classes limits of their own for a month's SMS."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Nullable: programs of the old version go on writing.
    op.add_column("classes", sa.Column("monthly_limit", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    op.drop_column("classes", "monthly_limit")
