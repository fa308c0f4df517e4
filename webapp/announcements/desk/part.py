"""The part of the form that a kind asks for, and the text that follows it until somebody edits it by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from flask_wtf import FlaskForm
from wtforms import HiddenField, TextAreaField
from wtforms.fields.choices import SelectChoice

from notifier.text import tidy
from webapp.announcements.desk.asked import Ask, How
from webapp.announcements.desk.checks import Meant, negative_refused, wrong
from webapp.announcements.desk.faults import fault, markup_fault
from webapp.announcements.desk.kind import SUPPORT, Kind
from webapp.announcements.desk.marks import negative_in
from webapp.announcements.desk.platforms import platforms_of
from webapp.announcements.desk.said import About, Said
from webapp.announcements.desk.table import KINDS
from webapp.announcements.desk.texts import texts_of
from webapp.announcements.models import Announcement
from webapp.families.lesson_rules import strictest_cap
from webapp.families.models import SchoolClass
from webapp.settings import current_settings
from webapp.staff.models import School

LANGUAGES = ("ky", "ru")
NOTHING: Mapping[str, str] = {}
OF_SCHOOL = ("platform", "platforms")


class KindPart(FlaskForm):
    """The fields themselves are put in by `forms.form_for`; here is what is done with their answers.

    `auto_ky` and `auto_ru` are the texts as the answers wrote them last: a text that is still the same
    follows the answers, one that is not was edited by hand and stays.
    """

    kind: Kind = KINDS["general"]
    asks_for: tuple[Ask, ...] = ()
    text_ky: TextAreaField
    text_ru: TextAreaField
    auto_ky = HiddenField(filters=[lambda text: tidy(text or "")])
    auto_ru = HiddenField(filters=[lambda text: tidy(text or "")])
    begins: Mapping[str, str] = NOTHING  # what stands before each text that is written, by language
    recalled = False  # a draft's texts are its author's, also one that was emptied
    before: dict[str, str]  # texts that were written anew, so that nothing typed is lost

    def offer_kind(self, school: School) -> None:
        """Offer the school's own platforms, and the one of an older draft."""
        self.before = {}
        if not self.is_submitted() and not self.recalled:
            self.suggest(school)
        self.asks_for = tuple(
            self._with_choices(ask, school)
            for ask in self.kind.asks
            if ask is not SUPPORT or school.support_phone
        )

    def recall_kind(self, draft: Announcement) -> None:
        """Show the answers of a draft; its text follows them if it is theirs."""
        self.recalled = True
        said = Said.read(draft.fields)
        for ask in self.kind.asks:
            self[ask.name].data = said.answers.get(ask.name, [] if ask.how is How.MANY else "")

    def begin_kind(self, args: Mapping[str, str]) -> None:
        """Answer what a link asked for: ?kind=order&act=extend."""
        for ask in self.kind.asks:
            if ask.how is How.CHOICE and args.get(ask.name) in ask.choices:
                self[ask.name].data = args[ask.name]

    def suggest(self, school: School) -> None:
        """Answer what is most often the answer, so that it need not be typed."""
        if "order_day" in self:
            self["order_day"].data = f"{datetime.now(school.zone):%Y-%m-%d}"
        cap = strictest_cap(school.id, [school_class.grade for school_class in self.chosen])
        if "minutes" in self and cap:
            self["minutes"].data = str(cap[1])

    @property
    def apart(self) -> str:
        """What keeps a browser from mixing a new text with those of other kinds."""
        return f"-{self.kind.code}" if self.kind.asks else ""

    @property
    def said(self) -> Said:
        return Said({ask.name: self[ask.name].data for ask in self.kind.asks})

    def about_it(self, school: School, now: datetime) -> About:
        """What the text may say that nobody typed."""
        return About(school.phone, current_settings().answers_come, support=school.support_phone)

    def follow(self, school: School, now: datetime, *, anew: bool = False) -> None:
        """Let the texts follow the answers; `anew`: also those that were edited by hand."""
        if not self.kind.asks:
            return
        written = {
            language: self.begins.get(language, "") + text if text else ""
            for language, text in texts_of(self.kind.code, self.said, self.about_it(school, now)).items()
        }
        for language in LANGUAGES:
            text, auto = self[f"text_{language}"], self[f"auto_{language}"]
            if anew and text.data and text.data != written[language]:
                self.before[language] = text.data
            if anew or ((text.data or "") == (auto.data or "") and not self.recalled):
                text.data = written[language]
            auto.data = written[language]

    @property
    def is_by_hand(self) -> bool:
        """Whether a text no longer is what the answers write."""
        return bool(self.kind.asks) and any(
            (self[f"text_{language}"].data or "") != (self[f"auto_{language}"].data or "")
            for language in LANGUAGES
        )

    @property
    def is_unfolded(self) -> bool:
        """Whether something rarely said is said here, or is wrong."""
        return any(self[ask.name].data or self[ask.name].errors for ask in self.asks_for if ask.folded)

    def check_kind(self, school: School, now: datetime) -> None:
        """Blame every answer that is wrong by itself, then what is wrong with them together."""
        for ask in self.asks_for:
            self._blame_once(ask.name, fault(ask, self[ask.name].data))
        meant = Meant(school, self.chosen, self.is_whole_school, now)
        for name, sentence in wrong(self.kind, self.said, meant):
            self._blame_once(name, sentence)
        for language in LANGUAGES:
            text = self[f"text_{language}"].data or ""
            self._blame_once(f"text_{language}", markup_fault(text))
            if self.kind.of_one_child and negative_in(text) and not self._blamed_for_it():
                self._blame_once(f"text_{language}", negative_refused())

    def write_kind(self, draft: Announcement, school: School) -> None:
        """Keep the answers with a draft, and the moment it is about."""
        said = self.said
        draft.kind, draft.fields = self.kind.code, said.written()
        draft.due_at = said.moment(*self.kind.due, school.zone) if self.kind.due else None

    @property
    def chosen(self) -> Sequence[SchoolClass]:
        raise NotImplementedError  # the audience's part says it

    @property
    def is_whole_school(self) -> bool:
        raise NotImplementedError

    def _with_choices(self, ask: Ask, school: School) -> Ask:
        if ask.name not in OF_SCHOOL:
            return ask
        field: Any = self[ask.name]
        chosen = field.data if isinstance(field.data, list) else [field.data] if field.data else []
        kept = [each for each in chosen if not self.is_submitted()]
        names = list(dict.fromkeys([*platforms_of(school), *kept]))
        field.choices = [SelectChoice(name, name) for name in names]
        if ask.how is How.CHOICE and not field.data:
            field.data = names[0]
        return replace(ask, choices={name: name for name in names})

    def _blamed_for_it(self) -> bool:
        return any(self[ask.name].errors for ask in self.kind.asks if ask.name in {"mark", "comment"})

    def _blame_once(self, name: str, sentence: str) -> None:
        if sentence and not self[name].errors:
            self[name].errors = [sentence]
