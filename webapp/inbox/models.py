"""A parent's message as one school understood it, and the conversation it belongs to."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from notifier.database import Base
from notifier.models import BigId, Inbound
from webapp.families.models import ContactPoint, Family

UNREAD = "unread_since IS NOT NULL"


class Reply(Base):
    """One school's reading of an inbound message; a number known to two schools gives each its own."""

    __tablename__ = "replies"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("schools.id", ondelete="CASCADE"))
    inbound_id: Mapped[int] = mapped_column(ForeignKey("inbound.id", ondelete="CASCADE"))
    contact_point_id: Mapped[int | None] = mapped_column(ForeignKey("contact_points.id", ondelete="SET NULL"))
    intent: Mapped[str | None] = mapped_column(String(16))  # what was understood, if anything
    families_acknowledged: Mapped[int] = mapped_column(default=0)
    received_at: Mapped[datetime]

    inbound: Mapped[Inbound] = relationship(lazy="joined", innerjoin=True)
    contact_point: Mapped[ContactPoint | None] = relationship(lazy="joined")

    __table_args__ = (
        UniqueConstraint("inbound_id", "school_id"),
        Index("ix_replies_newest", "school_id", "received_at"),
    )


class Conversation(Base):
    """All that a family, or a number nobody knows, has written; all of staff share what is read of it."""

    __tablename__ = "conversations"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("schools.id", ondelete="CASCADE"))
    # One of the two: a family, or the number of somebody unknown.
    family_id: Mapped[int | None] = mapped_column(ForeignKey("families.id", ondelete="CASCADE"))
    address: Mapped[str | None] = mapped_column(String(254))
    last_reply_id: Mapped[int | None] = mapped_column(
        ForeignKey("replies.id", ondelete="SET NULL"), index=True
    )
    last_at: Mapped[datetime]
    # Since when something waits for a person; None: nothing does.
    unread_since: Mapped[datetime | None]
    read_at: Mapped[datetime | None]
    read_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="SET NULL"), index=True)
    blocked_at: Mapped[datetime | None]  # of an unknown number: what it writes is of no interest

    family: Mapped[Family | None] = relationship()
    last_reply: Mapped[Reply | None] = relationship()

    __table_args__ = (
        UniqueConstraint("family_id"),
        UniqueConstraint("school_id", "address"),
        Index("ix_conversations_newest", "school_id", "last_at"),
        Index(
            "ix_conversations_unread",
            "school_id",
            "family_id",
            sqlite_where=text(UNREAD),
            postgresql_where=text(UNREAD),
        ),
    )


class ConversationReply(Base):
    """That a message belongs to a conversation; one from a phone that families share belongs to several.

    Kept from the day it came: a number that changes hands takes no old messages along.
    """

    __tablename__ = "conversation_replies"

    conversation_id: Mapped[int] = mapped_column(
        ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True
    )
    reply_id: Mapped[int] = mapped_column(
        ForeignKey("replies.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class NumberCheck(Base):
    """Whether, and how often, a school asks silent numbers if they are still the family's."""

    __tablename__ = "number_checks"

    school_id: Mapped[int] = mapped_column(ForeignKey("schools.id", ondelete="CASCADE"), primary_key=True)
    weeks: Mapped[int | None]  # how long a term of asking is; None: nobody is asked
    since: Mapped[datetime | None]  # when the first of these terms began
