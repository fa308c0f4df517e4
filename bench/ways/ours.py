"""Kabarchy's own worker with another number of requests in flight, to compare at equal concurrency."""

from __future__ import annotations

import os
import runpy
import sys

from bench.processes import ROOT
from notifier.channels.sms_twilio import TwilioSms

if __name__ == "__main__":
    TwilioSms.in_flight = int(os.environ["BENCH_IN_FLIGHT"])
    sys.argv = ["worker.py", *sys.argv[1:]]
    runpy.run_path(str(ROOT / "worker.py"), run_name="__main__")
