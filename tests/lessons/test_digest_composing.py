"""Whatever the timetable: a digest fits its parts, loses no child and names no lesson of others."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notifier.text import measure, split, to_latin
from webapp.announcements.names import short_names
from webapp.lessons.digest.amend import Change, amend
from webapp.lessons.digest.compose import Edition, Frame
from webapp.lessons.digest.guide import Airing, Guide
from webapp.lessons.digest.letter import write_letter
from webapp.lessons.digest.style import Viewer, initials
from webapp.lessons.subjects import ABBREVIATIONS, Subjects, as_text, read_table

DAY = date(2026, 11, 25)
MIDNIGHT = datetime(2026, 11, 24, 18, 0, tzinfo=UTC)
CYRILLIC = "абвгдежзийклмноөпрстуүхцчшыэюя"
LANGUAGES = ("ky", "ru", "uz")
WRITERS = {
    "cyrillic": str,
    "latin": partial(to_latin, language="ky"),
    "ascii": partial(to_latin, language="ru", ascii=True),
}


def airing(
    number: int,
    minute: int,
    *,
    grades: tuple[int, int] = (5, 5),
    language: str = "ky",
    channel: str = "ЭЛТР",
    subject: str = "Математика",
    topic: str = "",
    minutes: int = 30,
    repeat_of: int | None = None,
    day: int = 0,
) -> Airing:
    starts = MIDNIGHT + timedelta(days=day, minutes=minute)
    return Airing(
        lesson_id=number,
        revision=1,
        starts_at=starts,
        ends_at=starts + timedelta(minutes=minutes),
        day=DAY + timedelta(days=day),
        clock=f"{minute // 60}:{minute % 60:02}",
        channel=channel,
        subject=subject,
        short=subject[:4],
        topic=topic,
        first_grade=grades[0],
        last_grade=grades[1],
        language=language,
        repeat_of=repeat_of,
    )


words = st.text(CYRILLIC, min_size=1, max_size=12).map(str.capitalize)
names = st.lists(words, min_size=1, max_size=3).map(" ".join)


@st.composite
def guides(draw: st.DrawFn) -> Guide:
    minutes = draw(st.lists(st.integers(0, 23 * 60), min_size=1, max_size=16, unique=True))
    airings = []
    for number, minute in enumerate(minutes, start=1):
        first = draw(st.integers(0, 12))
        airings.append(
            airing(
                number,
                minute,
                grades=(first, min(12, first + draw(st.integers(0, 3)))),
                language=draw(st.sampled_from(LANGUAGES)),
                channel=draw(st.sampled_from(("ЭЛТР", "Баластан", "Билим жана илим каналы"))),
                subject=draw(st.one_of(st.just(""), names)),
                topic=draw(st.one_of(st.just(""), names)),
                minutes=draw(st.integers(5, 90)),
                day=draw(st.integers(0, 5)),
            )
        )
    repeats = [
        airing(
            a.lesson_id + 100,
            draw(st.integers(0, 23 * 60)),
            grades=(a.first_grade, a.last_grade),
            language=a.language,
            repeat_of=a.lesson_id,
            day=6,
        )
        for a in airings
        if draw(st.booleans())
    ]
    return Guide(airings, {a.repeat_of: (a,) for a in repeats if a.repeat_of})


@st.composite
def evenings(draw: st.DrawFn) -> tuple[Guide, list[Viewer]]:
    """A timetable, and children behind one phone who all have something to watch."""
    guide = draw(guides())
    groups = sorted(
        {(grade, a.language) for a in guide.airings for grade in range(a.first_grade, a.last_grade + 1)}
    )
    chosen = draw(st.lists(st.sampled_from(groups), min_size=1, max_size=7))
    viewers = [
        Viewer(
            draw(names), f"{grade}-{draw(st.sampled_from('АБВ'))}", grade, language, draw(st.integers(1, 2))
        )
        for grade, language in chosen
    ]
    return guide, viewers


frames = st.builds(
    Frame,
    school=st.text("№" + CYRILLIC + "0123456789", min_size=1, max_size=20),
    phone=st.sampled_from(("", "+996 312 000 095")),
    parts=st.integers(1, 4),
    sent_on=st.sampled_from((DAY, DAY - timedelta(days=1), DAY - timedelta(days=3))),
    is_week=st.booleans(),
)


@settings(max_examples=300)
@given(evenings(), frames, st.sampled_from(("ky", "ru")), st.sampled_from(sorted(WRITERS)))
def test_a_digest_fits_names_every_child_and_no_lesson_of_others(
    evening: tuple[Guide, list[Viewer]], frame: Frame, reader: str, script: str
) -> None:
    guide, viewers = evening
    write = WRITERS[script]
    composed = Edition(guide, frame, reader, write).compose(viewers)

    assert composed.segments == measure(composed.body).segments <= frame.parts
    assert "".join(split(composed.body)) == composed.body

    listed = re.search(r"[TТ][VВ]: ([\d,]+)-k?к?[lл]", composed.body)
    grades = set(listed[1].split(",")) if listed else set()
    called = [viewers[0].class_name] if len(viewers) == 1 else short_names([v.name for v in viewers])
    for viewer, name in zip(viewers, called, strict=True):
        assert write(name) in composed.body or str(viewer.grade) in grades, composed.body

    watched = {a for viewer in viewers for a in guide.watched_by(viewer.group)}
    allowed = watched | {again for a in watched for again in guide.again.get(a.lesson_id, ())}
    assert set(re.findall(r"\d{1,2}:\d\d", composed.body)) <= {a.clock for a in allowed}
    assert set(composed.said) <= allowed
    for said in composed.said:
        assert said.clock in composed.body


@settings(max_examples=100)
@given(evenings(), frames, st.sampled_from(("ky", "ru")))
def test_a_letter_tells_every_child_everything(
    evening: tuple[Guide, list[Viewer]], frame: Frame, reader: str
) -> None:
    guide, viewers = evening
    subject, body = write_letter(guide, frame, viewers, reader, "№95 мектеп")
    assert subject.startswith(frame.school)
    for viewer in viewers:
        assert f"{viewer.name}, {viewer.class_name}" in body
        for a in guide.watched_by(viewer.group):
            assert f"{a.clock}–" in body


@settings(max_examples=150)
@given(evenings(), frames, st.sampled_from(("ky", "ru")), st.sampled_from(sorted(WRITERS)), st.data())
def test_a_correction_fits_too(
    evening: tuple[Guide, list[Viewer]], frame: Frame, reader: str, script: str, data: st.DataObject
) -> None:
    guide, viewers = evening
    changes = {}
    for viewer in viewers:
        watched = guide.watched_by(viewer.group)
        moved = [a for a in guide.airings if a.is_for(viewer.group)]
        changes[viewer.group] = [Change(a, data.draw(st.sampled_from([None, *moved]))) for a in watched]
    composed = amend(guide, viewers, changes, frame, reader, WRITERS[script])
    assert composed.segments == measure(composed.body).segments <= frame.parts


@pytest.mark.parametrize("script", sorted(WRITERS))
@pytest.mark.parametrize("reader", ["ky", "ru"])
def test_the_last_step_fits_one_part_for_the_longest_name_and_all_grades(script: str, reader: str) -> None:
    guide = Guide([airing(1, 540, grades=(0, 12), subject="Ш" * 60), airing(2, 600, grades=(0, 12))])
    viewers = [Viewer(f"{'Щ' * 30}{n}", f"{n}-А", n, "ky", 1) for n in range(13)]
    frame = Frame("Щ" * 20, "+996 312 000 095", 1, DAY - timedelta(days=1))
    body = Edition(guide, frame, reader, WRITERS[script]).compose(viewers).body
    assert measure(body).segments == 1
    assert "0,1,2,3,4,5,6,7,8,9,10,11,12-" in body


def test_the_shortest_correction_fits_one_part_too() -> None:
    viewers = [Viewer(f"{'Щ' * 30}{n}", f"{n}-А", n, "ky", 1) for n in range(13)]
    changes = {viewer.group: [Change(airing(1, 540, grades=(0, 12)), None)] for viewer in viewers}
    frame = Frame("Щ" * 20, "+996 312 000 095", 1, DAY)
    for reader in ("ky", "ru"):
        assert amend(Guide([]), viewers, changes, frame, reader, str).segments == 1


def test_a_channel_is_named_once_for_a_run_of_lessons_on_it() -> None:
    guide = Guide(
        [
            airing(1, 540),
            airing(2, 600, subject="Химия"),
            airing(3, 660, subject="Физика", channel="Баластан"),
            airing(4, 720, subject="Адеп"),
        ]
    )
    frame = Frame("№95", "", 4, DAY - timedelta(days=1))
    body = Edition(guide, frame, "ky", str).compose([Viewer("Асан", "5-А", 5, "ky", 1)]).body
    assert body == (
        "№95, 5-А: эртең 25.11 телесабактар. "
        "ЭЛТР 9:00 Математика, 10:00 Химия; Баластан 11:00 Физика; ЭЛТР 12:00 Адеп"
    )


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        (6, "9:00 Математика (Бөлчөктөрдү кошуу жана кемитүү)"),
        (3, "9:00 Математика, 9:40 Кыргыз тили"),
        (2, "9:00 Мате, 9:40 Кырг"),
        (1, "9:00, 9:40"),
    ],
)
def test_words_are_given_up_one_after_the_other(parts: int, said: str) -> None:
    topic = "Бөлчөктөрдү кошуу жана кемитүү"
    guide = Guide(
        [
            airing(n, 540 + 40 * n, subject=subject, topic=topic)
            for n, subject in enumerate(
                ("Математика", "Кыргыз тили", "Кыргыз адабияты", "География", "Химия")
            )
        ]
    )
    viewers = [Viewer("Асан Мисалов", "5-А", 5, "ky", 1), Viewer("Үсөн Мисалов", "5-А", 5, "ky", 1)]
    frame = Frame("№95", "", parts, DAY - timedelta(days=1))
    body = Edition(guide, frame, "ky", str).compose(viewers).body
    assert said in body, body


def test_a_repeat_that_clashes_with_nothing_is_offered_first() -> None:
    first, second = airing(1, 540, grades=(1, 1), channel="Баластан"), airing(2, 540, grades=(5, 5))
    busy = airing(3, 600, grades=(1, 1), channel="Баластан", repeat_of=1)
    free = airing(4, 840, grades=(1, 1), channel="Баластан", repeat_of=1)
    other = airing(5, 600, grades=(5, 5))
    guide = Guide([first, second, other], {1: (busy, free)})
    (clash,) = guide.clashes((1, "ky"), (5, "ky"))
    assert clash.again is free
    assert not clash.again_is_second


def test_one_lesson_for_both_children_is_no_clash() -> None:
    guide = Guide([airing(1, 540, grades=(1, 5)), airing(2, 545, grades=(5, 5))])
    assert guide.clashes((1, "ky"), (5, "ky")) == ()


def test_a_repeat_of_the_same_day_is_no_second_lesson() -> None:
    guide = Guide([airing(1, 540), airing(2, 840, repeat_of=1), airing(3, 900, repeat_of=99)])
    assert [a.lesson_id for a in guide.watched_by((5, "ky"))] == [1, 3]


def test_subjects_are_abbreviated_in_any_way_of_writing() -> None:
    subjects = Subjects({"ky": {"Кыргыз тили": "Кырг.тил"}, "ru": {"Математика": "Матем"}})
    assert subjects.short("КЫРГЫЗ  ТИЛИ", "ky") == "Кырг.тил"
    assert subjects.short("Математика", "uz") == "Матем"
    assert subjects.short("Ханда", "ky") == "Ханда"


def test_the_table_of_abbreviations_comes_back_as_it_was_written() -> None:
    for rows in ABBREVIATIONS.values():
        assert read_table(as_text(rows)) == (rows, [])
    assert read_table("Математика\n= Мат\nФизика = Физ")[1] == ["Математика", "Мат"]


@pytest.mark.parametrize(
    ("subject", "short"), [("Математика", "Мат"), ("Кыргыз тили", "КТ"), ("", ""), ("Адеп", "Аде")]
)
def test_initials(subject: str, short: str) -> None:
    assert initials(subject) == short
