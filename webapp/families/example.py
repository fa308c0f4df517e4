"""An example class list to download and write over; the people in it are invented."""

from __future__ import annotations

import csv
import io

ROWS = (
    ("Класс", "Окуучу", "Ата-эне", "Ким болот", "Телефон", "E-mail", "Тил", "Дарек"),
    ("5-А", "Үлгүева Айдана", "Үлгүева Назгүл", "апасы", "0555 000 001", "", "кыргызча", "Мисал көчөсү 1"),
    ("5-А", "Үлгүев Бакыт", "Үлгүева Назгүл", "апасы", "0555 000 001", "", "кыргызча", "Мисал көчөсү 1"),
    ("5-А", "Примеров Данил", "Примерова Ирина", "мать", "0700 000 002", "irina@example.kg", "русский", ""),
    ("5-А", "Мисалов Нурлан", "Мисалов Сабыр", "атасы", "0777 000 003, 0555 000 004", "", "кыргызча", ""),
)


def as_csv() -> bytes:
    """The list as Excel in Kyrgyzstan opens it at a double click: semicolons, and UTF-8 that says so."""
    text = io.StringIO()
    csv.writer(text, delimiter=";", lineterminator="\r\n").writerows(ROWS)
    return text.getvalue().encode("utf-8-sig")


def as_xlsx() -> bytes:
    """The list with phones as text, so that no digit is lost."""
    # Here, because a worker has no use for its 2 MB.
    import xlsxwriter

    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        sheet = book.add_worksheet("Тизме")
        text, bold = book.add_format({"num_format": "@"}), book.add_format({"bold": True, "num_format": "@"})
        sheet.set_column(0, len(ROWS[0]) - 1, 22, text)
        sheet.freeze_panes(1, 0)
        for number, row in enumerate(ROWS):
            for column, value in enumerate(row):
                sheet.write_string(number, column, value, text if number else bold)
    return buffer.getvalue()
