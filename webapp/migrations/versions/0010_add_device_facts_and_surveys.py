"""Add dated facts about devices, which take the television's place in the family's row, and surveys."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "device_facts",
        sa.Column("id", BIG, nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("family_id", sa.Integer(), nullable=False),
        sa.Column("fact", sa.String(length=16), nullable=False),
        sa.Column("value", sa.String(length=255), nullable=False),
        sa.Column("learned_at", MOMENT, nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("inbound_id", BIG, nullable=True),
        _to("device_facts", "school_id", "schools", "CASCADE"),
        _to("device_facts", "family_id", "families", "CASCADE"),
        _to("device_facts", "staff_id", "staff", "SET NULL"),
        _to("device_facts", "inbound_id", "inbound", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name="pk_device_facts"),
    )
    op.create_index("ix_device_facts_newest", "device_facts", ["family_id", "fact", "learned_at"])
    op.create_index("ix_device_facts_school", "device_facts", ["school_id", "fact"])
    op.create_index("ix_device_facts_staff_id", "device_facts", ["staff_id"])
    op.create_index("ix_device_facts_inbound_id", "device_facts", ["inbound_id"])
    op.execute(
        "INSERT INTO device_facts (school_id, family_id, fact, value, learned_at) "
        "SELECT families.school_id, families.id, 'tv', CASE WHEN has_tv THEN 'yes' ELSE 'no' END, "
        "COALESCE(has_tv_at, schools.created_at) "
        "FROM families JOIN schools ON schools.id = families.school_id WHERE has_tv IS NOT NULL"
    )
    op.drop_column("families", "has_tv")
    op.drop_column("families", "has_tv_at")

    op.create_table(
        "surveys",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("token", sa.String(length=32), nullable=False),
        sa.Column("question_ky", sa.String(length=140), nullable=False),
        sa.Column("question_ru", sa.String(length=140), nullable=False),
        sa.Column("choices", sa.JSON(), nullable=False),
        sa.Column("multiple", sa.Boolean(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("sent_at", MOMENT, nullable=True),
        sa.Column("closes_at", MOMENT, nullable=False),
        sa.Column("reminded_at", MOMENT, nullable=True),
        sa.Column("announcement_id", sa.Integer(), nullable=True),
        sa.Column("reminder_id", sa.Integer(), nullable=True),
        _to("surveys", "school_id", "schools", "CASCADE"),
        _to("surveys", "author_id", "staff", "SET NULL"),
        _to("surveys", "announcement_id", "announcements", "SET NULL"),
        _to("surveys", "reminder_id", "announcements", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name="pk_surveys"),
        sa.UniqueConstraint("school_id", "token", name="uq_surveys_school_id"),
    )
    op.create_index("ix_surveys_newest", "surveys", ["school_id", "created_at"])
    op.create_index("ix_surveys_author_id", "surveys", ["author_id"])
    op.create_index("ix_surveys_announcement_id", "surveys", ["announcement_id"])
    op.create_index("ix_surveys_reminder_id", "surveys", ["reminder_id"])
    op.create_table(
        "survey_classes",
        sa.Column("survey_id", sa.Integer(), nullable=False),
        sa.Column("class_id", sa.Integer(), nullable=False),
        _to("survey_classes", "survey_id", "surveys", "CASCADE"),
        _to("survey_classes", "class_id", "classes", "CASCADE"),
        sa.PrimaryKeyConstraint("survey_id", "class_id", name="pk_survey_classes"),
    )
    op.create_index("ix_survey_classes_class_id", "survey_classes", ["class_id"])
    op.create_table(
        "survey_answers",
        sa.Column("id", BIG, nullable=False),
        sa.Column("survey_id", sa.Integer(), nullable=False),
        sa.Column("family_id", sa.Integer(), nullable=False),
        sa.Column("keys", sa.String(length=12), nullable=False),
        sa.Column("answered_at", MOMENT, nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("inbound_id", BIG, nullable=True),
        _to("survey_answers", "survey_id", "surveys", "CASCADE"),
        _to("survey_answers", "family_id", "families", "CASCADE"),
        _to("survey_answers", "staff_id", "staff", "SET NULL"),
        _to("survey_answers", "inbound_id", "inbound", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name="pk_survey_answers"),
    )
    op.create_index("ix_survey_answers_newest", "survey_answers", ["survey_id", "family_id", "answered_at"])
    op.create_index("ix_survey_answers_family_id", "survey_answers", ["family_id"])
    op.create_index("ix_survey_answers_staff_id", "survey_answers", ["staff_id"])
    op.create_index("ix_survey_answers_inbound_id", "survey_answers", ["inbound_id"])


def _to(table: str, column: str, other: str, on_delete: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{other}.id"], name=f"fk_{table}_{column}_{other}", ondelete=on_delete
    )


def downgrade() -> None:
    for table in ("survey_answers", "survey_classes", "surveys"):
        op.drop_table(table)
    op.add_column("families", sa.Column("has_tv", sa.Boolean(), nullable=True))
    op.add_column("families", sa.Column("has_tv_at", MOMENT, nullable=True))
    for value, has in (("yes", sa.true()), ("no", sa.false())):
        facts = sa.table(
            "device_facts",
            sa.column("id"),
            sa.column("family_id"),
            sa.column("fact"),
            sa.column("value"),
            sa.column("learned_at"),
        )
        families = sa.table("families", sa.column("id"), sa.column("has_tv"), sa.column("has_tv_at"))
        told = facts.alias()
        later = facts.alias()
        newest = (
            sa.select(told.c.learned_at)
            .where(
                told.c.family_id == families.c.id,
                told.c.fact == "tv",
                told.c.value == value,
                ~sa.exists(
                    sa.select(later.c.id).where(
                        later.c.family_id == told.c.family_id,
                        later.c.fact == "tv",
                        sa.or_(
                            later.c.learned_at > told.c.learned_at,
                            sa.and_(later.c.learned_at == told.c.learned_at, later.c.id > told.c.id),
                        ),
                    )
                ),
            )
            .scalar_subquery()
        )
        op.execute(sa.update(families).where(newest.is_not(None)).values(has_tv=has, has_tv_at=newest))
    op.drop_table("device_facts")
