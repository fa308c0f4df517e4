"""Know which announcement one that goes on every school day began with."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("announcements") as table:
        table.add_column(sa.Column("repeated_from_id", sa.Integer(), nullable=True))
        table.create_foreign_key(
            "fk_announcements_repeated_from_id_announcements",
            "announcements",
            ["repeated_from_id"],
            ["id"],
            ondelete="SET NULL",
        )
        table.create_index("ix_announcements_repeated_from_id", ["repeated_from_id"])


def downgrade() -> None:
    with op.batch_alter_table("announcements") as table:
        table.drop_index("ix_announcements_repeated_from_id")
        table.drop_constraint("fk_announcements_repeated_from_id_announcements", type_="foreignkey")
        table.drop_column("repeated_from_id")
