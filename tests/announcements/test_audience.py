"""Whom an announcement is for: grades, streams, conditions, names, and who is left out."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifier.database import db
from notifier.models import State
from tests.announcements.writing import KY, becomes, copy_for, message_for, send, write
from tests.cast import Cast, family
from webapp.announcements.audience.find import audience_for
from webapp.announcements.audience.selection import Condition, Selection, Such, only_pupils
from webapp.announcements.later.going import let_go
from webapp.announcements.levels import Standing
from webapp.announcements.models import Announcement
from webapp.announcements.progress import copies
from webapp.announcements.publish import Unready, publish
from webapp.announcements.queries import same_sent_today
from webapp.announcements.recipients import Recipient
from webapp.announcements.touch import InTouch
from webapp.families.devices import NO, YES, Fact, note_device
from webapp.families.models import Family, Pupil, SchoolClass
from webapp.staff.models import Role, StaffMember, StaffRole


def chosen(cast: Cast, now: datetime, author: StaffMember | None = None, **what: Any) -> Announcement:
    """Keep a draft of the director's, or of somebody else's, for such a selection."""
    draft = write(cast, author=author or cast.director, now=now)
    draft.audience, draft.classes = json.dumps({"classes": [], **what}), []
    db.session.commit()
    return draft


def told(draft: Announcement, now: datetime) -> dict[int, list[str]]:
    """The children named to each family."""
    audience = audience_for(draft, now)
    return {each.family_id: [child.name for child in each.children] for each in audience.households}


def seventh(cast: Cast, teacher: StaffMember | None = None) -> SchoolClass:
    added = SchoolClass(
        school_id=cast.school.id, grade=7, letter="А", language="ky", teacher_id=teacher and teacher.id
    )
    db.session.add(added)
    db.session.flush()
    family(cast.school, {"Жетинчи Бала": added}, "Жетинчи Апа", phone="+996555000177")
    db.session.commit()
    return added


def have(household: Family, fact: Fact, value: str, now: datetime) -> None:
    note_device(household, fact, value, now)
    db.session.commit()


# Grades, streams, the school


def test_a_grade_means_all_its_classes_and_no_other(cast: Cast, now: datetime) -> None:
    seventh(cast)
    names = [name for each in told(chosen(cast, now, grades=[5]), now).values() for name in each]
    assert "Жетинчи Бала" not in names
    assert {"Асан Мисалов", "Пётр Соседов"} <= set(names)


def test_a_stream_narrows_a_grade_and_only_children_of_its_classes_are_named(
    cast: Cast, now: datetime
) -> None:
    found = told(chosen(cast, now, grades=[5], languages=["ru"]), now)
    assert found == {cast.siblings.id: ["Нурай Экөөбаева"], cast.neighbour.id: ["Пётр Соседов"]}


def test_a_stream_alone_means_all_classes_taught_in_that_language(cast: Cast, now: datetime) -> None:
    seventh(cast)
    found = told(chosen(cast, now, languages=["ky"]), now)
    assert cast.neighbour.id not in found
    assert ["Жетинчи Бала"] in found.values()


def test_a_class_that_is_added_later_belongs_to_the_whole_school(cast: Cast, now: datetime) -> None:
    draft = chosen(cast, now, school=True)
    assert ["Жетинчи Бала"] not in told(draft, now).values()
    added = seventh(cast)
    send(draft, now)
    assert added in draft.classes
    assert ["Жетинчи Бала"] in told(draft, now).values()


def test_the_whole_school_of_a_class_teacher_is_their_classes(cast: Cast, now: datetime) -> None:
    found = told(chosen(cast, now, author=cast.teacher, school=True), now)
    assert cast.neighbour.id not in found
    assert found[cast.siblings.id] == ["Нурлан Экөөбаев"]


def test_a_grade_of_a_class_teacher_has_no_class_of_others(cast: Cast, now: datetime) -> None:
    assert cast.neighbour.id not in told(chosen(cast, now, author=cast.teacher, grades=[5]), now)


def test_who_lost_a_class_tells_it_nothing_any_more(cast: Cast, now: datetime) -> None:
    draft = chosen(cast, now, author=cast.teacher, classes=[cast.class_5a.id], struck=[cast.email_only.id])
    cast.class_5a.teacher_id = cast.other_teacher.id
    db.session.commit()
    with pytest.raises(Unready, match="No family fits"):
        publish(draft, now)


def test_one_phone_gets_one_message_that_names_each_child_it_concerns(cast: Cast, now: datetime) -> None:
    draft = chosen(cast, now, grades=[5])
    send(draft, now)
    assert message_for(draft, cast.button_phone).id == message_for(draft, cast.neighbour).id
    assert "Асан 5-А" in message_for(draft, cast.button_phone).body
    assert "Пётр 5-Б" in message_for(draft, cast.button_phone).body


# Conditions


def test_only_families_known_to_have_no_smartphone_are_told(cast: Cast, now: datetime) -> None:
    have(cast.button_phone, Fact.SMARTPHONE, NO, now)
    have(cast.siblings, Fact.SMARTPHONE, YES, now)
    draft = chosen(cast, now, grades=[5], conditions=[{"is": "no_smartphone"}])
    assert list(told(draft, now)) == [cast.button_phone.id]
    have(cast.button_phone, Fact.SMARTPHONE, YES, now + timedelta(hours=1))
    with pytest.raises(Unready, match="No family fits"):
        publish(draft, now)


def test_two_conditions_mean_families_for_whom_both_are_true(cast: Cast, now: datetime) -> None:
    have(cast.button_phone, Fact.SMARTPHONE, NO, now)
    have(cast.siblings, Fact.SMARTPHONE, NO, now)
    have(cast.siblings, Fact.TV, NO, now)
    both = [{"is": "no_smartphone"}, {"is": "no_tv"}]
    assert list(told(chosen(cast, now, conditions=both), now)) == [cast.siblings.id]


def test_what_a_family_lacks_is_not_said_to_it(cast: Cast, now: datetime) -> None:
    have(cast.button_phone, Fact.SMARTPHONE, NO, now)
    draft = chosen(cast, now, grades=[5], conditions=[{"is": "no_smartphone"}])
    send(draft, now)
    assert message_for(draft, cast.button_phone).body == f"№95, 5-А: {KY}"


@pytest.mark.parametrize("role", [Role.OFFICE, Role.PSYCHOLOGIST, Role.SUBJECT_TEACHER])
def test_who_may_not_see_devices_reaches_nobody_by_them(cast: Cast, now: datetime, role: Role) -> None:
    have(cast.button_phone, Fact.SMARTPHONE, NO, now)
    cast.office.role_rows = [StaffRole(role=role)]
    db.session.commit()
    assert told(chosen(cast, now, author=cast.office, conditions=[{"is": "no_smartphone"}]), now) == {}


def test_an_office_that_leads_a_class_chooses_by_devices_there_alone(cast: Cast, now: datetime) -> None:
    have(cast.button_phone, Fact.SMARTPHONE, NO, now)
    have(cast.neighbour, Fact.SMARTPHONE, NO, now)
    cast.office.role_rows = [StaffRole(role=Role.OFFICE), StaffRole(role=Role.CLASS_TEACHER)]
    cast.class_5b.teacher_id = cast.office.id
    db.session.commit()
    draft = chosen(cast, now, author=cast.office, school=True, conditions=[{"is": "no_smartphone"}])
    assert list(told(draft, now)) == [cast.neighbour.id]


def test_those_not_reached_hear_it_again_and_those_still_waiting_do_not(cast: Cast, now: datetime) -> None:
    first = write(cast, now=now)
    send(first, now)
    becomes(message_for(first, cast.button_phone), State.DELIVERED, now)
    becomes(message_for(first, cast.siblings), State.FAILED, now)
    again = chosen(cast, now, conditions=[{"is": "not_reached", "announcement": first.id}])
    # The e-mail is still under way; of the siblings the announcement named one.
    assert told(again, now) == {
        cast.no_address.id: ["Чолпон Дарексизова"],
        cast.siblings.id: ["Нурлан Экөөбаев"],
    }
    becomes(message_for(first, cast.siblings), State.DELIVERED, now)
    assert cast.siblings.id not in told(again, now)


def test_not_reached_is_what_the_progress_page_calls_so(cast: Cast, now: datetime) -> None:
    first = write(cast, now=now)
    send(first, now)
    becomes(message_for(first, cast.siblings), State.FAILED, now)
    becomes(message_for(first, cast.email_only), State.ACCEPTED, now)
    rows = db.session.execute(copies(cast.teacher, first.id, {Standing.NOT_REACHED}, now)).all()
    again = chosen(cast, now, conditions=[{"is": "not_reached", "announcement": first.id}])
    assert set(told(again, now)) == {copy.family_id for copy, _ in rows}
    # Whoever may have it gets no second text.
    becomes(message_for(first, cast.siblings), State.NEEDS_HUMAN, now)
    assert set(told(again, now)) == {cast.no_address.id}


def test_who_answered_was_spoken_to_or_was_in_touch_is_not_written_to_again(
    cast: Cast, now: datetime
) -> None:
    first = write(cast, cast.class_5a, cast.class_5b, author=cast.director, now=now)
    first.asks_acknowledgement, first.answer_by = True, now + timedelta(hours=3)
    send(first, now)
    copy_for(first, cast.button_phone).acknowledged_at = now
    copy_for(first, cast.email_only).spoken_at = now
    db.session.add(InTouch(recipient_id=copy_for(first, cast.siblings).id, at=now, how="sms"))
    db.session.commit()
    again = chosen(cast, now, conditions=[{"is": "did_not_answer", "announcement": first.id}])
    assert set(told(again, now)) == {cast.no_address.id, cast.neighbour.id}


def test_an_announcement_of_another_school_chooses_nobody(cast: Cast, now: datetime) -> None:
    theirs = Announcement(
        school_id=cast.other_school.id, text_ky=KY, created_at=now, classes=[cast.other_class]
    )
    db.session.add(theirs)
    db.session.commit()
    send(theirs, now)
    draft = chosen(cast, now, conditions=[{"is": "not_reached", "announcement": theirs.id}])
    assert told(draft, now) == {}


# Names


def test_a_named_child_is_told_to_its_family_and_no_other_child_is_named(cast: Cast, now: datetime) -> None:
    child = db.session.scalars(db.select(Pupil).filter_by(name="Нурай Экөөбаева")).one()
    draft = write(cast, author=cast.director, now=now)
    draft.audience, draft.classes = only_pupils([child.id]), []
    db.session.commit()
    send(draft, now)
    assert told(draft, now) == {cast.siblings.id: ["Нурай Экөөбаева"]}
    assert draft.classes == [cast.class_5b]


def test_a_family_added_by_name_is_told_beside_those_a_condition_chose(cast: Cast, now: datetime) -> None:
    have(cast.button_phone, Fact.SMARTPHONE, NO, now)
    draft = chosen(cast, now, grades=[5], conditions=[{"is": "no_smartphone"}], families=[cast.neighbour.id])
    assert set(told(draft, now)) == {cast.button_phone.id, cast.neighbour.id}


def test_no_family_of_others_can_be_named(cast: Cast, now: datetime) -> None:
    theirs = chosen(
        cast, now, author=cast.teacher, families=[cast.neighbour.id, cast.other_family.id], classes=[]
    )
    assert told(theirs, now) == {}
    assert told(chosen(cast, now, families=[cast.other_family.id]), now) == {}


def test_who_is_left_out_is_not_told_even_behind_a_shared_phone(cast: Cast, now: datetime) -> None:
    draft = chosen(cast, now, grades=[5], struck=[cast.neighbour.id])
    published = send(draft, now)
    assert published.families == 4
    assert message_for(draft, cast.button_phone).body == f"№95, 5-А: {KY}"


def test_when_everybody_is_left_out_the_sentence_says_so(cast: Cast, now: datetime) -> None:
    everybody = [cast.button_phone.id, cast.email_only.id, cast.no_address.id, cast.siblings.id]
    draft = chosen(cast, now, classes=[cast.class_5a.id], struck=everybody)
    with pytest.raises(Unready, match="You have left everybody out"):
        publish(draft, now)


def test_a_child_who_has_left_is_nobody_to_tell(cast: Cast, now: datetime) -> None:
    draft = chosen(cast, now, families=[cast.neighbour.id])
    db.session.scalars(db.select(Pupil).filter_by(name="Пётр Соседов")).one().left_at = now
    db.session.commit()
    assert told(draft, now) == {}


# When it goes later


def later(draft: Announcement, moment: datetime) -> Announcement:
    """Let the draft's moment come."""
    draft.goes_at = moment
    db.session.commit()
    let_go(draft.id, moment, lambda _school, _day: False)
    db.session.commit()
    db.session.refresh(draft)
    return draft


