"""Holds answers of the control API against its own description (supervisor/api/openapi.json).

Every answer that support/unix_http.py gets in a test goes through check(), which tests/conftest.py sees to: a status, a content
type or a field that the description does not know is an AssertionError in the test that saw it.
"""

import functools
import json
import re
from pathlib import Path
from urllib.parse import urlsplit

import jsonschema

DESCRIPTION = Path(__file__).resolve().parents[2] / "supervisor/api/openapi.json"
# What the server says before any route is asked: the request itself was no good, or it was one too many.
BEFORE_ROUTES = {400, 404, 405, 408, 413, 414, 417, 429, 431, 500, 501, 503, 505}


@functools.cache
def description():
    return json.loads(DESCRIPTION.read_text())


@functools.cache
def validator(pointer):
    """For the schema at a JSON pointer into the description, whose references stay within it."""
    return jsonschema.Draft202012Validator({"$ref": f"#{pointer}"} | {key: description()[key] for key in ("components", "paths")})


def check(_socket, method, target, answer):
    """A listener of support/unix_http.py."""
    status, body, path = answer.status, answer.body, urlsplit(target).path
    content_type = answer.headers.get("content-type", "").split(";")[0]
    if status >= 400:
        assert content_type == "application/problem+json", f"{method} {path}: {status} as {content_type}"
        _conforms("/components/schemas/Problem", json.loads(body), f"{method} {path}: {status}")
    if method == "OPTIONS":
        return  # every path takes it (RFC 9110, 9.3.7)
    known = _operation(method, path)
    if known is None:
        assert status in BEFORE_ROUTES, f"{method} {path} is not described and was answered with {status}"
        return
    pattern, answers = known
    answer = answers.get(str(status))
    if answer is None:
        assert status in BEFORE_ROUTES, f"{method} {pattern}: {status} is not described"
        return
    if status >= 400:
        return
    content = answer.get("content", {})
    assert content_type in (content or {""}), f"{method} {pattern}: {status} as {content_type!r}, not {list(content)}"
    if content_type == "application/json" and method != "HEAD":
        place = "/".join(["", "paths", _escaped(pattern), method.lower(), "responses", str(status)])
        _conforms(f"{place}/content/application~1json/schema", json.loads(body), f"{method} {path}: {status}")


def check_event(type, data):
    if type == "lagged":
        assert data.keys() == {"from"}, data
    else:
        _conforms("/components/schemas/Event", data, f"an event {type}")


def _conforms(pointer, value, what):
    problems = [f"{'.'.join(map(str, e.absolute_path))}: {e.message}" for e in validator(pointer).iter_errors(value)]
    assert not problems, f"{what} is not as described: {problems}: {value}"


def _operation(method, path):
    for pattern, operations in description()["paths"].items():
        regex = "".join("[^/]+" if part.startswith("{") else re.escape(part) for part in re.split(r"(\{\w+\})", pattern))
        if re.fullmatch(regex, path):
            operation = operations.get("get" if method == "HEAD" else method.lower())
            return (pattern, operation["responses"]) if operation else None
    return None


def _escaped(part):
    return part.replace("~", "~0").replace("/", "~1").replace("{", "%7B").replace("}", "%7D")
