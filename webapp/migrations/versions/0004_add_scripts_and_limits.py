"""Add the script of messages, the price of an SMS part and the monthly limits."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

COLUMNS = {
    "schools": ("script", "ascii_only", "sms_price", "monthly_limit", "class_limit", "limits_lifted_in"),
    "guardians": ("script",),
    "announcements": ("segments",),
    "announcement_classes": ("segments",),
}


def upgrade() -> None:
    # Nullable, or with a default of the server's, so that programs of the old version go on writing.
    script = sa.Column("script", sa.String(length=8), nullable=False, server_default="cyrillic")
    op.add_column("schools", script)
    op.add_column("schools", sa.Column("ascii_only", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("schools", sa.Column("sms_price", sa.BigInteger(), nullable=True))
    op.add_column("schools", sa.Column("monthly_limit", sa.BigInteger(), nullable=True))
    op.add_column("schools", sa.Column("class_limit", sa.BigInteger(), nullable=True))
    op.add_column("schools", sa.Column("limits_lifted_in", sa.String(length=7), nullable=True))
    op.add_column("guardians", sa.Column("script", sa.String(length=8), nullable=True))
    for table in ("announcements", "announcement_classes"):
        op.add_column(table, sa.Column("segments", sa.Integer(), nullable=False, server_default="0"))
    _count_what_was_sent()


def _count_what_was_sent() -> None:
    """Add up the parts of the announcements that are already out."""
    op.execute(
        "UPDATE announcements SET segments = COALESCE((SELECT SUM(d.segments) FROM deliveries d "
        "WHERE d.id IN (SELECT r.delivery_id FROM recipients r "
        "WHERE r.announcement_id = announcements.id)), 0) WHERE published_at IS NOT NULL"
    )
    op.execute(
        "UPDATE announcement_classes SET segments = COALESCE((SELECT SUM(d.segments) FROM deliveries d "
        "WHERE d.id IN (SELECT r.delivery_id FROM recipients r "
        "JOIN recipient_pupils rp ON rp.recipient_id = r.id JOIN pupils p ON p.id = rp.pupil_id "
        "WHERE r.announcement_id = announcement_classes.announcement_id "
        "AND p.class_id = announcement_classes.class_id)), 0)"
    )


def downgrade() -> None:
    for table, columns in COLUMNS.items():
        for column in columns:
            op.drop_column(table, column)
