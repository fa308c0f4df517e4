"""СТОП and БАШТА: silence, and messages again; each is confirmed once."""

from __future__ import annotations

from notifier.channels.sms_twilio import answers_itself
from webapp.inbox.answering.asked import Answer, Asked, Done


def confirm_silence(asked: Asked) -> Done:
    """Confirm that nothing more will be written; that the family left is news for a person.

    This one message leaves though the number is silent from now on. Twilio blocks a number by itself after
    some English words, and confirms that itself: ours would not arrive.
    """
    if not asked.is_first or asked.was_silent or _said_by_provider(asked):
        return Done()
    return Done(answer=Answer(asked.say(asked.words.stopped), urgent=True, though_silent=True))


def confirm_messages(asked: Asked) -> Done:
    """Confirm that messages come again, to who had been without."""
    if not asked.is_first or not asked.was_silent or _said_by_provider(asked):
        return Done(settled=True)
    return Done(settled=True, answer=Answer(asked.say(asked.words.started), urgent=True, though_silent=True))


def _said_by_provider(asked: Asked) -> bool:
    return asked.inbound.provider == "twilio" and answers_itself(asked.inbound.body)
