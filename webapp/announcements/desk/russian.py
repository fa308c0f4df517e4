"""The texts that write themselves, in Russian. They become SMS: few words, no catalogue."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from webapp.announcements import kinds
from webapp.announcements.asks import RUSSIAN
from webapp.announcements.desk.prose import (
    after,
    lower_first,
    number_of,
    sentences,
    spoken_day,
    upper_first,
)
from webapp.announcements.desk.said import About, Said, support
from webapp.announcements.desk.subjects import subject_in
from webapp.families.modes import Mode

ACTIVITIES = {
    "lecture": "лекция",
    "consultation": "консультация",
    "seminar": "семинар",
    "practical": "практическая работа",
    "laboratory": "лабораторная работа",
    "control": "контрольная работа",
    "own": "самостоятельная работа",
}
FEEDBACK = {
    "test": "Проверка: онлайн-тест",
    "consultation": "На вопросы ответим на онлайн-консультации",
    "support": "С вопросами поможем онлайн",
}
MODES = {
    Mode.DISTANCE.value: "учимся дистанционно",
    Mode.MIXED.value: "учимся смешанно: в школе и дистанционно",
    Mode.AT_SCHOOL.value: "учимся в школе",
}
CLASS_MODES = {
    Mode.DISTANCE: "{class_name} учится дистанционно",
    Mode.MIXED: "{class_name} учится смешанно: в школе и дистанционно",
    Mode.AT_SCHOOL: "{class_name} учится в школе",
}
TAKES_PART = {
    "active": "{child}: активно участвует в дистанционной учёбе. Спасибо!",
    "partly": "{child}: участвует в дистанционной учёбе с перерывами",
    "absent": "{child}: не участвует в уроках{since}",
    "silent": "{child}: не выходит на связь с учителем{since}",
}
TOPICS = {
    "distance": "Уроки временно идут дистанционно: телеуроки и задания учителя. Соблюдайте с ребёнком "
    "режим дня",
    "tv": "Пусть ребёнок каждый день смотрит телеуроки и пишет задание в тетрадь. Расписание сообщим по SMS",
    "touch": "Ребёнок выходит на связь с учителем в назначенный день и час. Если нет интернета, можно "
    "позвонить",
    "marks": "При дистанционной учёбе оценку ставят только за хороший результат. Пусть ребёнок не боится "
    "ошибок",
}
CONDITIONS = {
    "place": "тихое место",
    "tv": "просмотр телеуроков",
    "day": "режим дня",
    "touch": "связь с учителем в назначенный час",
    "work": "выполнение заданий в срок",
}


def write(kind: str, said: Said, about: About) -> str:
    """Write the text of a kind; "" for one that has none, or while nothing is said."""
    writer = WRITERS.get(kind)
    return upper_first(writer(said, about)) if writer else ""


def _assignment(said: Said, about: About) -> str:
    head = after(subject_in(said["subject"], "ru"), ACTIVITIES.get(said["activity"], "задание"), ", ")
    if not said["subject"] and not said["what"]:
        return ""
    return sentences(
        after(head, after(said["what"], _page(said["page"]), ", ")),
        after("Срок", _when(said, "until_day", "until_hour")) if said["until_day"] else "",
        f"Сдать: {said['hand_in']}" if said["hand_in"] else "",
        _feedback(said, about),
    )


def _feedback(said: Said, about: About) -> str:
    if said["feedback"] != "phone":
        return FEEDBACK.get(said["feedback"], "")
    if about.answered:
        return (
            f"Ответ пришлите по SMS или позвоните: {about.phone}" if about.phone else "Ответ пришлите по SMS"
        )
    return (
        f"Ответ скажите по телефону {about.phone}" if about.phone else "Ответ скажите классному руководителю"
    )


def _online_lesson(said: Said, _: About) -> str:
    subject = after(lower_first(subject_in(said["subject"], "ru")), said["topic"], ", ")
    if not subject:
        return ""
    length = f"{said['minutes']} мин" if said["minutes"].isdecimal() else ""
    return sentences(
        f"Онлайн-урок: {subject}",
        after(_when(said, "lesson_day", "lesson_hour"), length, ", "),
        after(said["platform"], said["link"]),
        f"Код: {said['code']}" if said["code"] else "",
        f"Без интернета звоните: {said['dial_in']}" if said["dial_in"] else "",
    )


def _result(said: Said, about: About) -> str:
    if not (said["mark"] or said["comment"] or said["where"]):
        return ""
    work = after(lower_first(subject_in(said["subject"], "ru")), said["work"], ", ")
    told = after(work, f"оценка {said['mark']}" if said["mark"] else "", ", ")
    where = {"audio": "Аудиоотзыв учителя", "oral": "Устная консультация"}.get(said["comment_form"])
    return sentences(
        after(about.child, told or said["comment"]),
        said["comment"] if told else "",
        after(where, said["where"]) if where else "",
        "Занесено в журнал" if said.ticked("journal") else "",
    )


def _participation(said: Said, about: About) -> str:
    state = TAKES_PART.get(said["takes_part"])
    if not state:
        return ""
    day = said.day("since")
    mode = CLASS_MODES[about.mode].format(class_name=about.class_name)
    return sentences(
        state.format(child=about.child, since=f" с {_day(day)}" if day else ""),
        said["note"],
        mode if said.ticked("tells_mode") else "",
        f"Позвоните нам: {about.phone}" if said.ticked("call") and about.phone else "",
    )


def _order(said: Said, _: About) -> str:
    if not said["order_number"]:
        return ""
    order = after(f"Приказ №{number_of(said['order_number'])}", _day(said.day("order_day")), " от ")
    quarantine = said.ticked("quarantine")
    first, last = said.day("first_day"), said.day("last_day")
    if said["act"] == "extend":
        called = "Карантин продлён" if quarantine else "Дистанционное обучение продлено"
        what = f"{called} по {_day(last)}" if last else ""
    elif said["act"] == "end":
        called = "Карантин окончен" if quarantine else "Дистанционное обучение окончено"
        what = sentences(called, f"С {_day(first)} учимся в школе") if first else ""
    else:
        days = " ".join(
            filter(None, (f"с {_day(first)}" if first else "", f"по {_day(last)}" if last else ""))
        )
        what = after(days, MODES.get(said["mode"], ""), " ")
        what = f"Карантин: {what}" if quarantine else upper_first(what)
    return sentences(order, what, said["note"])


def _talk(said: Said, about: About) -> str:
    meeting = after(_when(said, "meet_day", "meet_hour"), said["place"], ", ")
    return sentences(
        TOPICS.get(said["topic"], ""),
        said["note"],
        f"Встреча: {meeting}" if meeting else "",
        f"С вопросами звоните: {about.phone}" if said.ticked("call") and about.phone else "",
        support(said, about),
    )


def _event(said: Said, _: About) -> str:
    if not said["title"]:
        return ""
    where = after(_when(said, "event_day", "event_hour"), said["place"], ", ")
    return sentences(after(said["title"], where), said["note"], said["link"])


def _platforms(said: Said, _: About) -> str:
    return sentences(
        f"Онлайн мы работаем здесь: {', '.join(said.many('platforms'))}" if said.many("platforms") else "",
        f"Адрес: {said['link']}" if said["link"] else "",
        said["note"],
        f"Помощь: {said['help']}" if said["help"] else "",
    )


def _recommendation(said: Said, about: About) -> str:
    if not said["note"]:
        return ""
    return sentences(after(after("Рекомендация", said["topic"], ", "), said["note"]), support(said, about))


def _at_home(said: Said, about: About) -> str:
    chosen = [CONDITIONS[each] for each in said.many("conditions_at_home") if each in CONDITIONS]
    asked = f"Создайте ребёнку условия для учёбы дома: {', '.join(chosen)}" if chosen else ""
    return sentences(asked, said["note"], support(said, about))


def _page(page: str) -> str:
    """Name the page of the book: "45" and "45–47" are pages, other words say themselves what they mean."""
    return f"с. {page}" if page.strip("0123456789-–, ") == "" and page else page


def _day(day: date | None) -> str:
    return spoken_day(day, RUSSIAN.day, RUSSIAN.months)


def _when(said: Said, day: str, hour: str) -> str:
    return after(_day(said.day(day)), said.hour(hour), ", ")


WRITERS: dict[str, Callable[[Said, About], str]] = {
    kinds.ASSIGNMENT: _assignment,
    kinds.ONLINE_LESSON: _online_lesson,
    kinds.RESULT: _result,
    kinds.PARTICIPATION: _participation,
    kinds.ORDER: _order,
    kinds.TALK: _talk,
    kinds.EVENT: _event,
    kinds.PLATFORMS: _platforms,
    kinds.RECOMMENDATION: _recommendation,
    kinds.AT_HOME: _at_home,
}
