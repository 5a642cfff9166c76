"""What an application does with the official SDK.

Usage: openai_sdk.py CASE...; addresses and keys come from the environment. Prints a JSON object: "ok" or a traceback by
case.
"""

import asyncio
import io
import json
import os
import time
import urllib.request
import wave

import cases

import openai
from openai import AsyncOpenAI, OpenAI

SENTENCE = "hello from the tiny test model"
MODEL = "tiny-text"
SENSIBLE_MODEL = "SmolLM2-135M-Instruct"
HELLO = [{"role": "user", "content": "say hello"}]
WEATHER_TOOL = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}

client = OpenAI(max_retries=0)


def client_with(key: str) -> OpenAI:
    return OpenAI(api_key=key, max_retries=0)


def check(condition: object, what: object = "") -> None:
    if not condition:
        raise AssertionError(what)


def models() -> None:
    ids = [model.id for model in client.models.list()]
    check(MODEL in ids, ids)
    model = client.models.retrieve(MODEL)
    check(model.object == "model" and model.owned_by == "local", model)


def chat() -> None:
    answer = client.chat.completions.create(model=MODEL, messages=HELLO, temperature=0)
    check(answer.choices[0].message.content == SENTENCE, answer)
    check(answer.choices[0].finish_reason == "stop", answer)
    check(answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens, answer)
    check(answer._request_id, answer)


def chat_of_sense() -> None:
    question = [{"role": "user", "content": "What is 2+2?"}]
    answer = client.chat.completions.create(model=SENSIBLE_MODEL, messages=question, temperature=0, max_tokens=30)
    check("4" in answer.choices[0].message.content, answer)


def stream() -> None:
    text, usage = "", None
    chunks = client.chat.completions.create(
        model=MODEL, messages=HELLO, temperature=0, stream=True, stream_options={"include_usage": True}
    )
    for chunk in chunks:
        if chunk.choices:
            text += chunk.choices[0].delta.content or ""
        usage = chunk.usage or usage
    check(text == SENTENCE, text)
    check(usage.completion_tokens > 5, usage)


def tools() -> None:
    answer = client.chat.completions.create(model=MODEL, messages=HELLO, temperature=0, tools=[WEATHER_TOOL])
    check(answer.choices[0].finish_reason == "tool_calls", answer)
    call = answer.choices[0].message.tool_calls[0]
    check(json.loads(call.function.arguments) == {"city": SENTENCE}, call)
    messages = [*HELLO, answer.choices[0].message, {"role": "tool", "tool_call_id": call.id, "content": "hello"}]
    second = client.chat.completions.create(model=MODEL, messages=messages, temperature=0, tools=[WEATHER_TOOL])
    check(second.choices[0].message.content == SENTENCE, second)


def streamed_tools() -> None:
    with client.chat.completions.stream(
        model=MODEL, messages=HELLO, temperature=0, tools=[WEATHER_TOOL]
    ) as events:
        final = events.get_final_completion()
    call = final.choices[0].message.tool_calls[0]
    check(call.function.name == "get_weather", call)
    check(json.loads(call.function.arguments) == {"city": SENTENCE}, call)


def json_schema() -> None:
    from pydantic import BaseModel

    class Answer(BaseModel):
        text: str

    answer = client.chat.completions.parse(model=MODEL, messages=HELLO, temperature=0, response_format=Answer)
    check(answer.choices[0].message.parsed == Answer(text=SENTENCE), answer)


def raised(kind: type, call) -> openai.APIStatusError:
    try:
        call()
    except openai.APIStatusError as error:
        check(type(error) is kind, repr(error))
        return error
    raise AssertionError(f"{kind} was not raised")


def authentication_error() -> None:
    error = raised(openai.AuthenticationError, lambda: client_with("sk-" + "0" * 48).models.list())
    check(error.code == "invalid_api_key" and error.request_id, error)


