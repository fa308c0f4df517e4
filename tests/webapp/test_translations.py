"""Everything a person sees can be read in Kyrgyz and in Russian."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_keywords
from babel.messages.pofile import read_po
from flask import Flask
from flask_babel import force_locale
from jinja2 import Environment

from webapp.families.columns import recognise as class_list_column
from webapp.families.problems import COLUMN_LABELS
from webapp.languages import TRANSLATIONS
from webapp.lessons.headings import recognise as timetable_column
from webapp.lessons.problems import FIELD_LABELS

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "webapp" / "templates"
CODE = [file for area in ("webapp", "notifier") for file in (ROOT / area).rglob("*.py")]
LANGUAGES = ("ky", "ru")

# These may read the same in every language.
SAME_EVERYWHERE = {"Kabarchy", "SMS"}
# Words of templates that are no language: kinds of files, a class that a page gives its frame, a part of
# an address.
NO_LANGUAGE = {"xlsx", "csv", "alone", "lang", "Atom", "JSON", "Feed", "HTML"}
# Attributes whose value a person sees or hears.
SEEN = {"alt", "aria-label", "data-label", "label", "placeholder", "title"}
# A tab at the foot of a phone that is 360 wide, five of them side by side.
LONGEST_TAB = 14

placeholder = re.compile(r"%\((\w+)\)[a-z]")
cyrillic = re.compile(r"[\u0400-\u04ff]")
words = re.compile(r"[A-Za-z]{2,}")
# A Latin letter that passes for a Cyrillic one. Latin words may take endings: "Excelдин".
two_scripts = re.compile(r"[\u0400-\u04ff][A-Za-z]|\b[A-Za-z][\u0400-\u04ff]")


@cache
def texts() -> Catalog:
    """The texts of code and templates, found as `make translations` finds them."""
    mappings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["babel"]["mappings"]
    methods, options = [], {}
    for mapping in mappings:
        patterns = mapping["pattern"]
        for pattern in [patterns] if isinstance(patterns, str) else patterns:
            methods.append((pattern, mapping["method"]))
            options[pattern] = {
                key: value for key, value in mapping.items() if key not in {"method", "pattern"}
            }
    keywords = parse_keywords(re.findall(r"-k (\S+)", (ROOT / "Makefile").read_text()))
    catalogue = Catalog()
    for file, line, text, comments, context in extract_from_dir(
        str(ROOT), methods, options, DEFAULT_KEYWORDS | keywords
    ):
        catalogue.add(text, None, [(file, line)], auto_comments=comments, context=context)
    return catalogue


@cache
def translations(language: str) -> Catalog:
    with (TRANSLATIONS / language / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def forms(text: str | tuple[str, ...] | list[str]) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text)


def pairs(language: str) -> Iterator[tuple[Message, Message | None]]:
    """Each text with its translation, if there is one."""
    for text in texts():
        if text.id:
            yield text, translations(language).get(forms(text.id)[0], text.context)


def translated(language: str) -> Iterator[tuple[Message, Message]]:
    for text, translation in pairs(language):
        if translation and all(forms(translation.string)):
            yield text, translation


def test_texts_are_found() -> None:
    found = {form for text in texts() for form in forms(text.id)}
    # In code, in a template, in a table of sentences.
    assert {
        "Announcements",
        "%(num)s families",
        "The file is empty. Choose the file that holds the class list.",
    } <= found
    assert len(found) > 500


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_translated(language: str) -> None:
    missing = [
        forms(text.id)[0]
        for text, translation in pairs(language)
        if translation is None or translation.fuzzy or not all(forms(translation.string))
    ]
    assert missing == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_plural_form_is_there(language: str) -> None:
    catalogue = translations(language)
    for text, translation in translated(language):
        expected = 1 if isinstance(text.id, str) else catalogue.num_plurals
        assert len(forms(translation.string)) == expected, text.id


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_fill_in_what_the_text_does(language: str) -> None:
    for text, translation in translated(language):
        names = [set(placeholder.findall(form)) for form in forms(text.id)]
        for number, form in enumerate(forms(translation.string)):
            # Only where a form is for the number one alone may it do without the number, as English does.
            allowed = names if language == "ky" and number == 0 else names[-1:]
            assert set(placeholder.findall(form)) in allowed, form
            # Every text goes through %, so a lone per cent sign would break its page.
            assert form % dict.fromkeys(names[-1], 1)


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_are_not_the_english_text(language: str) -> None:
    for text, translation in translated(language):
        for form in forms(translation.string):
            if form not in SAME_EVERYWHERE:
                assert cyrillic.search(placeholder.sub("", form)), text.id


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_word_mixes_letters_that_only_look_alike(language: str) -> None:
    for _, translation in translated(language):
        for form in forms(translation.string):
            assert not two_scripts.search(placeholder.sub(" ", form)), form


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_tab_has_room_for_its_label(language: str) -> None:
    labels = [
        str(translation.string)
        for text, translation in translated(language)
        if any(file.endswith("webapp/navigation.py") for file, _ in text.locations)
    ]
    assert labels
    assert [label for label in labels if len(label) > LONGEST_TAB or " " in label] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalogue_names_no_address(language: str) -> None:
    catalogue = translations(language)
    header = f"{catalogue.header_comment}{catalogue.mime_headers}"
    assert not re.search(r"@|FULL NAME|FIRST AUTHOR|VERSION", header)


def test_no_text_hides_where_it_is_not_found() -> None:
    """In Python before 3.12 a text inside an f-string isn't found when texts are collected."""
    found = {form for text in texts() for form in forms(text.id)}
    names = {"_", "gettext", "lazy_gettext", "ngettext", "lazy_ngettext", "N_"}
    hidden = [
        f"{file.relative_to(ROOT)}:{node.lineno}"
        for file in CODE
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in names
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and node.args[0].value not in found
    ]
    assert hidden == []