def test_who_was_reached_meanwhile_is_not_told_again_when_it_goes(cast: Cast, now: datetime) -> None:
    first = write(cast, now=now)
    send(first, now)
    becomes(message_for(first, cast.siblings), State.FAILED, now)
    becomes(message_for(first, cast.button_phone), State.FAILED, now)
    draft = chosen(cast, now, conditions=[{"is": "not_reached", "announcement": first.id}])
    becomes(message_for(first, cast.siblings), State.DELIVERED, now)
    assert later(draft, now + timedelta(hours=2)).published_at
    assert copy_for(draft, cast.button_phone).delivery_id
    copies_of_it = db.select(Recipient.family_id).filter_by(announcement_id=draft.id)
    assert set(db.session.scalars(copies_of_it)) == {cast.button_phone.id, cast.no_address.id}


def test_when_nobody_is_left_to_tell_it_stays_with_the_reason(cast: Cast, now: datetime) -> None:
    have(cast.button_phone, Fact.SMARTPHONE, NO, now)
    draft = chosen(cast, now, grades=[5], conditions=[{"is": "no_smartphone"}])
    have(cast.button_phone, Fact.SMARTPHONE, YES, now + timedelta(hours=1))
    draft = later(draft, now + timedelta(hours=2))
    assert draft.published_at is None
    assert "No family fits what you chose" in draft.not_sent_because


