"""Run a command that dies when the process that started it dies.

Called as a script, by path, so that no package is imported and it costs a few milliseconds:
`python -I -S notifier/leash.py PARENT SIGNAL USER COMMAND…` becomes COMMAND, on a leash.

A wrapper and not `preexec_fn`: running Python between fork and exec is unsafe once there are threads.
"""

from __future__ import annotations

import ctypes
import os
import pwd
import signal
import sys
from collections.abc import Sequence

PR_SET_PDEATHSIG = 1


def leashed(command: Sequence[str], died: signal.Signals = signal.SIGTERM, user: str = "") -> list[str]:
    """Return the command that runs `command` so that it gets the signal `died` when its starter dies.

    With `user`, root runs it as that user, who needs no right to read this file or Python.

    On Linux, and there the starter is a thread: start long-lived commands from the main one.
    Elsewhere the command runs without a leash.
    """
    # The parent's id rides along: whoever died before the leash was tied is noticed too.
    return [sys.executable, "-I", "-S", __file__, str(os.getpid()), str(int(died)), user, *command]


def tie(died: signal.Signals = signal.SIGKILL) -> None:
    """Have this process get the signal `died` when its parent dies; a fork calls it for itself."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, int(died), 0, 0, 0)


def main(arguments: Sequence[str]) -> None:
    """Tie this process to its parent, then become the command."""
    parent, died, user, *command = arguments
    if user:
        account = pwd.getpwnam(user)
        os.setgroups([])
        os.setgid(account.pw_gid)
        os.setuid(account.pw_uid)
    # After the change of user, which would undo it.
    tie(signal.Signals(int(died)))
    if os.getppid() != int(parent):
        sys.exit("The process that asked for this one is gone.")
    os.execvp(command[0], command)  # noqa: S606


if __name__ == "__main__":
    main(sys.argv[1:])
