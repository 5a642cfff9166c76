"""A request that is too large, sent by the official SDK's two clients.

Usage: large_request.py MEGABYTES; address and key come from the environment. Prints the status and code that each saw,
as JSON. The asynchronous client sends all of its body before it looks for an answer.
"""

import asyncio
import json
import sys

from openai import APIStatusError, AsyncOpenAI, OpenAI

REQUEST = {"model": "mock", "messages": [{"role": "user", "content": "a" * (int(sys.argv[1]) << 20)}]}


def synchronous() -> list:
    try:
        OpenAI(max_retries=0).chat.completions.create(**REQUEST)
    except APIStatusError as error:
        return [error.status_code, error.code]
    return []


async def asynchronous() -> list:
    try:
        await AsyncOpenAI(max_retries=0).chat.completions.create(**REQUEST)
    except APIStatusError as error:
        return [error.status_code, error.code]
    return []


print(json.dumps([synchronous(), asyncio.run(asynchronous())]))
