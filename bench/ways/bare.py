"""The limit: the official async client alone, so many requests in flight, nothing written down.

`python -m bench.ways.bare COUNT IN_FLIGHT START A_SECOND` waits for a line on its input, sends, and prints
JSON. It keeps to a rate as one would: by a sleep between the messages.
"""

from __future__ import annotations

import asyncio
import json
import logging
import math
import sys
import time

from bench.place import TEXT
from bench.ways.twilio_clients import CALLBACK, SENDER, async_client


async def main(count: int, in_flight: int, start: int, a_second: float) -> None:
    client = await async_client(in_flight)
    print("ready", flush=True)
    sys.stdin.readline()
    numbers = iter(range(start, start + count))
    began, cpu = time.time(), time.process_time()

    async def send(i: int) -> None:
        made = await client.messages.create_async(
            to=f"+996555{i:06d}",
            body=f"{TEXT} ({i})",
            from_=SENDER,
            status_callback=f"{CALLBACK}/{i:022d}",
        )
        assert made.sid

    async def one_after_the_other() -> None:
        for i in numbers:
            await send(i)

    if math.isinf(a_second):
        await asyncio.gather(*(one_after_the_other() for _ in range(in_flight)))
    else:
        async with asyncio.TaskGroup() as sending:
            for i in numbers:
                sending.create_task(send(i))
                await asyncio.sleep(1 / a_second)
    print(json.dumps({"began": began, "ended": time.time(), "cpu": time.process_time() - cpu}), flush=True)
    await client.http_client.session.close()


if __name__ == "__main__":
    logging.disable(logging.INFO)
    count, in_flight, start, a_second = sys.argv[1:]
    asyncio.run(main(int(count), int(in_flight), int(start), float(a_second)))
