"""Give letters their paper and files: what many have in common is kept once."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables; letters that wait already go without paper, as they were written."""
    op.create_table(
        "enclosures",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("media_type", sa.String(100), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "papers",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("key", sa.String(64), nullable=False, unique=True),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("heading", sa.String(255), nullable=False),
        sa.Column("stop", sa.String(255), nullable=False),
    )
    op.create_table(
        "paper_enclosures",
        sa.Column("paper_id", sa.Integer(), sa.ForeignKey("papers.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("position", sa.Integer(), primary_key=True),
        sa.Column("enclosure_id", sa.Integer(), sa.ForeignKey("enclosures.id"), nullable=False),
    )
    op.create_index("ix_paper_enclosures_enclosure_id", "paper_enclosures", ["enclosure_id"])
    op.create_table(
        "announcement_files",
        sa.Column(
            "announcement_id",
            sa.Integer(),
            sa.ForeignKey("announcements.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("enclosure_id", sa.Integer(), sa.ForeignKey("enclosures.id"), primary_key=True),
    )
    op.create_index("ix_announcement_files_enclosure_id", "announcement_files", ["enclosure_id"])
    op.add_column("deliveries", sa.Column("paper_id", sa.Integer(), nullable=True))


def downgrade() -> None:
    """Forget the files."""
    op.drop_column("deliveries", "paper_id")
    op.drop_table("announcement_files")
    op.drop_table("paper_enclosures")
    op.drop_table("papers")
    op.drop_table("enclosures")
