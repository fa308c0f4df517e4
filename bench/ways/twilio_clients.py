"""Twilio's official clients as they come, but for the host they talk to."""

from __future__ import annotations

import os
from typing import Any

import aiohttp
from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from bench.provider import ACCOUNT, TOKEN

HOST = "https://api.twilio.com"
CALLBACK = "http://127.0.0.1:8000/hooks/twilio/status"
SENDER = "+15005550006"


class _Sync(TwilioHttpClient):
    def request(self, method: str, url: str, *arguments: Any, **named: Any) -> Any:
        return super().request(method, url.replace(HOST, os.environ["TWILIO_API_BASE"]), *arguments, **named)


class _Async(AsyncTwilioHttpClient):
    async def request(self, method: str, url: str, *arguments: Any, **named: Any) -> Any:
        here = url.replace(HOST, os.environ["TWILIO_API_BASE"])
        return await super().request(method, here, *arguments, **named)


def sync_client() -> Client:
    return Client(ACCOUNT, TOKEN, http_client=_Sync(timeout=18))


async def async_client(connections: int) -> Client:
    http = _Async(timeout=18)
    if http.session is not None:
        await http.session.close()
    # Its own session keeps 100 connections at most.
    http.session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=connections))
    return Client(ACCOUNT, TOKEN, http_client=http)
