"""Give announcements what their kind asks for, the moment they are about, and schools their platforms."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; what there is has no fields of its own."""
    op.add_column("announcements", sa.Column("fields", sa.Text(), nullable=False, server_default=""))
    op.add_column("announcements", sa.Column("due_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("schools", sa.Column("platforms", sa.JSON(), nullable=True))


def downgrade() -> None:
    """Forget them."""
    op.drop_column("schools", "platforms")
    op.drop_column("announcements", "due_at")
    op.drop_column("announcements", "fields")