@pytest.mark.parametrize("language", [*LANGUAGES, "en"])
@pytest.mark.parametrize("database", ["sqlite"])
def test_a_list_may_be_headed_with_the_names_our_sentences_use(app: Flask, language: str) -> None:
    """ "No column was recognised as “…”. Name it so": whoever does what it says is understood."""
    with force_locale(language):
        assert {name: class_list_column(str(label)) for name, label in COLUMN_LABELS.items()} == {
            name: name for name in COLUMN_LABELS
        }
        assert {name: timetable_column(str(label)) for name, label in FIELD_LABELS.items()} == {
            name: name for name in FIELD_LABELS
        }


class Page(HTMLParser):
    """The words a person sees in a template, apart from what Jinja puts in."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []
        self.inside: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"script", "style"}:
            self.inside = tag
        self.seen += [value for name, value in attrs if name in SEEN and value]

    def handle_endtag(self, tag: str) -> None:
        if tag == self.inside:
            self.inside = None

    def handle_data(self, data: str) -> None:
        if not self.inside:
            self.seen.append(data)


def words_seen(template: str) -> set[str]:
    page = Page()
    page.feed("".join(value for _, kind, value in Environment().lex(template) if kind == "data"))
    page.close()
    return {word for text in page.seen for word in words.findall(text)}


def test_words_in_a_template_are_seen() -> None:
    assert words_seen(
        '<p class="soft" title="Title">{{ _("Well") }} {# no #}{% if x %}Hello{% endif %}</p>'
    ) == {
        "Title",
        "Hello",
    }
    assert words_seen("<style>p { color: red }</style><!-- note --><p>{{ _('Well') }} · №95</p>") == set()


@pytest.mark.parametrize("template", sorted(TEMPLATES.rglob("*.html")), ids=lambda file: str(file.name))
def test_a_template_says_nothing_untranslated(template: Path) -> None:
    assert words_seen(template.read_text()) - NO_LANGUAGE == set()
