"""Find names in any letters: keep with each the form in which it is looked for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from webapp.families.search_key import search_key

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

ROWS = 1000


def upgrade() -> None:
    for table_name in ("pupils", "guardians"):
        with op.batch_alter_table(table_name) as table:
            table.add_column(
                sa.Column("search_key", sa.String(length=255), nullable=False, server_default="")
            )
            table.create_index(f"ix_{table_name}_search", ["school_id", "search_key"], unique=False)
        _write_keys(sa.table(table_name, sa.column("id"), sa.column("name"), sa.column("search_key")))


def _write_keys(people: sa.TableClause) -> None:
    connection, last = op.get_bind(), 0
    while rows := connection.execute(
        sa.select(people.c.id, people.c.name).where(people.c.id > last).order_by(people.c.id).limit(ROWS)
    ).all():
        connection.execute(
            sa.update(people)
            .where(people.c.id == sa.bindparam("number"))
            .values(search_key=sa.bindparam("key")),
            [{"number": number, "key": search_key(name)} for number, name in rows],
        )
        last = rows[-1].id


def downgrade() -> None:
    for table_name in ("guardians", "pupils"):
        with op.batch_alter_table(table_name) as table:
            table.drop_index(f"ix_{table_name}_search")
            table.drop_column("search_key")
