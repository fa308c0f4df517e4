"""Add follow-ups, the ladder, contacts that took place, and the evidence of an acknowledgement."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "ladder_rungs",
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("means", sa.String(length=16), nullable=False),
        sa.Column("after_minutes", sa.Integer(), nullable=False),
        sa.Column("urgent_after_minutes", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["school_id"], ["schools.id"], name="fk_ladder_rungs_school_id_schools", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("school_id", "position", name="pk_ladder_rungs"),
    )
    op.create_table(
        "family_standings",
        sa.Column("family_id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("unreached_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("missed", sa.Integer(), nullable=False),
        sa.Column("reached_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reached_by", sa.String(length=16), nullable=False),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["family_id"], ["families.id"], name="fk_family_standings_family_id_families", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["schools.id"], name="fk_family_standings_school_id_schools", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("family_id", name="pk_family_standings"),
    )
    with op.batch_alter_table("family_standings") as table:
        table.create_index(
            "ix_family_standings_unreached",
            ["school_id", "unreached_since"],
            unique=False,
            sqlite_where=sa.text("unreached_since IS NOT NULL"),
            postgresql_where=sa.text("unreached_since IS NOT NULL"),
        )

    op.create_table(
        "follow_ups",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("family_id", sa.Integer(), nullable=False),
        sa.Column("rule", sa.String(length=24), nullable=False),
        sa.Column("cause", sa.String(length=40), nullable=False),
        sa.Column("means", sa.String(length=16), nullable=False),
        sa.Column("announcement_id", sa.Integer(), nullable=True),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("assignee_id", sa.Integer(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by_id", sa.Integer(), nullable=True),
        sa.Column("closed_because", sa.String(length=24), nullable=False),
        sa.ForeignKeyConstraint(
            ["announcement_id"],
            ["announcements.id"],
            name="fk_follow_ups_announcement_id_announcements",
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["assignee_id"], ["staff.id"], name="fk_follow_ups_assignee_id_staff", ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["closed_by_id"], ["staff.id"], name="fk_follow_ups_closed_by_id_staff", ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["family_id"], ["families.id"], name="fk_follow_ups_family_id_families", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["schools.id"], name="fk_follow_ups_school_id_schools", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_follow_ups"),
        sa.UniqueConstraint("rule", "family_id", "cause", name="uq_follow_ups_rule"),
    )
    with op.batch_alter_table("follow_ups") as table:
        table.create_index("ix_follow_ups_announcement_id", ["announcement_id"], unique=False)
        table.create_index("ix_follow_ups_assignee_id", ["assignee_id"], unique=False)
        table.create_index("ix_follow_ups_closed_by_id", ["closed_by_id"], unique=False)
        table.create_index("ix_follow_ups_family", ["family_id", "state"], unique=False)
        table.create_index(
            "ix_follow_ups_open",
            ["school_id", "priority", "due_at"],
            unique=False,
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )

    op.create_table(
        "climbs",
        sa.Column("recipient_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("means", sa.String(length=16), nullable=False),
        sa.Column("guardian_id", sa.Integer(), nullable=True),
        sa.Column("contact_point_id", sa.Integer(), nullable=True),
        sa.Column("delivery_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("follow_up_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_point_id"],
            ["contact_points.id"],
            name="fk_climbs_contact_point_id_contact_points",
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["deliveries.id"], name="fk_climbs_delivery_id_deliveries", ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["follow_up_id"], ["follow_ups.id"], name="fk_climbs_follow_up_id_follow_ups", ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["guardian_id"], ["guardians.id"], name="fk_climbs_guardian_id_guardians", ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["recipient_id"], ["recipients.id"], name="fk_climbs_recipient_id_recipients", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("recipient_id", "position", name="pk_climbs"),
    )
    with op.batch_alter_table("climbs") as table:
        table.create_index("ix_climbs_contact_point_id", ["contact_point_id"], unique=False)
        table.create_index("ix_climbs_delivery_id", ["delivery_id"], unique=False)
        table.create_index("ix_climbs_follow_up_id", ["follow_up_id"], unique=False)
        table.create_index("ix_climbs_guardian_id", ["guardian_id"], unique=False)

    op.create_table(
        "contact_logs",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("family_id", sa.Integer(), nullable=False),
        sa.Column("token", sa.String(length=40), nullable=False),
        sa.Column("means", sa.String(length=16), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("guardian_id", sa.Integer(), nullable=True),
        sa.Column("contact_point_id", sa.Integer(), nullable=True),
        sa.Column("announcement_id", sa.Integer(), nullable=True),
        sa.Column("follow_up_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["announcement_id"],
            ["announcements.id"],
            name="fk_contact_logs_announcement_id_announcements",
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["contact_point_id"],
            ["contact_points.id"],
            name="fk_contact_logs_contact_point_id_contact_points",
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["family_id"], ["families.id"], name="fk_contact_logs_family_id_families", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["follow_up_id"],
            ["follow_ups.id"],
            name="fk_contact_logs_follow_up_id_follow_ups",
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["guardian_id"],
            ["guardians.id"],
            name="fk_contact_logs_guardian_id_guardians",
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["schools.id"], name="fk_contact_logs_school_id_schools", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name="fk_contact_logs_staff_id_staff", ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_contact_logs"),
        sa.UniqueConstraint("school_id", "token", name="uq_contact_logs_school_id"),
    )
    with op.batch_alter_table("contact_logs") as table:
        table.create_index("ix_contact_logs_announcement_id", ["announcement_id"], unique=False)
        table.create_index("ix_contact_logs_contact_point_id", ["contact_point_id"], unique=False)
        table.create_index("ix_contact_logs_family", ["family_id", "at"], unique=False)
        table.create_index("ix_contact_logs_follow_up_id", ["follow_up_id"], unique=False)
        table.create_index("ix_contact_logs_guardian_id", ["guardian_id"], unique=False)
        table.create_index("ix_contact_logs_newest", ["school_id", "at"], unique=False)
        table.create_index("ix_contact_logs_staff_id", ["staff_id"], unique=False)

    with op.batch_alter_table("announcements") as table:
        table.add_column(
            sa.Column("asks_acknowledgement", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        table.add_column(sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("answer_by", sa.DateTime(timezone=True), nullable=True))

    with op.batch_alter_table("recipients") as table:
        table.add_column(sa.Column("acknowledged_how", sa.String(length=8), nullable=True))
        table.add_column(
            sa.Column(
                "acknowledged_inbound_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
            )
        )
        table.add_column(sa.Column("acknowledged_by_id", sa.Integer(), nullable=True))
        table.add_column(sa.Column("relayed_at", sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("rung", sa.Integer(), nullable=False, server_default="0"))
        table.add_column(sa.Column("climb_at", sa.DateTime(timezone=True), nullable=True))
        table.create_index("ix_recipients_acknowledged_by_id", ["acknowledged_by_id"], unique=False)
        table.create_index("ix_recipients_acknowledged_inbound_id", ["acknowledged_inbound_id"], unique=False)
        table.create_index(
            "ix_recipients_to_climb",
            ["climb_at"],
            unique=False,
            sqlite_where=sa.text("climb_at IS NOT NULL"),
            postgresql_where=sa.text("climb_at IS NOT NULL"),
        )
        table.create_foreign_key(
            "fk_recipients_acknowledged_by_id_staff",
            "staff",
            ["acknowledged_by_id"],
            ["id"],
            ondelete="SET NULL",
        )
        table.create_foreign_key(
            "fk_recipients_acknowledged_inbound_id_inbound",
            "inbound",
            ["acknowledged_inbound_id"],
            ["id"],
            ondelete="SET NULL",
        )


def downgrade() -> None:
    with op.batch_alter_table("recipients") as table:
        table.drop_constraint("fk_recipients_acknowledged_inbound_id_inbound", type_="foreignkey")
        table.drop_constraint("fk_recipients_acknowledged_by_id_staff", type_="foreignkey")
        table.drop_index(
            "ix_recipients_to_climb",
            sqlite_where=sa.text("climb_at IS NOT NULL"),
            postgresql_where=sa.text("climb_at IS NOT NULL"),
        )
        table.drop_index("ix_recipients_acknowledged_inbound_id")
        table.drop_index("ix_recipients_acknowledged_by_id")
        table.drop_column("climb_at")
        table.drop_column("rung")
        table.drop_column("relayed_at")
        table.drop_column("acknowledged_by_id")
        table.drop_column("acknowledged_inbound_id")
        table.drop_column("acknowledged_how")

    with op.batch_alter_table("announcements") as table:
        table.drop_column("answer_by")
        table.drop_column("reminded_at")
        table.drop_column("asks_acknowledgement")

    with op.batch_alter_table("contact_logs") as table:
        table.drop_index("ix_contact_logs_staff_id")
        table.drop_index("ix_contact_logs_newest")
        table.drop_index("ix_contact_logs_guardian_id")
        table.drop_index("ix_contact_logs_follow_up_id")
        table.drop_index("ix_contact_logs_family")
        table.drop_index("ix_contact_logs_contact_point_id")
        table.drop_index("ix_contact_logs_announcement_id")

    op.drop_table("contact_logs")
    with op.batch_alter_table("climbs") as table:
        table.drop_index("ix_climbs_guardian_id")
        table.drop_index("ix_climbs_follow_up_id")
        table.drop_index("ix_climbs_delivery_id")
        table.drop_index("ix_climbs_contact_point_id")

    op.drop_table("climbs")
    with op.batch_alter_table("follow_ups") as table:
        table.drop_index(
            "ix_follow_ups_open",
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )
        table.drop_index("ix_follow_ups_family")
        table.drop_index("ix_follow_ups_closed_by_id")
        table.drop_index("ix_follow_ups_assignee_id")
        table.drop_index("ix_follow_ups_announcement_id")

    op.drop_table("follow_ups")
    with op.batch_alter_table("family_standings") as table:
        table.drop_index(
            "ix_family_standings_unreached",
            sqlite_where=sa.text("unreached_since IS NOT NULL"),
            postgresql_where=sa.text("unreached_since IS NOT NULL"),
        )

    op.drop_table("family_standings")
    op.drop_table("ladder_rungs")
