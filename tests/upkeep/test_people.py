"""Accounts from the command line."""

from __future__ import annotations

import re

import pytest

from notifier.database import db
from tests.cast import Cast
from tests.upkeep.conftest import Run
from webapp.staff import passwords
from webapp.staff.models import AuditEntry, Role, StaffMember


def create(run: Run, *more: str, login: str = "bermet", typed: str = ""):  # type: ignore[no-untyped-def]
    return run(
        "staff", "create", "--login", login, "--name", "Бермет Үлгүева", "--school", "№95", *more, input=typed
    )


def person(login: str = "bermet") -> StaffMember:
    return db.session.scalars(db.select(StaffMember).filter_by(login=login)).one()


def test_an_account_with_two_roles_and_a_made_password(run: Run, cast: Cast) -> None:
    answer = create(run, "--role", "psychologist", "--role", "subject_teacher", "--generate")
    assert answer.exit_code == 0
    made = re.search(r"Password, shown only now: (\S+)", answer.output)
    assert made
    assert passwords.matches(made[1], person().password_hash)
    assert person().roles == {Role.PSYCHOLOGIST, Role.SUBJECT_TEACHER}
    assert person().school_id == cast.school.id


def test_the_password_is_asked_for_twice_and_not_shown(run: Run, cast: Cast) -> None:
    answer = create(run, "--role", "office", typed="алты ак алма\nалты ак алма\n")
    assert answer.exit_code == 0
    assert "алма" not in answer.output
    assert passwords.matches("алты ак алма", person().password_hash)


def test_a_class_teacher_gets_a_class(run: Run, cast: Cast) -> None:
    cast.class_5a.teacher_id = None
    db.session.commit()
    assert create(run, "--role", "class_teacher", "--class", "5а", "--generate").exit_code == 0
    db.session.refresh(cast.class_5a)
    assert cast.class_5a.teacher_id == person().id


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--role", "class_teacher", "--class", "5-А"], "5-А has a class teacher already"),
        (["--role", "class_teacher", "--class", "9-Ю"], "There is no class 9-Ю"),
        (["--role", "office", "--login", "aigul"], "Somebody signs in as aigul already"),
        (["--role", "office", "--login", "two words"], "A login is one word"),
        (["--role", "office", "--name", " "], "A name has from 1 to 120 characters"),
        (["--role", "office", "--school", "№777"], "Say which school"),
    ],
)
def test_what_does_not_fit_is_refused_in_a_sentence(run: Run, cast: Cast, more: list[str], said: str) -> None:
    before = db.session.scalar(db.select(db.func.count()).select_from(StaffMember))
    answer = create(run, *more, "--generate")
    assert answer.exit_code == 1
    assert said in answer.output
    assert answer.output.count("\n") == 1
    assert db.session.scalar(db.select(db.func.count()).select_from(StaffMember)) == before


def test_a_short_password_makes_no_account(run: Run, cast: Cast) -> None:
    answer = create(run, "--role", "office", typed="short\nshort\n")
    assert answer.exit_code == 1
    assert "at least 10 characters" in answer.output
    assert db.session.scalar(db.select(StaffMember).filter_by(login="bermet")) is None


def test_a_forgotten_password_is_replaced_and_devices_are_signed_out(run: Run, cast: Cast) -> None:
    before = cast.teacher.session_version
    answer = run("staff", "password", "--login", "Aigul", "--generate")
    assert answer.exit_code == 0
    made = re.search(r"Password, shown only now: (\S+)", answer.output)
    db.session.refresh(cast.teacher)
    assert made
    assert passwords.matches(made[1], cast.teacher.password_hash)
    assert cast.teacher.session_version == before + 1


def test_an_account_is_closed_and_listed_as_closed(run: Run, cast: Cast) -> None:
    assert run("staff", "close", "--login", "aigul").exit_code == 0
    listed = run("staff", "list", "--school", "№95").output
    assert "aigul  Айгүл Үлгүбаева · Class teacher (closed)" in listed
    assert "Башка" not in listed
    assert run("staff", "close", "--login", "nobody").output == "Error: Nobody signs in as nobody.\n"


def test_what_commands_do_to_accounts_is_in_the_audit(run: Run, cast: Cast) -> None:
    create(run, "--role", "office", "--generate")
    run("staff", "password", "--login", "bermet", "--generate")
    run("staff", "close", "--login", "bermet")
    entries = db.session.scalars(db.select(AuditEntry).order_by(AuditEntry.id)).all()
    assert [entry.action for entry in entries] == ["staff.created", "staff.password_changed", "staff.closed"]
    assert {entry.school_id for entry in entries} == {cast.school.id}
    assert {entry.staff_id for entry in entries} == {None}


def test_commands_speak_kyrgyz_unless_told_otherwise(run: Run, cast: Cast) -> None:
    assert "--lang" in run("staff", "list", "--help").output
