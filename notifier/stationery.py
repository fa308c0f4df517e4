"""The engine's tables of what many letters have in common: their paper, and the files that lie with them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from notifier.database import Base


class Enclosure(Base):
    """A file that goes with letters: kept once, however many carry it."""

    __tablename__ = "enclosures"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int]  # in bytes
    digest: Mapped[str] = mapped_column(String(64))  # of name, type and content: the same file is noticed
    # Deferred: a list of files does not fetch megabytes.
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    created_at: Mapped[datetime]


class Paper(Base):
    """On what letters are written: in which language, under whose name, with which files; never changed."""

    __tablename__ = "papers"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(64), unique=True)  # a sum of all the rest
    language: Mapped[str] = mapped_column(String(8))
    heading: Mapped[str] = mapped_column(String(255))  # who writes
    stop: Mapped[str] = mapped_column(String(255))  # the words by which a reader asks for no more letters


class PaperEnclosure(Base):
    """A file that lies with all letters on a paper."""

    __tablename__ = "paper_enclosures"

    paper_id: Mapped[int] = mapped_column(ForeignKey("papers.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    enclosure_id: Mapped[int] = mapped_column(ForeignKey("enclosures.id"), index=True)
