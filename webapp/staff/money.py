"""Amounts of som: exact, and written as a person writes them."""

from __future__ import annotations

from decimal import Decimal

from babel.numbers import format_decimal
from flask import Flask
from flask_babel import get_locale, gettext
from sqlalchemy import BigInteger, Dialect
from sqlalchemy.types import TypeDecorator

THOUSAND = 1000


class Som(TypeDecorator[Decimal]):
    """An amount of som: a Decimal in code, whole thousandths in the table, because SQLite has no decimals."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        return None if value is None else int((value * THOUSAND).to_integral_value())

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value) / THOUSAND


def number(amount: Decimal) -> str:
    """Write an amount without its unit, as one writes it in the reader's language: 1 234,5."""
    return format_decimal(amount, "#,##0.##", locale=get_locale() or "ky")


def som(amount: Decimal) -> str:
    """Write an amount with its unit."""
    return str(gettext("%(amount)s som", amount=number(amount)))


def init_app(app: Flask) -> None:
    app.add_template_filter(som)
    app.add_template_filter(number, "amount")
