"""GET /openapi.json: the description that termd gives of its own control API."""

import http.client
import json
import os
import subprocess

import jsonschema
import pytest

from support import contract
from support.termd import CHECKOUT

VALIDATOR = CHECKOUT / "tests/openapi/validate.mjs"
MODULES = CHECKOUT / ".deps/npm/openapi/node_modules"


def validate(path):
    if not MODULES.exists() and os.environ.get("CI") != "true":
        pytest.skip("the validator is missing: scripts/setup --test brings it")
    return subprocess.run(["node", VALIDATOR, MODULES, path], capture_output=True, text=True, timeout=120)


@pytest.fixture
def served(termd):
    answer = termd.api("GET", "/openapi.json")
    assert answer.status == http.client.OK and answer.headers["content-type"] == "application/json"
    return answer.json()


def test_an_independent_validator_finds_the_description_valid(served, tmp_path):
    document = tmp_path / "openapi.json"
    document.write_text(json.dumps(served))

    outcome = validate(document)

    assert outcome.returncode == 0, outcome.stderr
    assert "OpenAPI 3.1.0" in outcome.stdout


def test_the_validator_would_find_a_fault(served, tmp_path):
    served["components"]["parameters"]["id"]["in"] = "nowhere"
    document = tmp_path / "openapi.json"
    document.write_text(json.dumps(served))

    assert validate(document).returncode == 1


def test_every_schema_is_one(served):
    for name, schema in served["components"]["schemas"].items():
        jsonschema.Draft202012Validator.check_schema(schema | {"title": name})


def test_what_is_served_is_what_the_answers_are_held_against(termd, served):
    assert served["info"].pop("version") == termd.ctl_json("status")["version"]
    held_against = json.loads(json.dumps(contract.description()))
    held_against["info"].pop("version")
    assert served == held_against