# What is kept


def test_the_fingerprint_changes_with_whom_it_is_for(cast: Cast, now: datetime) -> None:
    draft = chosen(cast, now, grades=[5])
    before = draft.fingerprint
    draft.audience = Selection.read(draft.audience).without([cast.neighbour.id]).written()
    assert draft.fingerprint != before


def test_the_same_text_for_other_children_was_not_sent_today(cast: Cast, now: datetime) -> None:
    send(chosen(cast, now, classes=[cast.class_5a.id], struck=[cast.email_only.id]), now)
    for again, warned in (
        (chosen(cast, now, classes=[cast.class_5a.id]), True),
        (chosen(cast, now, families=[cast.email_only.id]), False),
        (chosen(cast, now, classes=[cast.class_5b.id]), False),
    ):
        children = audience_for(again, now).pupil_ids
        assert bool(same_sent_today(again, cast.school, now, children)) is warned


def test_plain_classes_are_kept_as_they_were() -> None:
    assert Selection(classes=(3, 4)).written() == ""
    kept = Selection(grades=(5,), conditions=(Condition(Such.NOT_REACHED, 12),), struck=frozenset({4}))
    assert Selection.read(kept.written()) == kept


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists) | st.text())
def test_whatever_is_kept_reading_it_never_fails(what: object) -> None:
    names = ("classes", "grades", "languages", "conditions", "families", "pupils", "struck", "school")
    assert isinstance(Selection.from_dict(dict.fromkeys(names, what)), Selection)
    assert isinstance(Selection.read(str(what)), Selection)


@pytest.mark.parametrize(
    "key",
    ["", "-", "no_tv-3", "not_reached", "not_reached-0", "not_reached-x", "not_reached-99999999999", "rich"],
)
def test_what_is_no_condition_is_none(key: str) -> None:
    assert Condition.read(key) is None
