"""The texts that write themselves, in Kyrgyz. They become SMS: few words, no catalogue."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from webapp.announcements import kinds
from webapp.announcements.asks import KYRGYZ
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

# "1-декабрдан", "14-декабрга чейин".
SINCE = (
    "январдан", "февралдан", "марттан", "апрелден", "майдан", "июндан", "июлдан", "августтан",
    "сентябрдан", "октябрдан", "ноябрдан", "декабрдан",
)  # fmt: skip
UNTIL = (
    "январга", "февралга", "мартка", "апрелге", "майга", "июнга", "июлга", "августка", "сентябрга",
    "октябрга", "ноябрга", "декабрга",
)  # fmt: skip
ACTIVITIES = {
    "lecture": "лекция",
    "consultation": "консультация",
    "seminar": "семинар",
    "practical": "практикалык иш",
    "laboratory": "лабораториялык иш",
    "control": "текшерүү иши",
    "own": "өз алдынча иш",
}
FEEDBACK = {
    "test": "Текшерүү: онлайн тест",
    "consultation": "Суроолорго онлайн консультация болот",
    "support": "Суроолорго онлайн жардам беребиз",
}
MODES = {
    Mode.DISTANCE.value: "аралыктан окуйбуз",
    Mode.MIXED.value: "аралаш окуйбуз: мектепте жана аралыктан",
    Mode.AT_SCHOOL.value: "мектепте окуйбуз",
}
CLASS_MODES = {
    Mode.DISTANCE: "{class_name} аралыктан окуйт",
    Mode.MIXED: "{class_name} аралаш окуйт: мектепте жана аралыктан",
    Mode.AT_SCHOOL: "{class_name} мектепте окуйт",
}
TAKES_PART = {
    "active": "{child} аралыктан окууга активдүү катышып жатат. Рахмат!",
    "partly": "{child} аралыктан окууга үзгүлтүк менен катышып жатат",
    "absent": "{child} {since}сабактарга катышпай жатат",
    "silent": "{child} {since}мугалим менен байланышка чыга элек",
}
TOPICS = {
    "distance": "Сабактар убактылуу аралыктан өтөт: телесабак жана мугалимдин тапшырмасы менен. Баланын күн "
    "тартибин сактаңыз",
    "tv": "Балаңыз телесабактарды күн сайын көрсүн, тапшырманы дептерге жазсын. Жадыбалын SMS менен "
    "билдиребиз",
    "touch": "Балаңыз белгиленген күнү жана саатта мугалимге байланышка чыксын. Интернет жок болсо, чалса "
    "да болот",
    "marks": "Аралыктан окууда баа жакшы жыйынтык үчүн гана коюлат. Балаңыз катадан коркпой иштесин",
}
CONDITIONS = {
    "place": "тынч орун",
    "tv": "телесабак көрүү",
    "day": "күн тартиби",
    "touch": "белгиленген саатта мугалим менен байланыш",
    "work": "тапшырманы өз убагында аткаруу",
}


def write(kind: str, said: Said, about: About) -> str:
    """Write the text of a kind; "" for one that has none, or while nothing is said."""
    writer = WRITERS.get(kind)
    return upper_first(writer(said, about)) if writer else ""


def _assignment(said: Said, about: About) -> str:
    head = after(subject_in(said["subject"], "ky"), ACTIVITIES.get(said["activity"], "тапшырма"), ", ")
    if not said["subject"] and not said["what"]:
        return ""
    return sentences(
        after(head, after(said["what"], _page(said["page"]), ", ")),
        after("Мөөнөтү", _when(said, "until_day", "until_hour")) if said["until_day"] else "",
        f"Тапшыруу: {said['hand_in']}" if said["hand_in"] else "",
        _feedback(said, about),
    )


def _feedback(said: Said, about: About) -> str:
    if said["feedback"] != "phone":
        return FEEDBACK.get(said["feedback"], "")
    if about.answered:
        return f"Жообун SMS жазыңыз же чалыңыз: {about.phone}" if about.phone else "Жообун SMS жазыңыз"
    return f"Жообун чалып айтыңыз: {about.phone}" if about.phone else "Жообун класс жетекчиге айтыңыз"


def _online_lesson(said: Said, _: About) -> str:
    subject = after(lower_first(subject_in(said["subject"], "ky")), said["topic"], ", ")
    if not subject:
        return ""
    length = f"{said['minutes']} мүн" if said["minutes"].isdecimal() else ""
    return sentences(
        f"Онлайн сабак: {subject}",
        after(_when(said, "lesson_day", "lesson_hour"), length, ", "),
        after(said["platform"], said["link"]),
        f"Код: {said['code']}" if said["code"] else "",
        f"Интернет жок болсо чалыңыз: {said['dial_in']}" if said["dial_in"] else "",
    )


def _result(said: Said, about: About) -> str:
    if not (said["mark"] or said["comment"] or said["where"]):
        return ""
    work = after(lower_first(subject_in(said["subject"], "ky")), said["work"], ", ")
    told = after(work, f"баасы {said['mark']}" if said["mark"] else "", ", ")
    where = {"audio": "Мугалимдин үнү менен жазылган пикири", "oral": "Оозеки консультация"}.get(
        said["comment_form"]
    )
    return sentences(
        after(about.child, told or said["comment"]),
        said["comment"] if told else "",
        after(where, said["where"]) if where else "",
        "Журналга киргизилди" if said.ticked("journal") else "",
    )


def _participation(said: Said, about: About) -> str:
    state = TAKES_PART.get(said["takes_part"])
    if not state:
        return ""
    day = said.day("since")
    since = f"{spoken_day(day, '{day}-{month}', SINCE)} бери " if day else ""
    mode = CLASS_MODES[about.mode].format(class_name=about.class_name)
    return sentences(
        state.format(child=about.child, since=since),
        said["note"],
        mode if said.ticked("tells_mode") else "",
        f"Бизге чалыңыз: {about.phone}" if said.ticked("call") and about.phone else "",
    )


def _order(said: Said, _: About) -> str:
    if not said["order_number"]:
        return ""
    order = after(f"Буйрук №{number_of(said['order_number'])}", _day(said.day("order_day")), ", ")
    quarantine = said.ticked("quarantine")
    called = "Карантин" if quarantine else "Аралыктан окуу"
    first, last = said.day("first_day"), said.day("last_day")
    if said["act"] == "extend":
        what = f"{called} {_until(last)} узартылды" if last else ""
    elif said["act"] == "end":
        what = sentences(f"{called} аяктады", f"{_since(first)} мектепте окуйбуз") if first else ""
    else:
        days = " ".join(filter(None, (_since(first), _until(last))))
        what = after(days, MODES.get(said["mode"], ""), " ")
        what = f"Карантин: {what}" if quarantine else what
    return sentences(order, what, said["note"])


def _talk(said: Said, about: About) -> str:
    meeting = after(_when(said, "meet_day", "meet_hour"), said["place"], ", ")
    return sentences(
        TOPICS.get(said["topic"], ""),
        said["note"],
        f"Жолугушуу: {meeting}" if meeting else "",
        f"Суроолоруңуз болсо чалыңыз: {about.phone}" if said.ticked("call") and about.phone else "",
        support(said, about),
    )


def _event(said: Said, _: About) -> str:
    if not said["title"]:
        return ""
    where = after(_when(said, "event_day", "event_hour"), said["place"], ", ")
    return sentences(after(said["title"], where), said["note"], said["link"])


def _platforms(said: Said, _: About) -> str:
    return sentences(
        f"Онлайн иштеген платформаларыбыз: {', '.join(said.many('platforms'))}"
        if said.many("platforms")
        else "",
        f"Дарек: {said['link']}" if said["link"] else "",
        said["note"],
        f"Жардам: {said['help']}" if said["help"] else "",
    )


def _recommendation(said: Said, about: About) -> str:
    if not said["note"]:
        return ""
    return sentences(after(after("Сунуш", said["topic"], ", "), said["note"]), support(said, about))


def _at_home(said: Said, about: About) -> str:
    chosen = [CONDITIONS[each] for each in said.many("conditions_at_home") if each in CONDITIONS]
    asked = f"Балаңызга аралыктан окууга шарт түзүңүз: {', '.join(chosen)}" if chosen else ""
    return sentences(asked, said["note"], support(said, about))


def _page(page: str) -> str:
    """Name the page of the book: "45" and "45–47" are pages, other words say themselves what they mean."""
    return f"{page}-бет" if page.strip("0123456789-–, ") == "" and page else page


def _day(day: date | None) -> str:
    return spoken_day(day, KYRGYZ.day, KYRGYZ.months)


def _since(day: date | None) -> str:
    return spoken_day(day, "{day}-{month}", SINCE)


def _until(day: date | None) -> str:
    return spoken_day(day, "{day}-{month} чейин", UNTIL)


def _when(said: Said, day: str, hour: str) -> str:
    time = said.hour(hour)
    return after(_day(said.day(day)), f"саат {time}" if time else "", ", ")


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
