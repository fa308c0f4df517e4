"""What an order does beside being told: it begins, extends or ends how classes are taught (clause 3.2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from flask_babel import gettext
from sqlalchemy import select

from notifier.database import db
from webapp.announcements.desk.said import Said, read_day
from webapp.announcements.desk.same_order import MADE, Target, answers_to, done_by, targets_of, told_too
from webapp.announcements.kinds import ORDER
from webapp.announcements.models import Announcement
from webapp.families.models import SchoolClass
from webapp.families.modes import ClassMode, Mode, bare_number, make_room
from webapp.staff import audit
from webapp.staff.models import School, StaffMember

DAY = timedelta(days=1)


@dataclass
class Made:
    """The periods an order touched."""

    added: list[int] = field(default_factory=list)
    ended: list[tuple[int, str]] = field(default_factory=list)  # with the last day it had before
    removed: list[dict[str, Any]] = field(default_factory=list)

    def written(self) -> dict[str, Any]:
        return {"added": self.added, "ended": self.ended, "removed": self.removed}


def enact(announcement: Announcement, now: datetime, by: StaffMember | None) -> None:
    """Change how the classes are taught, in the transaction that publishes the order.

    What is told once more, on the next school day or by hand, changes nothing more.
    """
    if announcement.kind != ORDER:
        return
    # Of two who tell the same order at one moment the second sees what the first changed. (SQLite has one
    # writer.) Not FOR UPDATE: rows that refer to the school may still be written.
    db.session.execute(select(School.id).filter_by(id=announcement.school_id).with_for_update(key_share=True))
    if announcement.corrects and announcement.corrects.kind == ORDER:
        undo(done_by(announcement.corrects) or announcement.corrects)
    said, made = answers_to(announcement), Made()
    announcement.fields = said.written()
    if done_by(announcement):
        return
    school = db.session.get_one(School, announcement.school_id)
    targets = targets_of(announcement)
    for target in targets:
        ACTS.get(said["act"], _start)(school, target, said, made, now)
    db.session.flush()
    announcement.fields = Said({**said.answers, MADE: made.written()}).written()
    names = [school_class.name for school_class in announcement.classes] if targets != [None] else []
    detail = {"classes": names, "order": said["order_number"]} | _what(said)
    action = "mode.set" if said["act"] in {"", "start"} else "mode.changed"
    audit.record(action, f"announcement {announcement.id}", detail, by, now, school=school)


def undo(announcement: Announcement) -> None:
    """Put the periods back as they were before an order, as far as nobody has changed them since."""
    if announcement.kind != ORDER:
        return
    said = Said.read(announcement.fields)
    made = said.answers.pop(MADE, None)
    if not isinstance(made, dict):
        return
    for number in made.get("added", ()):
        if mode := db.session.get(ClassMode, number):
            db.session.delete(mode)
    for number, last in made.get("ended", ()):
        mode, day = db.session.get(ClassMode, number), read_day(last)
        if mode and day:
            mode.ends = day
    for kept in made.get("removed", ()):
        # Of a class that is no more nothing comes back.
        there = kept["class_id"] is None or db.session.scalar(
            select(SchoolClass.id).filter_by(id=kept["class_id"])
        )
        if there:
            db.session.add(_revived(announcement.school_id, kept))
    announcement.fields = said.written()
    db.session.flush()


def unsay(announcement: Announcement) -> None:
    """Undo an order that nobody has heard of; what another announcement tells as well holds by that one."""
    made = Said.read(announcement.fields).answers.get(MADE)
    other = next((each for each in told_too(announcement) if each.taken_back_at is None), None)
    if made is None or other is None:
        undo(announcement)
        return
    announcement.fields = answers_to(announcement).written()
    other.fields = Said({**answers_to(other).answers, MADE: made}).written()
    db.session.flush()


def refusal(school_id: int, targets: Sequence[Target], said: Said, today: date) -> str:
    """Say why there is nothing to extend or to end; "" when there is."""
    last = said.day("last_day")
    for target in targets:
        found = _holding(school_id, target, today)
        if not found:
            return str(
                gettext(
                    "There is nothing to extend or to end here: these classes are taught at school. Choose "
                    "other classes, or let the order begin it."
                )
            )
        if said["act"] == "extend" and last and last <= max(mode.ends for mode in found):
            return str(gettext("It lasts until then already. Choose a later last day."))
    return ""


def _start(school: School, target: Target, said: Said, made: Made, now: datetime) -> None:
    first, last = said.day("first_day"), said.day("last_day")
    if first and last:
        room = make_room(school.id, target, first, last)
        made.removed += [_kept(each) for each in room.gone]
        made.ended += [(each.id, ends.isoformat()) for each, ends in room.cut]
        db.session.flush()
        made.added += [each.id for each in room.left]
        mode = said["mode"] or Mode.DISTANCE.value
        _add(school.id, target, mode, first, last, said, made, now)


def _extend(school: School, target: Target, said: Said, made: Made, now: datetime) -> None:
    last = said.day("last_day")
    for mode in _holding(school.id, target, _today(school, now)):
        if last is None or mode.ends >= last:
            continue
        if mode.class_id == target or target is None:
            made.ended.append((mode.id, mode.ends.isoformat()))
            mode.ends = last
        else:
            # The whole school's period goes on for this class alone.
            _add(school.id, target, mode.mode, mode.ends + DAY, last, said, made, now, mode.quarantine)


def _end(school: School, target: Target, said: Said, made: Made, now: datetime) -> None:
    first = said.day("first_day")
    for mode in _holding(school.id, target, _today(school, now)):
        if first is None or mode.ends < first:
            continue
        if mode.class_id != target and target is not None:
            # The whole school's period goes on for the others.
            _add(school.id, target, Mode.AT_SCHOOL.value, first, mode.ends, said, made, now, False)
        elif mode.starts >= first:
            made.removed.append(_kept(mode))
            db.session.delete(mode)
        else:
            made.ended.append((mode.id, mode.ends.isoformat()))
            mode.ends = first - DAY


ACTS = {"start": _start, "extend": _extend, "end": _end}


def _holding(school_id: int, target: Target, today: date) -> list[ClassMode]:
    """The periods away from school that hold for a class, or will: its own, else the whole school's.

    For the whole school those of all its classes; to extend, the whole school's own come first.
    """
    found = list(
        db.session.scalars(
            select(ClassMode)
            .where(
                ClassMode.school_id == school_id,
                ClassMode.ends >= today,
                ClassMode.mode != Mode.AT_SCHOOL.value,
            )
            .order_by(ClassMode.id)
        )
    )
    if target is None:
        return found
    own = [mode for mode in found if mode.class_id == target]
    return own or [mode for mode in found if mode.class_id is None]


def _add(
    school_id: int,
    target: Target,
    mode: str,
    first: date,
    last: date,
    said: Said,
    made: Made,
    now: datetime,
    quarantine: bool | None = None,
) -> None:
    added = ClassMode(
        school_id=school_id,
        class_id=target,
        mode=mode,
        starts=first,
        ends=last,
        quarantine=said.ticked("quarantine") if quarantine is None else quarantine,
        order_number=bare_number(said["order_number"])[:40],
        order_date=said.day("order_day"),
        created_at=now,
    )
    db.session.add(added)
    db.session.flush()
    made.added.append(added.id)


def _kept(mode: ClassMode) -> dict[str, Any]:
    days = {name: getattr(mode, name) and getattr(mode, name).isoformat() for name in _DAYS}
    return days | {name: getattr(mode, name) for name in _WORDS} | {"created_at": mode.created_at.isoformat()}


def _revived(school_id: int, kept: dict[str, Any]) -> ClassMode:
    days = {name: read_day(kept.get(name) or "") for name in _DAYS}
    words = {name: kept.get(name) for name in _WORDS}
    return ClassMode(
        school_id=school_id, created_at=datetime.fromisoformat(kept["created_at"]), **days, **words
    )


_DAYS = ("starts", "ends", "order_date")
_WORDS = ("class_id", "mode", "quarantine", "order_number")


def _what(said: Said) -> dict[str, str]:
    if said["act"] == "end":
        return {"until": said["first_day"]}
    return {"until": said["last_day"]} | ({"mode": said["mode"]} if said["act"] in {"", "start"} else {})


def _today(school: School, now: datetime) -> date:
    return now.astimezone(school.zone).date()