def insufficient_balance() -> None:
    poor = client_with(os.environ["POOR_KEY"])
    error = raised(openai.APIStatusError, lambda: poor.chat.completions.create(model=MODEL, messages=HELLO))
    check(error.status_code == 402 and error.code == "insufficient_balance", error)


def not_found_error() -> None:
    error = raised(
        openai.NotFoundError, lambda: client.chat.completions.create(model="no-such-model", messages=HELLO)
    )
    check(error.code == "model_not_found", error)


def bad_request_error() -> None:
    error = raised(
        openai.BadRequestError,
        lambda: client.chat.completions.create(model=MODEL, messages=HELLO, temperature=99),
    )
    check(error.param == "temperature", error)


def rate_limit_error() -> None:
    limited = client_with(os.environ["LIMITED_KEY"])
    limited.chat.completions.create(model=MODEL, messages=HELLO)
    error = raised(openai.RateLimitError, lambda: limited.chat.completions.create(model=MODEL, messages=HELLO))
    check(error.code == "rate_limit_exceeded", error)
    check(1 <= int(error.response.headers["retry-after"]) <= 60, error.response.headers)


def asynchronous_client() -> None:
    async def ask() -> list[str]:
        asynchronous = AsyncOpenAI(max_retries=0)
        answers = await asyncio.gather(
            *(asynchronous.chat.completions.create(model=MODEL, messages=HELLO, temperature=0) for _ in range(8))
        )
        return [answer.choices[0].message.content for answer in answers]

    check(asyncio.run(ask()) == [SENTENCE] * 8)


def requests_in_flight() -> int:
    request = urllib.request.Request(
        os.environ["ADMIN_URL"] + "/slots", headers={"Authorization": "Bearer " + os.environ["ADMIN_KEY"]}
    )
    with urllib.request.urlopen(request) as response:
        slots = json.load(response)["slots"]
    return next(slot["in_flight"] for slot in slots if slot["port"] == int(os.environ["SLOT_PORT"]))


def abort() -> None:
    chunks = client.chat.completions.create(
        model=SENSIBLE_MODEL,
        messages=[{"role": "user", "content": "Tell a long story."}],
        # Neither of its two end tokens: it goes on until max_tokens.
        logit_bias={"0": -100, "2": -100},
        max_tokens=1500,
        stream=True,
    )
    for _ in range(5):
        next(chunks)
    chunks.close()
    end = time.monotonic() + 1
    while requests_in_flight() > 0:
        check(time.monotonic() < end, "the engine is still busy a second later")
        time.sleep(0.02)


def tone() -> tuple[str, bytes]:
    sound = io.BytesIO()
    with wave.open(sound, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes(bytes(32_000))
    return ("speech.wav", sound.getvalue())


def transcription() -> None:
    answer = client.audio.transcriptions.create(model="whisper-1", file=tone(), language="en", temperature=0)
    check(answer.text == SENTENCE, answer)
    check(answer.usage.type == "tokens" and answer.usage.output_tokens > 0, answer)
    text = client.audio.transcriptions.create(model="whisper-1", file=tone(), response_format="text")
    check(text == SENTENCE + "\n", text)
    translation = client.audio.translations.create(model="whisper-1", file=tone())
    check(translation.text == SENTENCE, translation)
    try:
        client.audio.transcriptions.create(model="whisper-1", file=("a.wav", b"no sound"))
    except openai.BadRequestError as error:
        check(error.param == "file", error)
    else:
        raise AssertionError("text was transcribed")


def streamed_transcription() -> None:
    events = list(client.audio.transcriptions.create(model="gpt-4o-transcribe", file=tone(), stream=True))
    check("".join(event.delta for event in events[:-1]) == SENTENCE, events)
    check(events[-1].type == "transcript.text.done" and events[-1].text == SENTENCE, events)
    check(events[-1].usage.total_tokens > 0, events)


cases.run(globals())
