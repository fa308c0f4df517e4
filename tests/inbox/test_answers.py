"""What a phone hears back when its owner asks the school something by SMS."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from notifier import outbox
from notifier.database import db
from notifier.models import Delivery, Inbound, State, Suppression
from notifier.text import measure
from tests.cast import Cast
from tests.inbox.conftest import BUTTON, SIBLINGS, STRANGER, Writes, all_arrived, announce
from tests.lessons.evening import TOMORROW, TUESDAY, lesson
from webapp.announcements.models import Announcement, AnnouncementClass
from webapp.announcements.recipients import Recipient
from webapp.families.models import ContactPoint, ContactStatus
from webapp.inbox import read
from webapp.inbox.answering.words import KYRGYZ, RUSSIAN, Words
from webapp.inbox.models import Conversation, Reply
from webapp.inbox.read import read_waiting
from webapp.reach.models import FollowUp
from webapp.staff.models import AuditEntry, Script


def point(address: str = BUTTON) -> ContactPoint:
    return db.session.scalars(select(ContactPoint).filter_by(address=address)).one()


def tasks(cast: Cast) -> list[tuple[str, int]]:
    return sorted(
        db.session.execute(select(FollowUp.rule, FollowUp.family_id).filter_by(school_id=cast.school.id))
        .tuples()
        .all()
    )


def unread() -> set[int | None]:
    return set(
        db.session.scalars(select(Conversation.family_id).where(Conversation.unread_since.is_not(None)))
    )


# Lessons


@pytest.mark.parametrize("words", [KYRGYZ, RUSSIAN])
@pytest.mark.parametrize("which", ["stopped", "started", "language", "help_wait", "which_grade"])
def test_a_confirmation_is_one_sms_part(words: Words, which: str) -> None:
    assert measure(f"№95: {getattr(words, which)}").segments == 1


def test_a_parent_asks_for_a_grade_and_hears_what_is_still_to_come_today(cast: Cast, writes: Writes) -> None:
    lesson(cast, "9:00", "Тарых", day=TUESDAY)  # it is 14:00
    lesson(cast, "15:00", "Химия", day=TUESDAY)
    lesson(cast, "9:00", "Математика", day=TOMORROW)
    assert writes("ТВ 5") == ["№95, 5-кл: бүгүн 24.11 телесабактар. ЭЛТР 15:00 Химия"]


def test_when_today_is_over_it_is_tomorrow_that_is_told(cast: Cast, writes: Writes) -> None:
    lesson(cast, "9:00", "Математика", day=TOMORROW)
    assert writes("tv5") == ["№95, 5-кл: эртең 25.11 телесабактар. ЭЛТР 9:00 Математика"]


def test_without_a_grade_the_familys_own_children_are_meant(cast: Cast, writes: Writes) -> None:
    lesson(cast, "9:00", "Математика")
    lesson(cast, "10:00", "Алгебра", language="ru")
    (answer,) = writes("тв", SIBLINGS)
    assert answer.splitlines() == [
        "№95: эртең 25.11 телесабактар, ЭЛТР.",
        "Нурлан 5-А: 9:00 Математика",
        "Нурай 5-Б: 10:00 Алгебра",
    ]


def test_a_grade_is_told_in_the_letters_and_the_language_of_the_reader(cast: Cast, writes: Writes) -> None:
    lesson(cast, "9:00", "Математика", grade=7)
    for guardian in cast.siblings.guardians:
        guardian.language, guardian.script = "ru", Script.LATIN
    db.session.commit()
    assert writes("ТВ 7", SIBLINGS) == ["N95, 7-kl: zavtra 25.11 teleuroki. ELTR 9:00 Matematika"]


def test_no_lessons_are_said_to_be_none(cast: Cast, writes: Writes) -> None:
    assert writes("ТВ 5") == ["№95: бүгүн да, эртең да 5-класска телесабак жок."]
    assert writes("ТВ", SIBLINGS) == ["№95: бүгүн да, эртең да балдарыңызга телесабак жок."]


def test_an_answer_fits_the_parts_the_school_allows(cast: Cast, writes: Writes) -> None:
    for hour in range(8, 20):
        lesson(cast, f"{hour}:00", "Адабият жана көркөм сөз өнөрү", topic="Эпос")
    writes("ТВ 5")
    assert db.session.scalars(select(Delivery.segments)).one() <= 2


# Silence


def test_stop_is_confirmed_once_and_then_there_is_silence(cast: Cast, writes: Writes, now: datetime) -> None:
    outbox.post([outbox.Post(dedupe_key="before", channel="sms", address=BUTTON, body="Жыйын")], now)
    db.session.commit()
    (answer,) = writes("ТОКТОТ")
    assert answer.startswith("№95: мындан ары жазбайбыз.")
    assert writes("токтот") == []
    assert writes("ТВ 5") == []
    # The confirmation leaves though the number is silent; what was on its way does not.
    farewell = db.session.scalars(select(Delivery.id).where(Delivery.body == answer)).one()
    db.session.commit()
    claimed = outbox.claim(db.engine, channel="sms", limit=10, owner="w", now=now)
    assert len(claimed) == 2
    assert outbox.depart(db.engine, claimed, now) == {farewell}


def test_messages_come_again_after_start_and_that_is_confirmed(cast: Cast, writes: Writes) -> None:
    writes("стоп")
    (answer,) = writes("БАШТА")
    assert "кайра жазабыз" in answer
    assert db.session.scalars(select(Suppression.address)).all() == []
    assert writes("БАШТА") == [], "who was not silent is told nothing"


@pytest.mark.parametrize(("word", "answers"), [("STOP", 0), ("ТОКТОТ", 1)])
def test_what_twilio_confirms_itself_is_not_confirmed_twice(
    cast: Cast, writes: Writes, word: str, answers: int
) -> None:
    assert len(writes(word, provider="twilio")) == answers
    assert db.session.scalars(select(Suppression.address)).all() == [BUTTON]


# Help


def test_who_asks_for_help_hears_a_number_and_is_called(cast: Cast, writes: Writes) -> None:
    assert writes("ЖАРДАМ") == ["№95: жардам керек болсо, чалыңыз: +996 312 000 095. Өзүбүз да чалабыз."]
    both = sorted([cast.button_phone.id, cast.neighbour.id])
    assert tasks(cast) == [("asked_help", family) for family in both]
    assert unread() == set(both)
    writes("жардам бериңиз")
    assert len(tasks(cast)) == 2, "one call answers both"


def test_a_school_without_a_phone_promises_to_call(cast: Cast, writes: Writes) -> None:
    cast.school.phone = ""
    db.session.commit()
    assert writes("помогите") == ["№95: кабарыңызды алдык, мектептен сизге чалышат."]


# Wrong numbers


def test_a_stranger_says_so_and_is_never_written_to_again(cast: Cast, writes: Writes, now: datetime) -> None:
    outbox.post([outbox.Post(dedupe_key="waits", channel="sms", address=BUTTON, body="Асан")], now)
    db.session.commit()
    assert writes("ката номер") == []
    assert (point().status, point().note, point().marked_at) == (ContactStatus.BAD, "said_wrong", now)
    assert db.session.scalars(select(Delivery.state)).all() == [State.CANCELLED]
    assert tasks(cast) == [("wrong_number", f) for f in sorted([cast.button_phone.id, cast.neighbour.id])]
    assert writes("ТВ 5") == []


# Again, language, yes, no


def test_the_last_notice_comes_once_more_word_for_word(cast: Cast, writes: Writes, now: datetime) -> None:
    announce(cast, now)
    assert writes("кайтала") == ["№95, 5-А: Эртең сабак болбойт."]
    assert writes("повтори") == [], "once a day"
    assert writes("повтори", at=now + timedelta(days=1)) == ["№95, 5-А: Эртең сабак болбойт."]
    keys = db.session.scalars(select(Delivery.dedupe_key).where(Delivery.dedupe_key.startswith("repeat:")))
    assert len(keys.all()) == 2


def test_nothing_to_repeat_is_left_to_a_person(cast: Cast, writes: Writes) -> None:
    assert writes("кайтала", SIBLINGS) == []
    assert unread() == {cast.siblings.id}


def test_a_guardian_reads_in_the_language_they_ask_for(cast: Cast, writes: Writes) -> None:
    assert writes("русский", SIBLINGS) == ["№95: хорошо, теперь пишем по-русски."]
    assert [guardian.language for guardian in cast.siblings.guardians] == ["ru"]
    assert unread() == set()


def test_a_yes_acknowledges_with_its_evidence_and_needs_nobody(
    cast: Cast, writes: Writes, now: datetime
) -> None:
    notice = announce(cast, now)
    writes("ТВ 5")
    all_arrived(now)
    assert writes("ООБА") == []
    copy = db.session.scalars(
        select(Recipient).filter_by(announcement_id=notice.id, family_id=cast.button_phone.id)
    ).one()
    came = db.session.scalars(select(Inbound).where(Inbound.body == "ООБА")).one()
    assert (copy.acknowledged_at, copy.acknowledged_how) == (now, "sms")
    assert copy.acknowledged_inbound_id == came.id
    assert unread() == set()


@pytest.mark.parametrize("body", ["ЖОК", "Балам ооруп жатат", "ООБА"])
def test_what_nobody_asked_waits_for_a_person(cast: Cast, writes: Writes, body: str) -> None:
    assert writes(body, SIBLINGS) == []
    assert unread() == {cast.siblings.id}


# The one road


def test_an_answer_is_an_announcement_that_costs_and_is_shown_in_no_list(
    cast: Cast, writes: Writes, sign_in: object
) -> None:
    lesson(cast, "9:00", "Математика")
    writes("ТВ 5")
    answer = db.session.scalars(select(Announcement)).one()
    assert (answer.kind, answer.segments) == ("answer", 1)
    charged = db.session.execute(select(AnnouncementClass.class_id, AnnouncementClass.segments)).tuples()
    assert set(charged) == {(cast.class_5a.id, 1), (cast.class_5b.id, 1)}
    copies = db.session.scalars(select(Recipient)).all()
    assert {copy.family_id for copy in copies} == {cast.button_phone.id, cast.neighbour.id}
    assert {copy.climb_at for copy in copies} == {None}
    assert db.session.scalars(select(AuditEntry)).all() == []
    assert "Математика" not in sign_in(cast.director).get("/").text


def test_at_night_an_answer_goes_at_once(
    cast: Cast, writes: Writes, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    night = now.replace(hour=19)  # 01:00 in Bishkek
    lesson(cast, "9:00", "Математика")
    writes("ТВ 5", at=night)
    assert db.session.execute(select(Delivery.not_before, Delivery.quiet_from)).one() == (night, None)


def test_a_stranger_with_a_number_of_the_country_is_helped(cast: Cast, writes: Writes) -> None:
    db.session.delete(cast.other_family.guardians[0])
    lesson(cast, "9:00", "Математика")
    db.session.execute(
        db.delete(db.metadata.tables["schools"]).where(db.text(f"id = {cast.other_school.id}"))
    )
    db.session.commit()
    assert writes("ТВ 5", STRANGER) == ["№95, 5-кл: эртең 25.11 телесабактар. ЭЛТР 9:00 Математика"]
    assert writes("ТВ", STRANGER) == ["№95: ТВ деп, жанына классты жазыңыз, мисалы: ТВ 5"]
    conversation = db.session.scalars(select(Conversation)).one()
    assert (conversation.family_id, conversation.address) == (None, STRANGER)


# Guards


@pytest.mark.parametrize("sender", ["4040", "+99612", "O!Service", "+15005550006"])
def test_short_codes_names_and_foreign_numbers_get_no_answer(cast: Cast, writes: Writes, sender: str) -> None:
    db.session.execute(
        db.delete(db.metadata.tables["schools"]).where(db.text(f"id = {cast.other_school.id}"))
    )
    db.session.commit()
    assert writes("ЖАРДАМ", sender) == []


def test_a_foreign_number_that_a_guardian_has_is_answered(cast: Cast, writes: Writes) -> None:
    point(SIBLINGS).address = "+15005550006"
    db.session.commit()
    assert len(writes("ЖАРДАМ", "+15005550006")) == 1


def test_five_answers_a_day_and_then_silence(
    cast: Cast, writes: Writes, now: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    answered = [len(writes(f"ТВ {grade}")) for grade in (1, 2, 3, 4, 5, 6, 7)]
    assert answered == [1, 1, 1, 1, 1, 0, 0]
    assert "enough for a day" in caplog.text
    assert "555000101" not in caplog.text
    assert len(writes("ТВ 8", at=now + timedelta(hours=25))) == 1


def test_the_very_same_again_and_again_is_a_machine(cast: Cast, writes: Writes, now: datetime) -> None:
    assert [len(writes("ТВ 5")) for _ in range(4)] == [1, 1, 0, 0]


@pytest.mark.parametrize(
    "body", ["This is an auto-reply: I am away", "Автоответ: я занят", "Абонент вам звонил 2 раза"]
)
def test_what_a_machine_writes_is_kept_and_troubles_nobody(cast: Cast, writes: Writes, body: str) -> None:
    assert writes(body) == []
    assert db.session.scalars(select(Reply.intent)).all() == ["MACHINE"]
    assert unread() == set()


def test_our_own_text_come_back_is_no_answer(cast: Cast, writes: Writes, now: datetime) -> None:
    announce(cast, now)
    assert writes("№95, 5-А: Эртең сабак болбойт.") == []
    assert db.session.scalars(select(Reply.intent)).all() == ["MACHINE"]


def test_over_the_months_limit_lessons_are_not_told_but_help_is(cast: Cast, writes: Writes) -> None:
    cast.school.sms_price, cast.school.monthly_limit = Decimal(1), Decimal(0)
    db.session.commit()
    assert writes("ТВ 5") == []
    assert unread() == {cast.button_phone.id, cast.neighbour.id}
    assert len(writes("ЖАРДАМ")) == 1


def test_a_message_that_cannot_be_answered_holds_up_no_other(
    cast: Cast,
    writes: Writes,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    lesson(cast, "9:00", "Математика")
    with monkeypatch.context() as patch:
        patch.setattr(read, "respond", lambda asked: 1 // 0)
        assert writes("ТВ 5") == []
    assert "could not be answered" in caplog.text
    assert unread() == {cast.button_phone.id, cast.neighbour.id}
    assert len(writes("ТВ 5", SIBLINGS)) == 1


def test_who_dies_between_reading_and_answering_has_done_nothing_and_the_next_does_it_once(
    cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    lesson(cast, "9:00", "Математика")
    outbox.receive(provider="sandbox", provider_ref="SM1", sender=SIBLINGS, body="ТВ 5", now=now)

    class Killed(BaseException):
        pass

    def killed(*_: object, **__: object) -> None:
        raise Killed

    for place in ("respond", "file"):
        with monkeypatch.context() as patch:
            patch.setattr(read, place, killed)
            with pytest.raises(Killed):
                read_waiting(now)
        db.session.rollback()
        assert db.session.scalar(select(func.count()).select_from(Delivery)) == 0
    read_waiting(now)
    # Even if the mark that it was read were lost.
    db.session.execute(db.update(Inbound).values(handled_at=None))
    db.session.execute(db.delete(Reply))
    db.session.commit()
    read_waiting(now)
    assert db.session.scalar(select(func.count()).select_from(Delivery)) == 1
    assert db.session.scalar(select(func.count()).select_from(Announcement)) == 1
