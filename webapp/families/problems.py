"""What can be wrong with a class list, and the sentence that tells a person what to do about it."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from flask_babel import gettext, lazy_gettext

COLUMN_LABELS = {
    "class": lazy_gettext("Class"),
    "pupil": lazy_gettext("Pupil"),
    "guardian": lazy_gettext("Guardian"),
    "relation": lazy_gettext("Relation to the child"),
    "phone": lazy_gettext("Phone"),
    "email": lazy_gettext("E-mail"),
    "language": lazy_gettext("Language"),
    "address": lazy_gettext("Address"),
}


def N_(sentence: str) -> str:
    """Mark a sentence for translation, which happens when somebody reads it."""
    return sentence


# The file as a whole. No row, no column.
FILE_SENTENCES: dict[str, str] = {
    "empty": N_("The file is empty. Choose the file that holds the class list."),
    "too_big": N_(
        "The file is too big to read. Save only the sheet with the class list, as xlsx or csv, and try again."
    ),
    "too_many_rows": N_(
        "The list has more than 5,000 rows. Split it into several files and bring them in one after another."
    ),
    "broken": N_("The file is damaged. Open it, save it again as xlsx or csv, and try again."),
    "encrypted": N_("The file has a password. Save it without a password and try again."),
    "old_format": N_("The file is in a very old Excel format. Open it, save it as xlsx, and try again."),
    "web_page": N_(
        "The file is a web page under the name of a spreadsheet. "
        "Open it in Excel, save it as xlsx, and try again."
    ),
    "not_a_sheet": N_("The file is not a spreadsheet. Choose an xlsx, xls, ods, csv or tsv file."),
    "open_quote": N_(
        "A quotation mark in row %(row)s of the file is never closed. "
        "Remove it, save the file, and try again."
    ),
    "no_rows": N_("There are no pupils under the names of the columns. Write them in and try again."),
    "no_header": N_(
        "The list has no row with the names of its columns. "
        "Put a row above the list that says what each column is, for example: Class, Pupil, Guardian, Phone."
    ),
}  # fmt: skip

PHONE_SENTENCES: dict[str, str] = {
    "excel": N_(
        "Excel has cut off the last digits of “%(value)s”. "
        "Make the column's cells text and type the number again."
    ),
    "extension": N_("“%(value)s” has an extension. A message cannot be sent to it; give a mobile number."),
    "foreign": N_("“%(value)s” is a number of another country. Give a mobile number of Kyrgyzstan."),
    "landline": N_(
        "“%(value)s” is a landline. It cannot receive messages; give a mobile number or leave the cell empty."
    ),
    "multiple": N_("“%(value)s” seems to be several numbers. Put a comma between them."),
    "not_a_number": N_("“%(value)s” is not a phone number. Correct it or leave the cell empty."),
    "short_code": N_("“%(value)s” is a short service number. Give the family's own mobile number."),
    "too_long": N_("“%(value)s” has too many digits. Correct the number."),
    "too_short": N_("“%(value)s” has too few digits. Correct the number."),
    "unassigned": N_("There are no numbers that begin like “%(value)s”. Correct the number."),
    "empty": N_("“%(value)s” is not a phone number. Correct it or leave the cell empty."),
}

SENTENCES: dict[str, str] = {
    # Errors: the row cannot be used.
    "missing_column": N_(
        "No column of the list was recognised as “%(value)s”. Name it so in the row with the columns' names."
    ),
    "missing_class": N_("The class is missing. Write it like 5-А."),
    "bad_class": N_("“%(value)s” is not a class. Write a grade from 1 to 12 and a letter, like 5-А."),
    "missing_pupil": N_("The pupil's name is missing. Write it in."),
    "bad_pupil": N_("“%(value)s” is not a name. Write the pupil's surname and name."),
    "bad_email": N_("“%(value)s” is not an e-mail address. Correct it or leave the cell empty."),
    "bad_language": N_(
        "“%(value)s” is not a language we can write in. Write Kyrgyz or Russian, or leave the cell empty."
    ),
    "too_long": N_("The cell is too long: at most %(limit)s characters. Shorten it."),
    "duplicate_row": N_("This row repeats row %(other)s. Remove one of them."),
    "not_your_class": N_(
        "You do not lead class %(value)s, so you cannot change its list. "
        "Remove the row or ask the school office."
    ),
    # Warnings: the row is used, and somebody should look.
    "lost_letters": N_(
        "“%(value)s” has a question mark inside: an old program lost the letters ң, ө or ү. Correct the name."
    ),
    "old_encoding": N_(
        "The file was saved in an old encoding (Windows-1251) that has no ң, ө and ү. "
        "Check the names, or save the file as “CSV UTF-8” or xlsx and bring it in again."
    ),
    "landline_left_out": N_(
        "“%(value)s” is a landline and cannot receive messages. It was left out; the other number is used."
    ),
    "suspicious_phone": N_(
        "“%(value)s” looks as if its last digits were lost. Ask the family if this is their number."
    ),
    "shared_phone": N_(
        "Another family has the same number. Both families are marked for a look: is the number right?"
    ),
    "same_name": N_(
        "Row %(other)s has a pupil of the same name in the same class, with another guardian. "
        "They are taken for two children; if they are one child, keep one row."
    ),
    "no_address": N_("There is no phone and no e-mail: this family will get no messages."),
    "unknown_column": N_("The column “%(value)s” was not used."),
    "other_sheets": N_(
        "Only the first sheet with a class list was read. Not read: %(value)s. "
        "Bring them in as files of their own."
    ),
}  # fmt: skip


REPEATED_IN_ANOTHER_CLASS = N_(
    "Row %(other)s has the same child of the same family in another class. "
    "Remove the row with the wrong class."
)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with one cell, with the row number of the person's sheet; None: the whole file."""

    row: int | None
    column: str | None
    code: str
    value: str = ""
    reason: str = ""  # why a phone is bad; in which way a row repeats another
    other: int | None = None  # the row it clashes with
    limit: int | None = None

    @property
    def message(self) -> str:
        """What to do, in the language of whoever reads it now."""
        about = {key: value for key, value in asdict(self).items() if value is not None}
        about["value"] = about["value"][:60]
        if self.code == "missing_column":
            about["value"] = str(COLUMN_LABELS.get(self.column or "", self.column))
        if self.code == "bad_phone":
            sentence = PHONE_SENTENCES[self.reason]
        elif self.reason == "other_class":
            sentence = REPEATED_IN_ANOTHER_CLASS
        else:
            sentence = SENTENCES.get(self.code) or FILE_SENTENCES[self.code]
        return str(gettext(sentence, **about))

    @property
    def label(self) -> str:
        """The name of the column on the screen."""
        return str(COLUMN_LABELS[self.column]) if self.column in COLUMN_LABELS else ""

    def as_json(self) -> dict[str, int | str | None]:
        return {"row": self.row, "column": self.column, "code": self.code, "message": self.message}
