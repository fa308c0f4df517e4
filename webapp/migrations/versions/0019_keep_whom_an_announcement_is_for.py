"""Keep with an announcement whom it is for, beside its classes.

Grades and streams, conditions, families named or left out: JSON, empty where the classes say it all.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; what there is goes to its classes."""
    op.add_column("announcements", sa.Column("audience", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    """Forget grades, conditions and names."""
    op.drop_column("announcements", "audience")
