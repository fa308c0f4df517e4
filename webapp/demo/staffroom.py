"""What the demo school's staff have among themselves: phones, associations, a webinar, a late plan."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from notifier.database import db
from webapp.announcements.kinds import STAFF
from webapp.announcements.models import Announcement
from webapp.families.models import SchoolClass
from webapp.staff.models import School, StaffMember
from webapp.staffroom.audience import associations_of
from webapp.staffroom.directory import put_into
from webapp.staffroom.handing import hand_out
from webapp.staffroom.models import Before, Kind, PlanDeadline, PlanTold, StaffCopy, StaffNotice
from webapp.staffroom.plans import due_at, week_to_show
from webapp.staffroom.wording import write_text

# Numbers that nobody has. The two of one household share theirs, and one has only a mailbox; the deputy's is
# no number, and of the psychologist's nobody can tell (`sandbox.stories`).
PHONES = {
    "demo-director": "+996555000951",
    "demo-deputy": "+996555000903",
    "demo-5a": "+996555000953",
    "demo-5b": "+996555000954",
    "demo-7a": "+996555000954",
    "demo-pedagogue": "+996555000955",
    "demo-psychologist": "+996555000907",
}
MAILBOXES = {"demo-office": "office@example.kg"}
# Which association, by its place in the list; the first of each leads it.
MEMBERS = {"demo-5a": 0, "demo-5b": 0, "demo-subject": 2, "demo-7a": 2}
ABOUT = {
    "ky": "Аралыктан окутууда баланын ийгилигин баалоо",
    "ru": "Как оценивать успехи ребёнка на расстоянии",
}
IN_DAYS, HOUR = 3, time(15)


def furnish(school: School, now: datetime) -> None:
    """Write it all down for a new demo school; the caller commits."""
    staff = {
        person.login: person
        for person in db.session.scalars(db.select(StaffMember).filter_by(school_id=school.id))
    }
    for login, person in staff.items():
        person.phone, person.email = PHONES.get(login, ""), MAILBOXES.get(login, "")
    associations = associations_of(school.id)
    led: set[int] = set()
    for login, place in MEMBERS.items():
        put_into(staff[login], associations[place].id, leads=place not in led)
        led.add(place)
    db.session.flush()
    _invite(school, staff["demo-director"], now)
    _set_an_hour(school, staff, now)


def _invite(school: School, by: StaffMember, now: datetime) -> None:
    """Invite everybody to a webinar; two have read of it."""
    day = now.astimezone(school.zone).date() + timedelta(days=IN_DAYS)
    announcement = Announcement(school_id=school.id, author_id=by.id, author=by, kind=STAFF, created_at=now)
    notice = StaffNotice(
        announcement=announcement,
        kind=Kind.WEBINAR,
        everybody=True,
        words_ky=ABOUT["ky"],
        words_ru=ABOUT["ru"],
        starts_at=datetime.combine(day, HOUR, school.zone).astimezone(UTC),
        platform="Zoom",
        link="https://zoom.example/j/950950",
        code="4711",
    )
    write_text(notice, announcement, school)
    db.session.add(notice)
    db.session.flush()
    hand_out(notice, now, by)
    readers = db.session.scalars(
        db.select(StaffCopy).filter_by(announcement_id=announcement.id).order_by(StaffCopy.id).limit(2)
    )
    for copy in readers:
        copy.read_at = now


def _set_an_hour(school: School, staff: dict[str, StaffMember], now: datetime) -> None:
    """Friday at six is the hour; 5-А was told in time, 5-Б late, 7-А not yet."""
    deadline = PlanDeadline(
        school_id=school.id,
        day=-3,
        minute=18 * 60,
        before=Before.MORNING,
        by_sms=False,
        set_at=now,
    )
    db.session.add(deadline)
    db.session.flush()
    monday = week_to_show(deadline, school, now)
    due = due_at(deadline, monday, school)
    deadline.set_at = min(now, due - timedelta(days=1))
    for name, at in (("5-А", due - timedelta(hours=3)), ("5-Б", due + timedelta(hours=2))):
        school_class = db.session.scalars(
            db.select(SchoolClass).filter_by(school_id=school.id, grade=int(name[0]), letter=name[-1])
        ).one()
        if at <= now:
            db.session.add(
                PlanTold(class_id=school_class.id, monday=monday, at=at, by_id=school_class.teacher_id)
            )
