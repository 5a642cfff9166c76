"""What an application does with the Responses API of the official SDK.

Usage: openai_responses.py CASE...; address and key come from the environment. Prints a JSON object: "ok" or a traceback
by case.
"""

import asyncio
import json

import cases

import openai
from openai import AsyncOpenAI, OpenAI
from pydantic import BaseModel

SENTENCE = "hello from the tiny test model"
ASK = {"model": "tiny-text", "input": "say hello", "temperature": 0}
THINKING = {**ASK, "model": "tiny-think"}
WEATHER_TOOL = {
    "type": "function",
    "name": "get_weather",
    "strict": True,
    "parameters": {
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": ["city"],
        "additionalProperties": False,
    },
}

client = OpenAI(max_retries=0)


class Answer(BaseModel):
    text: str


def check(condition: object, what: object = "") -> None:
    if not condition:
        raise AssertionError(what)


def whole() -> None:
    response = client.responses.create(**ASK)
    check(response.output_text == SENTENCE, response)
    check(response.status == "completed" and response.store is False, response)
    usage = response.usage
    check(usage.total_tokens == usage.input_tokens + usage.output_tokens, usage)
    check(usage.input_tokens_details.cached_tokens >= 0, usage)
    check(response._request_id, response)
    # The SDK builds its objects without looking at them closely; this looks.
    type(response).model_validate_json(json.dumps(response.model_dump(warnings="error")))


def stream() -> None:
    text, types = "", []
    for event in client.responses.create(**ASK, stream=True):
        check(event.sequence_number == len(types), event)
        types.append(event.type)
        if event.type == "response.output_text.delta":
            text += event.delta
        event.model_dump(warnings="error")
    check(text == SENTENCE, text)
    check(types[:2] == ["response.created", "response.in_progress"], types)
    check(types[-1] == "response.completed", types)


def stream_helper() -> None:
    with client.responses.stream(**ASK, text_format=Answer) as events:
        final = events.get_final_response()
    check(final.output_parsed == Answer(text=SENTENCE), final)
    with client.responses.stream(**THINKING) as events:
        final = events.get_final_response()
    check([item.type for item in final.output] == ["reasoning", "message"], final)
    check(final.output[0].content[0].text.strip() == "how to describe a sound", final)


def parse() -> None:
    response = client.responses.parse(**ASK, text_format=Answer)
    check(response.output_parsed == Answer(text=SENTENCE), response)


def tools() -> None:
    talk = [{"role": "user", "content": "say hello"}]
    first = client.responses.create(**{**ASK, "input": talk}, tools=[WEATHER_TOOL])
    [call] = first.output
    check(json.loads(call.arguments) == {"city": SENTENCE}, call)
    talk += [*first.output, {"type": "function_call_output", "call_id": call.call_id, "output": "hello"}]
    second = client.responses.create(**{**ASK, "input": talk}, tools=[WEATHER_TOOL])
    check(second.output_text == SENTENCE, second)


def streamed_tools() -> None:
    with client.responses.stream(**ASK, tools=[WEATHER_TOOL]) as events:
        final = events.get_final_response()
    check(json.loads(final.output[0].arguments) == {"city": SENTENCE}, final)


def raised(kind: type, call) -> openai.APIStatusError:
    try:
        call()
    except openai.APIStatusError as error:
        check(type(error) is kind, repr(error))
        return error
    raise AssertionError(f"{kind} was not raised")


def errors() -> None:
    stored = raised(
        openai.BadRequestError, lambda: client.responses.create(**ASK, previous_response_id="resp_1")
    )
    check(stored.param == "previous_response_id", stored)
    search = raised(
        openai.BadRequestError, lambda: client.responses.create(**ASK, tools=[{"type": "web_search"}])
    )
    check(search.param == "tools[0].type", search)
    raised(openai.NotFoundError, lambda: client.responses.create(**{**ASK, "model": "no-such-model"}))
    raised(openai.NotFoundError, lambda: client.responses.retrieve("resp_1"))
    raised(openai.NotFoundError, lambda: client.responses.delete("resp_1"))


def error_within_a_stream() -> None:
    text = ""
    try:
        for event in client.responses.create(model="mock", input="hello", stream=True):
            text += event.delta if event.type == "response.output_text.delta" else ""
    except openai.APIError as error:
        check(error.code == "engine_crashed", repr(error))
        check(text == "word0 word1 word2 ", text)
        return
    raise AssertionError("No error was raised")


def asynchronous_client() -> None:
    async def ask() -> list[str]:
        asynchronous = AsyncOpenAI(max_retries=0)
        answers = await asyncio.gather(*(asynchronous.responses.create(**ASK) for _ in range(8)))
        return [answer.output_text for answer in answers]

    check(asyncio.run(ask()) == [SENTENCE] * 8)


cases.run(globals())
