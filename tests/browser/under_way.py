"""Announcements waiting for their hour, leaving and taken back, kept still so that tests can look at them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import select, update

from config import read_settings
from notifier.database import db
from notifier.models import Delivery, State
from webapp import create_app
from webapp.announcements.back.taking_back import take_back
from webapp.announcements.models import Announcement
from webapp.announcements.publish import publish
from webapp.announcements.recipients import Recipient
from webapp.families.queries import visible_classes
from webapp.message_templates.models import MessageSheet
from webapp.staff.models import StaffMember


def pages(environ: dict[str, str]) -> tuple[str, ...]:
    """Make one of each in the demo school, by its director to all classes; return their addresses."""
    app = create_app(read_settings({name: environ[name] for name in ("INSTANCE_DIR",)}))
    with app.app_context():
        director = db.session.scalars(select(StaffMember).filter_by(login="demo-director")).one()
        # Not to 5-А and 5-Б, whose teachers' stories count what they see.
        scheduled, sending, stopped, back = (_written(director) for _ in range(4))
        now = datetime.now(UTC)
        scheduled.goes_at, scheduled.goes_by_id = now + timedelta(days=2), director.id
        for each in (sending, stopped, back):
            # Nobody has it in hand until it is as it should be.
            publish(each, now + timedelta(days=1), director)
            each.published_at = now
        take_back(back, now, director)
        for each, state in ((sending, State.SENDING), (stopped, State.ACCEPTED)):
            _are(each, state, now)
        take_back(stopped, now, director)
        sent, waits = db.session.scalars(select(MessageSheet).order_by(MessageSheet.id)).all()
        # Nobody but its owner looks a spreadsheet over.
        waits.staff_id = director.id
        db.session.commit()
        found = [f"/announcements/{each.id}" for each in (sending, stopped, back)]
        found.append(f"/announcements/{scheduled.id}/review")
        found += [f"/templates/sheets/{waits.id}", f"/templates/sheets/sent/{sent.announcement_id}"]
        db.session.remove()
        db.engine.dispose()
    return tuple(found)


def _written(director: StaffMember) -> Announcement:
    made = Announcement(
        school_id=director.school_id,
        author_id=director.id,
        text_ky="Эртең сабак телекөрсөтүү аркылуу өтөт. Балдар дептерин жана китебин даярдап койсун.",
        text_ru="Завтра уроки по телевизору. Пусть дети приготовят тетради и учебники.",
        asks_acknowledgement=True,
        created_at=datetime.now(UTC),
        classes=list(visible_classes(director))[2:],
    )
    db.session.add(made)
    db.session.flush()
    return made


def _are(announcement: Announcement, state: State, now: datetime) -> None:
    """Let all its messages be in a worker's hand, or with the provider, for as long as the tests run."""
    theirs = select(Recipient.delivery_id).where(Recipient.announcement_id == announcement.id)
    lease = now + timedelta(hours=2) if state is State.SENDING else None
    db.session.execute(
        update(Delivery)
        .where(Delivery.id.in_(theirs), Delivery.state == State.PENDING)
        .values(
            state=state,
            not_before=now,
            lease_until=lease,
            owner="a test" if lease else None,
            last_attempt_at=now,
        )
    )
