"""Holds a gateway against its own OpenAPI document: schemathesis makes the requests and judges the answers.

Arguments go to `schemathesis run`, the key comes from the environment. Failures are printed to stderr; what was
answered, by operation and by status and media type, is printed as JSON.
"""

import json
import os
import sys
import tempfile
from collections import Counter, defaultdict
from itertools import count

output, sys.stdout = sys.stdout, sys.stderr

import schemathesis  # noqa: E402
from schemathesis.cli import schemathesis as command  # noqa: E402

# Lists and objects at bounds of hundreds of thousands of entries take minutes to make, and other tests send them.
LARGEST_LIST = 16

answers = defaultdict(Counter)
calls = count()


@schemathesis.hook
def before_load_schema(context, raw_schema):
    forget_large_bounds(raw_schema)


@schemathesis.hook
def before_call(context, case, kwargs):
    # Two different requests of one name are refused, and there are few names in what is generated.
    name = (case.headers or {}).get("Idempotency-Key")
    if name:
        case.headers["Idempotency-Key"] = f"{name}-{next(calls)}"


@schemathesis.hook
def after_call(context, case, response):
    media_type = response.headers.get("content-type", [""])[0].split(";")[0]
    answers[case.operation.label][f"{response.status_code} {media_type}".strip()] += 1


def forget_large_bounds(node):
    if isinstance(node, list):
        for member in node:
            forget_large_bounds(member)
    elif isinstance(node, dict):
        for name in ("maxItems", "maxProperties"):
            if isinstance(node.get(name), int) and node[name] > LARGEST_LIST:
                del node[name]
        for member in node.values():
            forget_large_bounds(member)


# It remembers earlier runs in the folder that it works in.
with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    try:
        command(["run", "--header", f"Authorization: Bearer {os.environ['API_KEY']}", *sys.argv[1:]])
    except SystemExit as end:
        code = end.code
    os.chdir("/")

print(json.dumps(answers), file=output, flush=True)
sys.exit(code)
