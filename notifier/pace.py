"""The rate that a provider allows, kept exactly by all workers together.

Each message is given a moment to leave. The moments are handed out by Redis on Redis's clock (GCRA without a
burst), so that any number of machines share one rate; without Redis each worker keeps its share of it.
"""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import redis

log = logging.getLogger(__name__)

# The first moment after a rest is so far off: the answer has to come back before. A worker that misses its
# moments asks for more and more, one that does not for less.
SHORTEST_LEAD, LONGEST_LEAD = 0.01, 0.05
# A moment further off than this is not given: the message stays in the table, where urgent ones pass it.
HORIZON = 0.5
# A little less than what is allowed, so that lateness does not exceed it; of that slack a share may be lost
# before a request departs, the rest is for the network.
MARGIN = 0.98
LATE_SHARE = 0.6
# Workers to count with, at least, when Redis is not there to count them.
UNKNOWN_WORKERS = 4
# How long to do without Redis after it failed.
REST = 2.0
# After "too many requests": this much slower, at most so slow, for so long.
BRAKE, SLOWEST, BRAKE_SECONDS = 0.7, 0.1, 20

# KEYS: the pace, its brake, the workers.
# ARGV: segments per µs, horizon and lead in µs, worker, each message's segments.
# Returns how many workers there are, the rate in force, and in µs of Redis's clock: now, when the next moment
# will be free, and the moment of each message that got one.
RESERVE = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local rate = tonumber(ARGV[1]) * tonumber(redis.call('GET', KEYS[2]) or '1')
local horizon = tonumber(ARGV[2])
local free = tonumber(redis.call('HGET', KEYS[1], 'free') or '0')
local last = tonumber(redis.call('HGET', KEYS[1], 'last') or '0')
-- Further off than any reservation can be: the clock has jumped back.
if free > now + horizon + last then free = now + last end
if free < now then free = now + tonumber(ARGV[3]) end
redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', now)
redis.call('ZADD', KEYS[3], now + 30000000, ARGV[4])
redis.call('PEXPIRE', KEYS[3], 60000)
local given = {redis.call('ZCARD', KEYS[3]), tostring(rate * 1000000), now, 0}
for i = 5, #ARGV do
  if free > now + horizon then break end
  given[#given + 1] = free
  last = tonumber(ARGV[i]) / rate
  free = free + last
end
given[4] = free
redis.call('HSET', KEYS[1], 'free', string.format('%.0f', free), 'last', string.format('%.0f', last))
redis.call('PEXPIRE', KEYS[1], string.format('%.0f', (free - now) / 1000 + 60000))
return given
"""

# At most once a second, so that a volley of refusals counts as one.
SLOW_DOWN = """
if not redis.call('SET', KEYS[2], '1', 'NX', 'EX', 1) then return 0 end
local brake = tonumber(redis.call('GET', KEYS[1]) or '1') * tonumber(ARGV[1])
if brake < tonumber(ARGV[2]) then brake = tonumber(ARGV[2]) end
redis.call('SET', KEYS[1], tostring(brake), 'EX', ARGV[3])
return 1
"""


class Pace:
    """Moments to leave for the messages of one provider."""

    def __init__(self, connection: redis.Redis, name: str, per_second: float, worker: str) -> None:
        self.per_second = per_second
        # What is in force: lower after "too many requests", or when the rate is only a share.
        self.rate = per_second
        self._worker = worker
        self._keys = [f"kabarchy:pace:{name}", f"kabarchy:pace:{name}:brake", f"kabarchy:pace:{name}:workers"]
        self._reserve = connection.register_script(RESERVE)
        self._slow_down = connection.register_script(SLOW_DOWN)
        self._workers = 1
        self._away_until = 0.0
        self._lead, self._missed = SHORTEST_LEAD, False
        self.free = 0.0  # when the next moment will be free, by the loop's clock
        self._ahead, self._doubt, self._compared_at = 0.0, math.inf, 0.0
        self._brake = 1.0
        self._brake_until = 0.0
        # One thread: a Redis that hangs must not stop the loop that sends.
        self._thread = ThreadPoolExecutor(1, "pace")

    @property
    def tolerance(self) -> float:
        """How late (seconds) a message may leave without there being one too many in any second.

        What leaves in a second had its moment in that second or so much before it.
        """
        return LATE_SHARE * (1 / MARGIN - 1 + 1 / self.per_second)

    async def reserve(self, segments: Sequence[int]) -> list[float]:
        """Give moments (of the loop's clock) to the first of the messages with these segments.

        Those for which there is none within `HORIZON` get none: the list is as long as the moments given.
        """
        loop = asyncio.get_running_loop()
        if loop.time() >= self._away_until:
            try:
                # A volley of misses is one lesson.
                self._lead *= 1.5 if self._missed else 0.9
                self._lead, self._missed = min(max(self._lead, SHORTEST_LEAD), LONGEST_LEAD), False
                self.free, *moments = await loop.run_in_executor(self._thread, self._ask, segments)
                return moments
            except redis.RedisError as error:
                log.warning(
                    "Redis is away (%s): each worker keeps its share of the rate", type(error).__name__
                )
                self._away_until = loop.time() + REST
        return self._alone(loop.time(), segments)

    def missed(self) -> None:
        """Learn that a message missed its moment."""
        self._missed = True

    def slow_down(self) -> None:
        """Lower the rate for a while: the provider said that it gets too much."""
        loop = asyncio.get_running_loop()
        self._brake = max(self._brake * BRAKE, SLOWEST) if loop.time() < self._brake_until else BRAKE
        self._brake_until = loop.time() + BRAKE_SECONDS
        loop.run_in_executor(self._thread, self._tell_others)

    def close(self) -> None:
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _ask(self, segments: Sequence[int]) -> list[float]:
        rate = self.per_second * MARGIN / 1e6
        asked = time.monotonic()
        workers, in_force, now, *moments = self._reserve(
            keys=self._keys,
            args=[repr(rate), int(HORIZON * 1e6), int(self._lead * 1e6), self._worker, *segments],
        )
        self._workers = int(workers)
        self.rate = float(in_force) / MARGIN
        self._compare_clocks(asked, int(now) / 1e6, time.monotonic())
        return [int(moment) / 1e6 - self._ahead for moment in moments]

    def _compare_clocks(self, asked: float, now: float, answered: float) -> None:
        """Learn how far Redis's clock is ahead of ours; the quickest answer of the last minute tells best."""
        doubt = (answered - asked) / 2
        ahead = now - (asked + answered) / 2
        jumped = abs(ahead - self._ahead) > doubt + self._doubt
        if doubt <= self._doubt or answered > self._compared_at + 60 or jumped:
            self._ahead, self._doubt, self._compared_at = ahead, doubt, answered

    def _tell_others(self) -> None:
        try:
            self._slow_down(
                keys=[self._keys[1], self._keys[1] + ":once"], args=[BRAKE, SLOWEST, BRAKE_SECONDS]
            )
        except redis.RedisError:
            log.warning("Redis is away: other workers are not told to slow down")

    def _alone(self, now: float, segments: Sequence[int]) -> list[float]:
        """Keep this worker's share of the rate: with all of them together it is not exceeded."""
        brake = self._brake if now < self._brake_until else 1.0
        # Redis may have counted before the others came: who is alone now cannot know.
        self.rate = self.per_second * brake / max(self._workers, UNKNOWN_WORKERS)
        self.free = max(self.free, now)
        given = []
        for count in segments:
            if self.free > now + HORIZON:
                break
            given.append(self.free)
            self.free += count / (self.rate * MARGIN)
        return given
