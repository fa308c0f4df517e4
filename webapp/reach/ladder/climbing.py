"""Let the copies that have not reached their families climb: one announcement's, in one transaction.

1. Take the announcement, so that of two workers one climbs for it and the other passes it over.
2. Look at each copy's latest try; one that is under way, or whose time is not over, waits.
3. Take the next rung: a machine writes to another number, a person gets a task.

Every copy that was looked at is looked at again later, or never: `climb_at` says when.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select

from notifier import policy
from notifier.database import db
from notifier.message import Fault
from notifier.models import State
from notifier.outbox.posting import PRACTICE
from webapp.announcements.models import Announcement
from webapp.announcements.recipients import Climb
from webapp.reach.ladder.copies import Copy, copies_that_climb
from webapp.reach.ladder.of_school import Rung, ladder_of
from webapp.reach.ladder.rungs import Step, write_to
from webapp.reach.ladder.tries import LESSONS, SOON, Stands, Try, climbs, latest_try, no_longer_expected
from webapp.reach.ladder.ways import ways_left
from webapp.reach.ladder.wrong_numbers import no_such_number
from webapp.reach.models import FollowUpState, Means
from webapp.reach.once import insert_once
from webapp.reach.tasks.followups import URGENT, USUAL, cancel, open_follow_up, opened
from webapp.settings import current_settings
from webapp.staff.models import School

RULE, IN_DOUBT = "ladder", "undecided"
# A person who closed a task so has ended the climbing, too.
ENDED = frozenset({"refused", "left", "cancelled"})
# When nothing comes after a person's task.
LAST_TASK, LAST_URGENT_TASK = timedelta(hours=24), timedelta(hours=4)


@dataclass(slots=True)
class Task:
    """A copy, and the rung that a person takes for it."""

    copy: Copy
    rung: Rung


@dataclass(slots=True)
class Climber:
    """One announcement's copies, and where each goes now."""

    announcement: Announcement
    school: School
    rungs: Sequence[Rung]
    now: datetime
    posted: int = 0
    steps: list[Step | Task] = field(default_factory=list)

    def look(self, copy: Copy) -> None:
        """Decide about one copy: it waits, it ends, or it takes a step."""
        recipient, tried = copy.recipient, latest_try(copy.recipient.delivery, self.now)
        delivery = recipient.delivery
        if delivery and tried.stands is Stands.FAILED and delivery.fault is Fault.BAD_ADDRESS:
            no_such_number(recipient, delivery, self.now)
        if not self._goes_on(copy):
            recipient.climb_at = None
        elif not climbs(self.announcement) or not self.school.ladder_on:
            recipient.climb_at = no_longer_expected(tried, self.now)
        elif copy.task is None and tried.stands is Stands.UNDER_WAY:
            recipient.climb_at = tried.since + SOON
        else:
            self._climb(copy, tried)

    def _goes_on(self, copy: Copy) -> bool:
        recipient, delivery = copy.recipient, copy.recipient.delivery
        if self.announcement.taken_back_at:
            return False
        if not any(pupil.left_at is None for pupil in recipient.pupils):
            return False
        if copy.task and copy.task.state != FollowUpState.OPEN and copy.task.closed_because in ENDED:
            return False
        if delivery is None:
            return True
        if delivery.provider == PRACTICE and not current_settings().sandbox:
            # What was written in practice must not become real by climbing.
            return False
        # Lessons that were taken back: nothing is left to say.
        return not (delivery.state is State.CANCELLED and self.announcement.kind in LESSONS)

    def _climb(self, copy: Copy, tried: Try) -> None:
        step = self.next_step(copy, copy.recipient.rung, by_machine=self._may_write(copy, tried))
        if step is None:
            copy.recipient.climb_at = None
            return
        due = copy.recipient.climb_at or self.now
        if copy.task is None:
            waits = tried.stands is Stands.GONE
            due = tried.since + step.rung.wait(self.announcement.urgent) if waits else self.now
        if due > self.now:
            copy.recipient.climb_at = due
        else:
            self.steps.append(step)

    def _may_write(self, copy: Copy, tried: Try) -> bool:
        """A machine goes on where it is sure that the family has not got it, while it is of use."""
        expires_at = copy.expires_at
        return (
            tried.stands not in {Stands.NOWHERE, Stands.IN_DOUBT}
            and expires_at is not None
            and expires_at > self.now
        )

    def next_step(self, copy: Copy, above: int, *, by_machine: bool, sms: bool = True) -> Step | Task | None:
        """Find the lowest rung above that can be taken."""
        ways = None
        for rung in self.rungs:
            if rung.position <= above or not rung.active:
                continue
            if not rung.by_machine:
                return Task(copy, rung)
            if not by_machine or (rung.means is Means.NEXT_NUMBER and not sms):
                continue
            if ways is None:
                of_lessons = self.announcement.kind in LESSONS
                ways = ways_left(copy.recipient.family_id, copy.points, of_lessons=of_lessons)
            channel = "sms" if rung.means is Means.NEXT_NUMBER else "email"
            for way in ways:
                if way.point.channel == channel:
                    return Step(copy, rung, way)
        return None

    def take_steps(self) -> None:
        """Take every step that was decided: messages first, then the tasks of those that cannot be sent."""
        people = [step for step in self.steps if isinstance(step, Task)]
        machine = [step for step in self.steps if isinstance(step, Step)]
        self.steps.clear()
        while machine:
            written = write_to(self.announcement, self.school, machine, self.now)
            self.posted += written.posted
            machine = []
            for refused in written.refused:
                other = self.next_step(refused.copy, refused.rung.position, by_machine=True, sms=False)
                if isinstance(other, Step):
                    machine.append(other)
                elif other:
                    people.append(other)
                else:
                    refused.copy.recipient.climb_at = None
        for task in people:
            self._give_to_a_person(task)

    def _give_to_a_person(self, step: Task) -> None:
        recipient, rung, urgent = step.copy.recipient, step.rung, self.announcement.urgent
        if not insert_once(
            Climb,
            ["recipient_id", "position"],
            recipient_id=recipient.id,
            position=rung.position,
            means=rung.means,
            by_relay=False,
            at=self.now,
        ):
            recipient.climb_at = self.now + SOON
            return
        following = next((r for r in self.rungs if r.position > rung.position and r.active), None)
        within = following.wait(urgent) if following else LAST_URGENT_TASK if urgent else LAST_TASK
        # Nobody is to be called or visited at night.
        due = policy.not_before(self.now + within, False, self.school.quiet)
        rule, cause = self._cause(step)
        open_follow_up(
            recipient.family,
            rule,
            cause,
            self.now,
            means=rung.means,
            due_at=due,
            announcement_id=self.announcement.id,
            priority=URGENT if urgent else USUAL,
        )
        task = opened(recipient.family_id, rule, cause)
        db.session.flush()
        climb = db.session.get_one(Climb, (recipient.id, rung.position))
        climb.follow_up_id = task.id if task else None
        before = step.copy.task
        if before is not None and task is not None and before.id != task.id:
            cancel(before, None, self.now, "climbed")
        recipient.rung = rung.position
        recipient.climb_at = due if following else None

    def _cause(self, step: Task) -> tuple[str, str]:
        """One task a rung; of TV lessons, which are told every day, one a week."""
        delivery = step.copy.recipient.delivery
        if delivery is not None and delivery.state is State.NEEDS_HUMAN and step.copy.task is None:
            return IN_DOUBT, f"message:{delivery.id}"
        if self.announcement.kind in LESSONS:
            year, week, _ = self.now.astimezone(self.school.zone).isocalendar()
            return RULE, f"lessons:{year}-{week}:{step.rung.means}"
        return RULE, f"announcement:{self.announcement.id}:{step.rung.position}"


def climb_for(announcement_id: int, recipient_ids: Collection[int], now: datetime) -> Climber | None:
    """Let these copies of an announcement climb as far as they may now, in the caller's transaction.

    None when another worker is doing it at this moment.
    """
    taken = db.session.scalar(
        select(Announcement.id)
        .where(Announcement.id == announcement_id)
        .with_for_update(skip_locked=True, key_share=True)
    )
    if taken is None:
        return None
    announcement = db.session.get_one(Announcement, announcement_id, populate_existing=True)
    school = db.session.get_one(School, announcement.school_id)
    climber = Climber(announcement, school, ladder_of(school.id), now)
    for copy in copies_that_climb(recipient_ids):
        climber.look(copy)
    climber.take_steps()
    db.session.flush()
    return climber
