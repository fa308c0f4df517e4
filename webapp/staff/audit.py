"""Who did what to many people at once, or to somebody's rights."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask_babel import LazyString, lazy_gettext

from notifier.database import db
from webapp.staff.models import AuditEntry, School, StaffMember

# What the audit page calls an action; one without a name here is shown as it is.
ACTION_NAMES: dict[str, LazyString] = {
    "acknowledgement.entered": lazy_gettext("Entered who knows an announcement"),
    "acknowledgement.taken_back": lazy_gettext("Took back who knows an announcement"),
    "announcement.goes_later": lazy_gettext("Let an announcement go by itself later"),
    "announcement.not_sent": lazy_gettext("An announcement did not go by itself"),
    "announcement.published": lazy_gettext("Sent an announcement"),
    "announcement.reminded": lazy_gettext("Reminded who had not answered"),
    "announcement.stays": lazy_gettext("Let an announcement not go by itself after all"),
    "announcement.taken_back": lazy_gettext("Took an announcement back"),
    "announcement.spoken": lazy_gettext("Spoke to a family"),
    "announcement.spoken_undone": lazy_gettext("Took back having spoken to a family"),
    "associations.changed": lazy_gettext("Changed the methodical associations"),
    "atschool.added": lazy_gettext("Put children into a group at school"),
    "database.restored": lazy_gettext("Put the database back from a backup"),
    "devices.noted": lazy_gettext("Noted what the families of a class have at home"),
    "document.exported": lazy_gettext("Took a list of who knows a document"),
    "document.kept": lazy_gettext("Added a document"),
    "document.signed": lazy_gettext("Entered signatures on paper"),
    "document.told": lazy_gettext("Began to tell families of a document"),
    "families.imported": lazy_gettext("Brought a class list in"),
    "family.devices_noted": lazy_gettext("Noted what a family has at home"),
    "family.tv_noted": lazy_gettext("Noted whether a family has a television"),
    "follow_up.cancelled": lazy_gettext("Cancelled a follow-up"),
    "follow_up.changed": lazy_gettext("Changed who does a follow-up, or by when"),
    "follow_up.opened": lazy_gettext("Opened a follow-up"),
    "follow_ups.handed": lazy_gettext("Handed families to the social pedagogue"),
    "follow_ups.opened": lazy_gettext("Opened follow-ups for families that were not reached"),
    "guardian.changed": lazy_gettext("Changed a guardian"),
    "ladder.changed": lazy_gettext("Changed what is tried when a message does not arrive"),
    "lessons.import_undone": lazy_gettext("Took a timetable back"),
    "lessons.imported": lazy_gettext("Brought a timetable in"),
    "lessons.settings_changed": lazy_gettext("Changed the settings of TV lessons"),
    "message.decided": lazy_gettext("Decided about a message"),
    "number.blocked": lazy_gettext("Blocked an unknown number"),
    "number.corrected": lazy_gettext("Said that a number is right after all"),
    "number.matched": lazy_gettext("Gave an unknown number to a family"),
    "number.unblocked": lazy_gettext("Unblocked a number"),
    "number_check.changed": lazy_gettext("Changed how often numbers are asked whose they are"),
    "mode.changed": lazy_gettext("Changed until when classes are taught so"),
    "mode.set": lazy_gettext("Set how classes are taught"),
    "plan.deadline_removed": lazy_gettext("Removed the hour of the week’s plan"),
    "plan.deadline_set": lazy_gettext("Set by when the week’s plan is told"),
    "plan.told": lazy_gettext("Said that a class knows its plan"),
    "plan.told_taken_back": lazy_gettext("Took back that a class knows its plan"),
    "provider.resumed": lazy_gettext("Let a provider send again"),
    "public.address_set": lazy_gettext("Set the address of the public page"),
    "public.published": lazy_gettext("Put a notice on the public page"),
    "public.withdrawn": lazy_gettext("Took a notice down from the public page"),
    "roster.changed": lazy_gettext("Changed the duty roster"),
    "round.made": lazy_gettext("Made a list for a round"),
    "round.typed": lazy_gettext("Typed the results of a round"),
    "school.class_limits_changed": lazy_gettext("Changed the limits of single classes"),
    "school.changed": lazy_gettext("Changed the settings of the school"),
    "school.created": lazy_gettext("Set the school up"),
    "school.platforms_changed": lazy_gettext("Changed the platforms of the school"),
    "school.limits_kept": lazy_gettext("Put the limits for SMS back in force"),
    "school.limits_lifted": lazy_gettext("Lifted the limits for SMS"),
    "sheet.rows_left_out": lazy_gettext("Left rows of a spreadsheet out: the children had left the class"),
    "sheet.exported": lazy_gettext("Took a list of rows that were not reached"),
    "staff.closed": lazy_gettext("Closed an account"),
    "staff.contact_changed": lazy_gettext("Changed where a colleague is told"),
    "staff.created": lazy_gettext("Made an account"),
    "staff.password_changed": lazy_gettext("Changed the password"),
    "staff_notice.sent": lazy_gettext("Sent a notice to the staff"),
    "staff_notice.taken_back": lazy_gettext("Took a notice to the staff back"),
    "template.archived": lazy_gettext("Put a template away"),
    "template.restored": lazy_gettext("Brought a template back"),
    "template.written": lazy_gettext("Wrote a template"),
    "touch.entered": lazy_gettext("Entered who was in touch"),
    "touch.taken_back": lazy_gettext("Took back who was in touch"),
    "work.entered": lazy_gettext("Entered who handed in their work"),
    "survey.answers_written": lazy_gettext("Entered answers to a survey"),
    "test.sent": lazy_gettext("Sent a test message"),
}
# What a person decided about a message in doubt, by the state it came to; as the buttons are called.
DECISION_NAMES: dict[str, LazyString] = {
    "delivered": lazy_gettext("They have it"),
    "pending": lazy_gettext("Send it again"),
    "cancelled": lazy_gettext("Leave it"),
}
DETAIL_NAMES: dict[str, LazyString] = {
    "already_sent": lazy_gettext("Already sent"),
    "before": lazy_gettext("Reminder"),
    "cancelled": lazy_gettext("Cancelled"),
    "changed": lazy_gettext("Changed"),
    "channel": lazy_gettext("TV channel"),
    "class_limit": lazy_gettext("Limit of each class for a month, in som"),
    "classes": lazy_gettext("Classes"),
    "created": lazy_gettext("New"),
    "day": lazy_gettext("Day"),
    "days_off": lazy_gettext("Days off"),
    "decision": lazy_gettext("Decision"),
    "deliveries": lazy_gettext("Messages"),
    "families": lazy_gettext("Families"),
    "fields": lazy_gettext("Fields"),
    "file": lazy_gettext("File"),
    "files": lazy_gettext("Files"),
    "grades": lazy_gettext("Grades"),
    "goes_at": lazy_gettext("Goes at"),
    "handed_in": lazy_gettext("Work handed in"),
    "hour": lazy_gettext("Hour of the evening"),
    "how": lazy_gettext("How"),
    "kept": lazy_gettext("Left as they are"),
    "leaving": lazy_gettext("Leaving"),
    "left": lazy_gettext("Marked as having left"),
    "left_out": lazy_gettext("Families left out by the author"),
    "limit_exceeded": lazy_gettext("Over the limit for SMS"),
    "login": lazy_gettext("Login"),
    "month": lazy_gettext("Month"),
    "mode": lazy_gettext("How they are taught"),
    "monthly_limit": lazy_gettext("Limit of the school for a month, in som"),
    "pupils": lazy_gettext("Pupils"),
    "not_handed_in": lazy_gettext("Ticks taken away"),
    "order": lazy_gettext("Number of the order"),
    "people": lazy_gettext("People"),
    "quiet_hours_overridden": lazy_gettext("Sent at night"),
    "recipients": lazy_gettext("Recipients"),
    "restored": lazy_gettext("Restored"),
    "roles": lazy_gettext("Roles"),
    "rows": lazy_gettext("Rows"),
    "rungs": lazy_gettext("Tries, in their order"),
    "segments": lazy_gettext("SMS parts"),
    "sms_price": lazy_gettext("Price of one SMS part, in som"),
    "unchanged": lazy_gettext("Unchanged"),
    "until": lazy_gettext("Last day"),
    "updated": lazy_gettext("Changed"),
    "urgent": lazy_gettext("Urgent"),
    "week": lazy_gettext("Week"),
    "version": lazy_gettext("Version"),
    "weeks": lazy_gettext("Weeks"),
    "without_address": lazy_gettext("Families without an address"),
}


def record(
    action: str,
    subject: str,
    detail: dict[str, Any],
    person: StaffMember | None,
    now: datetime,
    *,
    school: School | None = None,
) -> None:
    """Write down, in the caller's transaction, that `person` did `action` to `subject`.

    `detail` holds counts and names of things, never numbers, addresses or texts of families. A command has
    no person (None) and names its `school`.
    """
    school_id = person.school_id if person else school.id if school else None
    db.session.add(
        AuditEntry(
            school_id=school_id,
            staff_id=person.id if person else None,
            at=now,
            action=action,
            subject=subject,
            detail=detail,
        )
    )
