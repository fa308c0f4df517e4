"""What the practice numbers do, in words a person reads before trying one."""

from __future__ import annotations

from flask_babel import lazy_gettext

# By the last digits of the number, as notifier.channels.sandbox knows them.
STORIES = {
    "0901": lazy_gettext("It is a landline: the provider refuses it at once."),
    "0902": lazy_gettext("The phone is switched off: the message is taken and never arrives."),
    "0903": lazy_gettext("There is no such number: the message is taken and never arrives."),
    "0904": lazy_gettext(
        "The provider has an error after it took the message: it arrives once, after a check."
    ),
    "0905": lazy_gettext("The provider has no way to this network."),
    "0906": lazy_gettext("The provider is busy at first: the message goes a little later."),
    "0907": lazy_gettext("The network loses track of the message: it may have arrived."),
}
