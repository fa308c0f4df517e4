"""An SMTP server on loopback whose every reply comes after 20 ms, as over a distance; it counts what it took.

Like all common servers it takes commands in a bunch (PIPELINING): each is answered 20 ms after it came.
`python -m bench.mail_server --delay 0.02` prints its port; the made-up command COUNT tells the letters.
"""

from __future__ import annotations

import argparse
import asyncio
import signal


class Conversation(asyncio.Protocol):
    letters = 0
    connections = 0

    def __init__(self, delay: float) -> None:
        self.delay = delay
        self.transport: asyncio.Transport | None = None
        self.buffer = b""
        self.in_text = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        Conversation.connections += 1
        self.say(b"220 bench ESMTP\r\n")

    def connection_lost(self, error: Exception | None) -> None:
        self.transport = None

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while True:
            if self.in_text:
                _, found, rest = self.buffer.partition(b"\r\n.\r\n")
                if not found:
                    return
                self.buffer, self.in_text = rest, False
                Conversation.letters += 1
                self.say(b"250 2.0.0 taken\r\n")
                continue
            line, found, rest = self.buffer.partition(b"\r\n")
            if not found:
                return
            self.buffer = rest
            self.command(line[:4].upper().rstrip())

    def command(self, name: bytes) -> None:
        if name == b"EHLO":
            self.say(b"250-bench\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 ENHANCEDSTATUSCODES\r\n")
        elif name == b"DATA":
            self.in_text = True
            self.say(b"354 go on\r\n")
        elif name == b"QUIT":
            self.say(b"221 2.0.0 bye\r\n", last=True)
        elif name == b"COUN" and self.transport:
            self.transport.write(b"250 %d %d\r\n" % (Conversation.letters, Conversation.connections))
        else:
            self.say(b"250 2.0.0 ok\r\n")

    def say(self, reply: bytes, last: bool = False) -> None:
        def now() -> None:
            if self.transport is not None:
                self.transport.write(reply)
                if last:
                    self.transport.close()

        asyncio.get_running_loop().call_later(self.delay, now)


async def serve(delay: float) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Conversation(delay), "127.0.0.1", 0, backlog=512)
    print(server.sockets[0].getsockname()[1], flush=True)
    asked_to_stop = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, asked_to_stop.set)
    await asked_to_stop.wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--delay", type=float, default=0.02)
    asyncio.run(serve(parser.parse_args().delay))
