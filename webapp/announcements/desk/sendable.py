"""What stands against sending a kind of announcement now, though it was right when it was written."""

from __future__ import annotations

from datetime import datetime

from flask_babel import gettext

from webapp.announcements.audience.households import Audience
from webapp.announcements.audience.selection import Selection
from webapp.announcements.desk.checks import negative_refused
from webapp.announcements.desk.marks import negative_in
from webapp.announcements.desk.table import KINDS
from webapp.announcements.flaws import Flaw
from webapp.announcements.kinds import ORDER, PRIVATE
from webapp.announcements.models import Announcement
from webapp.staff.models import BROADCASTERS, StaffMember


def may_write(person: StaffMember, code: str) -> bool:
    """Whether somebody may write this kind; what no kind is known for, who writes to families at all."""
    kind = KINDS.get(code)
    return person.may(kind.who if kind else BROADCASTERS)


def flaws_of_kind(announcement: Announcement, audience: Audience, now: datetime) -> list[Flaw]:
    """Name them: told to more than one child's family, over by now, not this author's to order."""
    found = []
    if announcement.kind in PRIVATE:
        selection = Selection.of(announcement)
        alone = selection == Selection(pupils=selection.pupils[:1]) and len(audience.pupil_ids) <= 1
        if not alone:
            found.append(
                Flaw(
                    "classes", gettext("This is about one child: only its own family may be told. Choose it.")
                )
            )
        if any(map(negative_in, announcement.texts.values())):
            found.append(Flaw("text_ky", negative_refused()))
    # What was wrong may be set right afterwards, too.
    if announcement.due_at and announcement.due_at <= now and announcement.corrects_id is None:
        found.append(Flaw("text_ky", gettext("The hour it is about is over. Change the day and the text.")))
    kind = KINDS.get(announcement.kind)
    if kind and announcement.author and not announcement.author.may(kind.who):
        sentence = (
            gettext("Only the administration can send an order.")
            if announcement.kind == ORDER
            else gettext("Whoever wrote it may no longer write to families.")
        )
        found.append(Flaw("classes", sentence))
    return found
