"""Add TV lessons."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# As a new school gets them; kept here because later versions of the program may begin differently.
CAPS = {"1": 20, "2": 20, "3": 25, "4": 25, "5": 30, "6": 30, "7": 30, "8": 30, "9": 30}
DAYS_OFF = [
    {"first": "01-01", "last": "01-01", "name": "Жаңы жыл"},
    {"first": "01-07", "last": "01-07", "name": "Рождество"},
    {"first": "02-23", "last": "02-23", "name": "Мекенди коргоочулар күнү"},
    {"first": "03-08", "last": "03-08", "name": "Аялдар күнү"},
    {"first": "03-21", "last": "03-21", "name": "Нооруз"},
    {"first": "04-07", "last": "04-07", "name": "Апрель революциясы күнү"},
    {"first": "05-01", "last": "05-01", "name": "Эмгек майрамы"},
    {"first": "05-05", "last": "05-05", "name": "Конституция күнү"},
    {"first": "05-09", "last": "05-09", "name": "Жеңиш күнү"},
    {"first": "08-31", "last": "08-31", "name": "Эгемендүүлүк күнү"},
    {"first": "11-07", "last": "11-08", "name": "Тарых жана ата-бабаларды эскерүү күндөрү"},
]
CHANNELS = (
    ("Баластан", ["Balastan", "Balastan.kg", "Балластан"], 1, 4),
    ("ЭЛТР", ["ElTR", "ElTR.kg", "ЭлТР", "El TR", "Эл ТР"], 5, 12),
)


def upgrade() -> None:
    op.create_table(
        "tv_channels",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("aliases", sa.JSON(), nullable=False),
        sa.Column("first_grade", sa.Integer(), nullable=True),
        sa.Column("last_grade", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["school_id"], ["schools.id"], name="fk_tv_channels_school_id_schools", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_tv_channels"),
        sa.UniqueConstraint("school_id", "name", name="uq_tv_channels_school_id"),
    )
    op.create_table(
        "lesson_rules",
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("first_grade", sa.Integer(), nullable=False),
        sa.Column("last_grade", sa.Integer(), nullable=False),
        sa.Column("caps", sa.JSON(), nullable=False),
        sa.Column("days_off", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["school_id"], ["schools.id"], name="fk_lesson_rules_school_id_schools", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("school_id", name="pk_lesson_rules"),
    )
    op.create_table(
        "lesson_imports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("source", sa.String(length=120), nullable=False),
        sa.Column("rows", sa.JSON(), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["school_id"], ["schools.id"], name="fk_lesson_imports_school_id_schools", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name="fk_lesson_imports_staff_id_staff", ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_lesson_imports"),
    )
    op.create_index("ix_lesson_imports_school_id", "lesson_imports", ["school_id"])
    op.create_index("ix_lesson_imports_staff_id", "lesson_imports", ["staff_id"])
    op.create_table(
        "tv_lessons",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("channel_id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("first_grade", sa.Integer(), nullable=False),
        sa.Column("last_grade", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("topic", sa.String(length=300), nullable=False),
        sa.Column("repeat_of_id", sa.Integer(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["channel_id"],
            ["tv_channels.id"],
            name="fk_tv_lessons_channel_id_tv_channels",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["repeat_of_id"],
            ["tv_lessons.id"],
            name="fk_tv_lessons_repeat_of_id_tv_lessons",
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["schools.id"], name="fk_tv_lessons_school_id_schools", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_tv_lessons"),
        sa.UniqueConstraint("uid", name="uq_tv_lessons_uid"),
    )
    op.create_index("ix_tv_lessons_channel_id", "tv_lessons", ["channel_id"])
    op.create_index("ix_tv_lessons_repeat_of_id", "tv_lessons", ["repeat_of_id"])
    op.create_index("ix_tv_lessons_day", "tv_lessons", ["school_id", "starts_at"])
    _equip_schools()


def _equip_schools() -> None:
    """Give the schools that are already here what a new school begins with."""
    connection = op.get_bind()
    for (school_id,) in connection.execute(sa.text("SELECT id FROM schools")).all():
        connection.execute(
            sa.text(
                "INSERT INTO lesson_rules (school_id, first_grade, last_grade, caps, days_off) "
                "VALUES (:school_id, 1, 11, :caps, :days_off)"
            ),
            {"school_id": school_id, "caps": json.dumps(CAPS), "days_off": json.dumps(DAYS_OFF)},
        )
        for name, aliases, first, last in CHANNELS:
            connection.execute(
                sa.text(
                    "INSERT INTO tv_channels (school_id, name, aliases, first_grade, last_grade) "
                    "VALUES (:school_id, :name, :aliases, :first, :last)"
                ),
                {
                    "school_id": school_id,
                    "name": name,
                    "aliases": json.dumps(aliases),
                    "first": first,
                    "last": last,
                },
            )


def downgrade() -> None:
    for table in ("tv_lessons", "lesson_imports", "lesson_rules", "tv_channels"):
        op.drop_table(table)
