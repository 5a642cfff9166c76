"""What an application does with LlamaIndex.

Usage: llama_index_sdk.py CASE...; address and key come from the environment. Prints a JSON object: "ok" or a traceback
by case.
"""

import asyncio
import os

import cases
import loopback_only

from llama_index.core import Document, VectorStoreIndex
from llama_index.core.llms import ChatMessage
from llama_index.core.tools import FunctionTool
from llama_index.embeddings.openai_like import OpenAILikeEmbedding
from llama_index.llms.openai_like import OpenAILike
from pydantic import BaseModel

SENTENCE = "hello from the tiny test model"
ADDRESS = {"api_base": os.environ["OPENAI_BASE_URL"], "api_key": os.environ["OPENAI_API_KEY"], "max_retries": 0}
HELLO = [ChatMessage(role="user", content="say hello")]

llm = OpenAILike(
    model="tiny-text",
    is_chat_model=True,
    is_function_calling_model=True,
    context_window=4096,
    temperature=0,
    **ADDRESS,
)
embeddings = OpenAILikeEmbedding(model_name="tiny-embed", **ADDRESS)


class Answer(BaseModel):
    text: str


def get_weather(city: str) -> str:
    """The weather of a city."""
    return f"hello {city}"


weather_tool = FunctionTool.from_defaults(get_weather)


def check(condition: object, what: object = "") -> None:
    if not condition:
        raise AssertionError(what)


def whole() -> None:
    answer = llm.chat(HELLO)
    check(answer.message.content == SENTENCE, answer)
    check(answer.raw.usage.completion_tokens > 5, answer)


def stream() -> None:
    deltas = [chunk.delta for chunk in llm.stream_chat(HELLO)]
    check(len(deltas) > 4 and "".join(delta or "" for delta in deltas) == SENTENCE, deltas)


def asynchronous() -> None:
    async def ask() -> list[str]:
        answers = await asyncio.gather(*(llm.achat(HELLO) for _ in range(6)))
        return [answer.message.content for answer in answers]

    check(asyncio.run(ask()) == [SENTENCE] * 6)


def tools() -> None:
    answer = llm.predict_and_call([weather_tool], user_msg="say hello")
    check(answer.response == f"hello {SENTENCE}", answer)


def required_tool() -> None:
    answer = llm.chat_with_tools([weather_tool], user_msg="say hello", tool_required=True)
    calls = llm.get_tool_calls_from_response(answer)
    check([(call.tool_name, call.tool_kwargs) for call in calls] == [("get_weather", {"city": SENTENCE})], calls)


def structured_output() -> None:
    answer = llm.as_structured_llm(Answer).chat(HELLO)
    check(answer.raw == Answer(text=SENTENCE), answer)


def embed() -> None:
    one = embeddings.get_text_embedding("hello world")
    check(len(one) == 64, one)
    many = embeddings.get_text_embedding_batch(["one two three", "hello world"])
    check(max(abs(here - there) for here, there in zip(one, many[1], strict=True)) < 1e-5, many)


def index() -> None:
    documents = [Document(text="one two three"), Document(text="hello world")]
    engine = VectorStoreIndex.from_documents(documents, embed_model=embeddings).as_query_engine(
        llm=llm, similarity_top_k=1, streaming=True
    )
    answer = engine.query("hello world")
    check("".join(answer.response_gen) == SENTENCE, answer)
    check([node.text for node in answer.source_nodes] == ["hello world"], answer.source_nodes)


def no_network() -> None:
    check(loopback_only.attempts == [], loopback_only.attempts)


cases.run(globals())
