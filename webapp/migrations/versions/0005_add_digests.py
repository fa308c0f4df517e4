"""Add the evening digest of TV lessons, and who wants it."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# As a new school gets them; kept here because later versions of the program may begin differently.
ABBREVIATIONS = {
    "ky": {
        "Адабий окуу": "Адаб.окуу",
        "Адеп": "Адеп",
        "Алгебра": "Алг",
        "Англис тили": "Англ",
        "Астрономия": "Астр",
        "Биология": "Био",
        "География": "Геогр",
        "Геометрия": "Геом",
        "Дене тарбия": "Дене т.",
        "Дүйнөлүк тарых": "Дүйн.тарых",
        "Информатика": "Инф",
        "Кыргыз адабияты": "Кырг.адаб",
        "Кыргыз тили": "Кырг.тил",
        "Кыргызстан тарыхы": "Кырг.тарых",
        "Математика": "Мат",
        "Мекен таануу": "Мекен т.",
        "Музыка": "Муз",
        "Орус адабияты": "Орус адаб",
        "Орус тили": "Орус т.",
        "Сабат ачуу": "Сабат",
        "Сүрөт": "Сүрөт",
        "Табият таануу": "Табият",
        "Физика": "Физ",
        "Химия": "Хим",
    },
    "ru": {
        "Адеп": "Адеп",
        "Алгебра": "Алг",
        "Английский язык": "Англ",
        "Астрономия": "Астр",
        "Биология": "Био",
        "Всемирная история": "Всем.ист",
        "География": "Геогр",
        "Геометрия": "Геом",
        "Информатика": "Инф",
        "История Кыргызстана": "Ист.КР",
        "Кыргызская литература": "Кырг.лит",
        "Кыргызский язык": "Кырг.яз",
        "Литература": "Лит",
        "Литературное чтение": "Лит.чт",
        "Математика": "Мат",
        "Музыка": "Муз",
        "Обучение грамоте": "Грамота",
        "Природоведение": "Природа",
        "Родиноведение": "Родиновед",
        "Рисование": "Рис",
        "Русский язык": "Рус.яз",
        "Физика": "Физ",
        "Физкультура": "Физ-ра",
        "Химия": "Хим",
    },
}

COLUMNS = {
    "families": ("has_tv", "has_tv_at"),
    "guardians": ("digest",),
    "lesson_rules": ("digest_at", "digest_parts", "week_parts", "abbreviations"),
}


def upgrade() -> None:
    # Nullable, or with a default of the server's, so that programs of the old version go on writing.
    op.add_column("families", sa.Column("has_tv", sa.Boolean(), nullable=True))
    op.add_column("families", sa.Column("has_tv_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "guardians", sa.Column("digest", sa.String(length=8), nullable=False, server_default="daily")
    )
    op.add_column("lesson_rules", sa.Column("digest_at", sa.Integer(), nullable=True, server_default="1110"))
    op.add_column("lesson_rules", sa.Column("digest_parts", sa.Integer(), nullable=False, server_default="2"))
    op.add_column("lesson_rules", sa.Column("week_parts", sa.Integer(), nullable=False, server_default="6"))
    op.add_column("lesson_rules", sa.Column("abbreviations", sa.JSON(), nullable=False, server_default="{}"))
    op.get_bind().execute(
        sa.text("UPDATE lesson_rules SET abbreviations = :seed"),
        {"seed": json.dumps(ABBREVIATIONS, ensure_ascii=False)},
    )
    op.create_table(
        "digests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("span", sa.String(length=8), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("announcement_id", sa.Integer(), nullable=True),
        sa.Column("composed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lessons", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["school_id"], ["schools.id"], name="fk_digests_school_id_schools", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["announcement_id"],
            ["announcements.id"],
            name="fk_digests_announcement_id_announcements",
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_digests"),
        sa.UniqueConstraint("school_id", "span", "first_day", name="uq_digests_school_id"),
    )
    op.create_index("ix_digests_ends_at", "digests", ["ends_at"])
    op.create_index("ix_digests_announcement_id", "digests", ["announcement_id"])
    op.create_table(
        "told_lessons",
        sa.Column("delivery_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("digest_id", sa.Integer(), nullable=False),
        sa.Column("announcement_id", sa.Integer(), nullable=False),
        sa.Column("contact_point_id", sa.Integer(), nullable=False),
        sa.Column("lines", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["delivery_id"],
            ["deliveries.id"],
            name="fk_told_lessons_delivery_id_deliveries",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["digest_id"], ["digests.id"], name="fk_told_lessons_digest_id_digests", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["announcement_id"],
            ["announcements.id"],
            name="fk_told_lessons_announcement_id_announcements",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["contact_point_id"],
            ["contact_points.id"],
            name="fk_told_lessons_contact_point_id_contact_points",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("delivery_id", name="pk_told_lessons"),
    )
    op.create_index("ix_told_lessons_digest_id", "told_lessons", ["digest_id"])
    op.create_index("ix_tv_lessons_changed", "tv_lessons", ["school_id", "changed_at"])


def downgrade() -> None:
    op.drop_index("ix_tv_lessons_changed", "tv_lessons")
    for table in ("told_lessons", "digests"):
        op.drop_table(table)
    for table, columns in COLUMNS.items():
        for column in columns:
            op.drop_column(table, column)
