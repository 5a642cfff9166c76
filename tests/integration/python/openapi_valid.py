"""Raises where the document at a URL is no valid OpenAPI 3.1."""

import json
import sys
from urllib.request import urlopen

from openapi_spec_validator import OpenAPIV31SpecValidator

with urlopen(sys.argv[1]) as response:
    document = json.load(response)
OpenAPIV31SpecValidator(document).validate()
