"""Tell the staff: phones, associations, notices and everybody's copy; and the hour of the week's plan."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
ASSOCIATIONS = (
    "Гуманитардык бирикме",
    "Башталгыч класстар",
    "Табигый-математикалык бирикме",
    "Эстетикалык бирикме",
)
INDEXED = (
    ("association_members", "association_id"),
    ("staff_copies", "staff_id"),
    ("staff_copies", "delivery_id"),
    ("plans_told", "announcement_id"),
    ("plans_told", "by_id"),
    ("plan_reminders", "announcement_id"),
)


def _to(target: str, ondelete: str = "CASCADE") -> sa.ForeignKey:
    return sa.ForeignKey(target, ondelete=ondelete)


def upgrade() -> None:
    with op.batch_alter_table("staff") as table:
        table.add_column(sa.Column("phone", sa.String(length=32), nullable=False, server_default=""))
        table.add_column(sa.Column("email", sa.String(length=254), nullable=False, server_default=""))
    op.create_table(
        "associations",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("school_id", sa.Integer(), _to("schools.id"), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.UniqueConstraint("school_id", "name"),
    )
    op.create_table(
        "association_members",
        sa.Column("staff_id", sa.Integer(), _to("staff.id"), primary_key=True),
        sa.Column("association_id", sa.Integer(), _to("associations.id"), nullable=False),
        sa.Column("leads", sa.Boolean(), nullable=False),
    )
    op.create_table(
        "staff_notices",
        sa.Column("announcement_id", sa.Integer(), _to("announcements.id"), primary_key=True),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("everybody", sa.Boolean(), nullable=False),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("associations", sa.JSON(), nullable=False),
        sa.Column("words_ky", sa.Text(), nullable=False),
        sa.Column("words_ru", sa.Text(), nullable=False),
        sa.Column("starts_at", MOMENT),
        sa.Column("platform", sa.String(length=60), nullable=False),
        sa.Column("link", sa.String(length=500), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("sends", sa.Boolean(), nullable=False),
    )
    op.create_table(
        "staff_copies",
        sa.Column("id", BIG, primary_key=True),
        sa.Column("announcement_id", sa.Integer(), _to("announcements.id"), nullable=False),
        sa.Column("staff_id", sa.Integer(), _to("staff.id"), nullable=False),
        sa.Column("delivery_id", BIG, _to("deliveries.id", "SET NULL")),
        sa.Column("not_sent", sa.String(length=12)),
        sa.Column("read_at", MOMENT),
        sa.UniqueConstraint("announcement_id", "staff_id"),
    )
    op.create_table(
        "plan_deadlines",
        sa.Column("school_id", sa.Integer(), _to("schools.id"), primary_key=True),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("minute", sa.Integer(), nullable=False),
        sa.Column("before", sa.String(length=8), nullable=False),
        sa.Column("by_sms", sa.Boolean(), nullable=False),
        sa.Column("set_at", MOMENT, nullable=False),
        sa.CheckConstraint("day BETWEEN -7 AND 0", name="day"),
        sa.CheckConstraint("minute BETWEEN 0 AND 1439", name="minute"),
    )
    op.create_table(
        "plans_told",
        sa.Column("class_id", sa.Integer(), _to("classes.id"), primary_key=True),
        sa.Column("monday", sa.Date(), primary_key=True),
        sa.Column("announcement_id", sa.Integer(), _to("announcements.id", "SET NULL")),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("by_id", sa.Integer(), _to("staff.id", "SET NULL")),
    )
    op.create_table(
        "plan_reminders",
        sa.Column("class_id", sa.Integer(), _to("classes.id"), primary_key=True),
        sa.Column("monday", sa.Date(), primary_key=True),
        sa.Column("late", sa.Boolean(), primary_key=True),
        sa.Column("announcement_id", sa.Integer(), _to("announcements.id", "SET NULL")),
        sa.Column("at", MOMENT, nullable=False),
    )
    for table_name, column in INDEXED:
        op.create_index(f"ix_{table_name}_{column}", table_name, [column])
    _give_schools_their_associations()


def _give_schools_their_associations() -> None:
    """Take the names a school's roster has; a school without such turns begins with the regulation's."""
    connection = op.get_bind()
    schools = connection.execute(sa.text("SELECT id FROM schools ORDER BY id")).scalars().all()
    on_roster = connection.execute(
        sa.text("SELECT DISTINCT school_id, name FROM duty_turns WHERE roster = 'association' ORDER BY name")
    ).all()
    associations = sa.table("associations", sa.column("school_id"), sa.column("name"))
    for school in schools:
        names = [name for school_id, name in on_roster if school_id == school] or ASSOCIATIONS
        op.bulk_insert(associations, [{"school_id": school, "name": name} for name in names])


def downgrade() -> None:
    for table_name in (
        "plan_reminders",
        "plans_told",
        "plan_deadlines",
        "staff_copies",
        "staff_notices",
        "association_members",
        "associations",
    ):
        op.drop_table(table_name)
    with op.batch_alter_table("staff") as table:
        table.drop_column("email")
        table.drop_column("phone")
