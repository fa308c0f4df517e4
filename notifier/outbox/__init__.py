"""Post · claim · settle · reconcile: the only writers of a delivery's state.

post       a message is written down, in the transaction of what it belongs to
claim      a worker takes due deliveries under a lease and lets them leave
settle     answers and receipts say what became of them
reconcile  the sweep finds whatever was left lying, and asks the provider about what nobody knows
"""

from notifier.outbox.claiming import Claimed, anything_due, claim, depart, next_due
from notifier.outbox.inbound import receive, say_farewell, suppress, unsuppress
from notifier.outbox.many import Inserting
from notifier.outbox.moves import ORIGINS, Standing, being
from notifier.outbox.papers import Drawer, Letterhead
from notifier.outbox.pauses import pause, paused, resume
from notifier.outbox.posting import ROUTINE, URGENT, Post, cancel, post
from notifier.outbox.receipts import settle_receipt
from notifier.outbox.reconciling import Check, claim_checks, decide, doubt, end_practice, sweep
from notifier.outbox.settling import Again, Answer, Looked, Polled, Released, Sent, settle

__all__ = [
    "ORIGINS",
    "ROUTINE",
    "URGENT",
    "Again",
    "Answer",
    "Check",
    "Claimed",
    "Drawer",
    "Inserting",
    "Letterhead",
    "Looked",
    "Polled",
    "Post",
    "Released",
    "Sent",
    "Standing",
    "anything_due",
    "being",
    "cancel",
    "claim",
    "claim_checks",
    "decide",
    "depart",
    "doubt",
    "end_practice",
    "next_due",
    "pause",
    "paused",
    "post",
    "receive",
    "resume",
    "say_farewell",
    "settle",
    "settle_receipt",
    "suppress",
    "sweep",
    "unsuppress",
]
