"""What an application does with Anthropic's official SDK.

Usage: anthropic_sdk.py CASE...; addresses and keys come from the environment. Prints a JSON object: "ok" or a traceback
by case.
"""

import asyncio
import json
import os
import time
import urllib.request

import cases

import anthropic
from anthropic import Anthropic, AsyncAnthropic

SENTENCE = "hello from the tiny test model"
MODEL = "tiny-text"
HELLO = {
    "model": MODEL,
    "max_tokens": 200,
    "messages": [{"role": "user", "content": "say hello"}],
    # No parameter of this SDK any more.
    "extra_body": {"temperature": 0},
}
WEATHER_TOOL = {
    "name": "get_weather",
    "description": "The weather of a city",
    "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}

client = Anthropic(max_retries=0)


def client_with(key: str) -> Anthropic:
    return Anthropic(api_key=key, max_retries=0)


def check(condition: object, what: object = "") -> None:
    if not condition:
        raise AssertionError(what)


def message() -> None:
    answer = client.messages.create(**HELLO)
    check(answer.content[0].text == SENTENCE, answer)
    check(answer.stop_reason == "end_turn" and answer.stop_sequence is None, answer)
    check(answer.usage.output_tokens == 7 and answer._request_id, answer)


def stream() -> None:
    with client.messages.stream(**HELLO) as events:
        text = "".join(events.text_stream)
        final = events.get_final_message()
    check(text == SENTENCE, text)
    check(final.content[0].text == SENTENCE, final)
    usage = final.usage
    check(usage.input_tokens + usage.cache_read_input_tokens == 13 and usage.output_tokens == 7, usage)


def thinking() -> None:
    request = {**HELLO, "model": "tiny-think", "thinking": {"type": "enabled", "budget_tokens": 1024}}
    with client.messages.stream(**request) as events:
        kinds = [event.type for event in events]
        thoughts, answer = events.get_final_message().content
    check("thinking" in kinds and "text" in kinds, kinds)
    check(thoughts.thinking.strip() == "how to describe a sound", thoughts)
    check(answer.text == SENTENCE, answer)


def stop_sequence() -> None:
    answer = client.messages.create(**HELLO, stop_sequences=[" tiny"])
    check(answer.stop_reason == "stop_sequence" and answer.stop_sequence == " tiny", answer)
    check(answer.content[0].text == "hello from the", answer)


def tools() -> None:
    with client.messages.stream(**HELLO, tools=[WEATHER_TOOL]) as events:
        first = events.get_final_message()
    check(first.stop_reason == "tool_use", first)
    call = next(block for block in first.content if block.type == "tool_use")
    check(call.name == "get_weather" and call.input == {"city": SENTENCE}, call)
    result = {"type": "tool_result", "tool_use_id": call.id, "content": "hello"}
    messages = [
        *HELLO["messages"],
        {"role": "assistant", "content": first.content},
        {"role": "user", "content": [result]},
    ]
    second = client.messages.create(**{**HELLO, "messages": messages}, tools=[WEATHER_TOOL])
    check(second.content[0].text == SENTENCE, second)


def count_tokens() -> None:
    request = {"model": MODEL, "messages": HELLO["messages"], "tools": [WEATHER_TOOL], "system": "Be kind."}
    counted = client.messages.count_tokens(**request).input_tokens
    usage = client.messages.create(**request, max_tokens=1).usage
    check(usage.input_tokens + usage.cache_read_input_tokens == counted, (usage, counted))


def raised(kind: type, call) -> anthropic.APIStatusError:
    try:
        call()
    except anthropic.APIStatusError as error:
        check(type(error) is kind, repr(error))
        check(error.body["type"] == "error" and error.request_id.startswith("req_"), error.body)
        return error
    raise AssertionError(f"{kind} was not raised")


def error_type(error: anthropic.APIStatusError) -> str:
    return error.body["error"]["type"]


def authentication_error() -> None:
    wrong = client_with("sk-" + "0" * 48)
    error = raised(anthropic.AuthenticationError, lambda: wrong.messages.create(**HELLO))
    check(error_type(error) == "authentication_error", error)


def insufficient_balance() -> None:
    poor = client_with(os.environ["POOR_KEY"])
    error = raised(anthropic.PaymentRequiredError, lambda: poor.messages.create(**HELLO))
    check(error_type(error) == "billing_error", error)


def not_found_error() -> None:
    request = {**HELLO, "model": "no-such-model"}
    error = raised(anthropic.NotFoundError, lambda: client.messages.create(**request))
    check(error_type(error) == "not_found_error", error)


def bad_request_error() -> None:
    request = {**HELLO, "max_tokens": 0}
    error = raised(anthropic.BadRequestError, lambda: client.messages.create(**request))
    check("max_tokens" in error.message, error)


def asynchronous_client() -> None:
    async def ask() -> list[str]:
        asynchronous = AsyncAnthropic(max_retries=0)
        answers = await asyncio.gather(*(asynchronous.messages.create(**HELLO) for _ in range(8)))
        return [answer.content[0].text for answer in answers]

    check(asyncio.run(ask()) == [SENTENCE] * 8)


def requests_in_flight() -> int:
    request = urllib.request.Request(
        os.environ["ADMIN_URL"] + "/slots", headers={"Authorization": "Bearer " + os.environ["ADMIN_KEY"]}
    )
    with urllib.request.urlopen(request) as response:
        slots = json.load(response)["slots"]
    return next(slot["in_flight"] for slot in slots if slot["port"] == int(os.environ["SLOT_PORT"]))


def abort() -> None:
    request = {"model": MODEL, "max_tokens": 6000, "messages": [{"role": "user", "content": "count"}]}
    events = client.messages.create(**request, stream=True)
    for _ in range(5):
        next(events)
    events.close()
    end = time.monotonic() + 1
    while requests_in_flight() > 0:
        check(time.monotonic() < end, "the engine is still busy a second later")
        time.sleep(0.02)


cases.run(globals())
