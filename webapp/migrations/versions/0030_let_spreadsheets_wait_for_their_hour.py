"""Let spreadsheets wait for their hour and ask for an answer; know which row was about which child."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "message_sheets",
        sa.Column("asks_acknowledgement", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.add_column("message_sheets", sa.Column("kept_until", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "message_sheet_rows",
        sa.Column("announcement_id", sa.Integer(), nullable=False),
        sa.Column("pupil_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("gone", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.ForeignKeyConstraint(
            ["announcement_id"],
            ["announcements.id"],
            name="fk_message_sheet_rows_announcement_id_announcements",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["pupil_id"], ["pupils.id"], name="fk_message_sheet_rows_pupil_id_pupils", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("announcement_id", "pupil_id", name="pk_message_sheet_rows"),
    )
    op.create_index("ix_message_sheet_rows_pupil_id", "message_sheet_rows", ["pupil_id"])


def downgrade() -> None:
    op.drop_table("message_sheet_rows")
    with op.batch_alter_table("message_sheets") as table:
        table.drop_column("kept_until")
        table.drop_column("asks_acknowledgement")
