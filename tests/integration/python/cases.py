"""What the test programs of this folder have in common: each case is a function of theirs, named on the command line."""

import json
import sys
import traceback
from collections.abc import Mapping


def run(functions: Mapping[str, object]) -> None:
    """Prints a JSON object: "ok" or a traceback by case."""
    print(json.dumps({name: _result_of(functions[name]) for name in sys.argv[1:]}))


def _result_of(case) -> str:
    try:
        case()
        return "ok"
    except Exception:
        return traceback.format_exc()
