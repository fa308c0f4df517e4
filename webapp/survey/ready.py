"""Surveys that are ready to send, in both languages."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import LazyString, lazy_gettext

from webapp.survey.models import Choice


@dataclass(frozen=True, slots=True)
class Ready:
    name: LazyString
    ky: str
    ru: str
    choices: tuple[Choice, ...]
    multiple: bool = False


READY = {
    "devices": Ready(
        lazy_gettext("What do you have at home?"),
        "Үйүңүздө эмне бар?",
        "Что есть у вас дома?",
        (
            {"ky": "смартфон", "ru": "смартфон", "sets": "smartphone=yes"},
            {"ky": "компьютер же планшет", "ru": "компьютер или планшет", "sets": "computer=yes"},
            {"ky": "интернет", "ru": "интернет", "sets": "internet=yes"},
            {"ky": "телевизор", "ru": "телевизор", "sets": "tv=yes"},
            {"ky": "эч бири жок", "ru": "ничего из этого", "sets": "none"},
        ),
        multiple=True,
    ),
    "by_day": Ready(
        lazy_gettext("Who holds the phone by day?"),
        "Күндүзү телефон кимде болот?",
        "У кого телефон днём?",
        (
            {"ky": "үйдөгү чоң кишиде", "ru": "у взрослого дома", "sets": "phone_by_day=adult"},
            {"ky": "балада", "ru": "у ребёнка", "sets": "phone_by_day=child"},
            {
                "ky": "ата-эне жумушка алып кетет",
                "ru": "родители берут на работу",
                "sets": "phone_by_day=away",
            },
        ),
    ),
    "reads": Ready(
        lazy_gettext("Which language is read at home?"),
        "Үйдө кайсы тилде окуйсуздар?",
        "На каком языке читают у вас дома?",
        (
            {"ky": "кыргызча", "ru": "на кыргызском", "sets": "reads=ky"},
            {"ky": "орусча", "ru": "на русском", "sets": "reads=ru"},
            {"ky": "экөөндө тең", "ru": "на обоих", "sets": "reads=both"},
        ),
    ),
}
