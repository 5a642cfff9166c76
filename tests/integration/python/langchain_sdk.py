"""What an application does with LangChain.

Usage: langchain_sdk.py CASE...; address and key come from the environment. Prints a JSON object: "ok" or a traceback by
case.
"""

import asyncio

import cases
import loopback_only

from langchain_core.messages import HumanMessage, ToolMessage
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI, OpenAI, OpenAIEmbeddings
from pydantic import BaseModel

SENTENCE = "hello from the tiny test model"
MODEL = "tiny-text"

chat = ChatOpenAI(model=MODEL, temperature=0, max_retries=0)
# Without the switch it cuts texts into tokens of OpenAI's own models, by a file from the internet.
embeddings = OpenAIEmbeddings(model="tiny-embed", check_embedding_ctx_length=False)


@tool
def get_weather(city: str) -> str:
    """The weather of a city."""
    return f"hello {city}"


def check(condition: object, what: object = "") -> None:
    if not condition:
        raise AssertionError(what)


def whole() -> None:
    answer = chat.invoke("say hello")
    check(answer.content == SENTENCE, answer)
    check(answer.response_metadata["finish_reason"] == "stop", answer)
    check(answer.usage_metadata["output_tokens"] > 5, answer)


def stream() -> None:
    chunks = list(ChatOpenAI(model=MODEL, temperature=0, max_retries=0, stream_usage=True).stream("say hello"))
    check(len(chunks) > 4, chunks)
    answer = sum(chunks[1:], chunks[0])
    check(answer.content == SENTENCE, answer)
    used = chat.invoke("say hello").usage_metadata
    check(answer.usage_metadata["input_tokens"] == used["input_tokens"], (answer, used))
    check(answer.usage_metadata["output_tokens"] == used["output_tokens"], (answer, used))


def asynchronous() -> None:
    async def ask() -> list[str]:
        answers = await chat.abatch(["say hello"] * 6)
        return [answer.content for answer in answers]

    check(asyncio.run(ask()) == [SENTENCE] * 6)


def tools() -> None:
    bound = chat.bind_tools([get_weather])
    question = HumanMessage("say hello")
    called = bound.invoke([question])
    check([(call["name"], call["args"]) for call in called.tool_calls] == [("get_weather", {"city": SENTENCE})], called)
    result = get_weather.invoke(called.tool_calls[0])
    check(isinstance(result, ToolMessage), result)
    answer = bound.invoke([question, called, result])
    check(answer.content == SENTENCE, answer)


def streamed_tools() -> None:
    forced = chat.bind_tools([get_weather], tool_choice="get_weather")
    chunks = list(forced.stream("say hello"))
    answer = sum(chunks[1:], chunks[0])
    check([(call["name"], call["args"]) for call in answer.tool_calls] == [("get_weather", {"city": SENTENCE})], answer)


def structured_output() -> None:
    class Answer(BaseModel):
        text: str

    for method in ("json_schema", "function_calling"):
        answer = chat.with_structured_output(Answer, method=method).invoke("say hello")
        check(answer == Answer(text=SENTENCE), (method, answer))


def responses() -> None:
    answer = ChatOpenAI(model=MODEL, temperature=0, max_retries=0, use_responses_api=True).invoke("say hello")
    check(answer.text == SENTENCE, answer)


def completion() -> None:
    text = OpenAI(model=MODEL, temperature=0, max_retries=0, max_tokens=5).invoke("say hello")
    check(text.startswith(" from"), text)


def embed() -> None:
    one = embeddings.embed_query("hello world")
    check(len(one) == 64, one)
    many = embeddings.embed_documents(["one two three", "hello world"])
    check(max(abs(here - there) for here, there in zip(one, many[1], strict=True)) < 1e-5, many)


def no_network() -> None:
    check(loopback_only.attempts == [], loopback_only.attempts)


cases.run(globals())
