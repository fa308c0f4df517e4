"""Let announcements go later, come back and be corrected."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

TO_GO = "goes_at IS NOT NULL AND published_at IS NULL"
PEOPLE = ("goes_by_id", "taken_back_by_id")


def upgrade() -> None:
    with op.batch_alter_table("announcements") as table:
        table.add_column(sa.Column("goes_at", sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("goes_by_id", sa.Integer(), nullable=True))
        table.add_column(sa.Column("not_sent_because", sa.Text(), nullable=False, server_default=""))
        table.add_column(sa.Column("repeats_until", sa.Date(), nullable=True))
        table.add_column(sa.Column("taken_back_at", sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("taken_back_by_id", sa.Integer(), nullable=True))
        table.add_column(sa.Column("corrects_id", sa.Integer(), nullable=True))
        table.add_column(sa.Column("version", sa.Integer(), nullable=False, server_default="0"))
        for name in PEOPLE:
            table.create_foreign_key(
                f"fk_announcements_{name}_staff", "staff", [name], ["id"], ondelete="SET NULL"
            )
            table.create_index(f"ix_announcements_{name}", [name])
        table.create_foreign_key(
            "fk_announcements_corrects_id_announcements",
            "announcements",
            ["corrects_id"],
            ["id"],
            ondelete="SET NULL",
        )
        table.create_index("ix_announcements_corrects_id", ["corrects_id"])
        table.create_index(
            "ix_announcements_to_go",
            ["goes_at"],
            sqlite_where=sa.text(TO_GO),
            postgresql_where=sa.text(TO_GO),
        )
    with op.batch_alter_table("recipients") as table:
        table.add_column(sa.Column("taken_back_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("recipients") as table:
        table.drop_column("taken_back_at")
    with op.batch_alter_table("announcements") as table:
        table.drop_index("ix_announcements_to_go")
        table.drop_index("ix_announcements_corrects_id")
        table.drop_constraint("fk_announcements_corrects_id_announcements", type_="foreignkey")
        for name in PEOPLE:
            table.drop_index(f"ix_announcements_{name}")
            table.drop_constraint(f"fk_announcements_{name}_staff", type_="foreignkey")
        for name in (
            "goes_at",
            "goes_by_id",
            "not_sent_because",
            "repeats_until",
            "taken_back_at",
            "taken_back_by_id",
            "corrects_id",
            "version",
        ):
            table.drop_column(name)
