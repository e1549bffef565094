"""Writing TOML, as much of it as a configuration of termd needs (the standard library can only read it)."""

import json


def to_toml(table, path=""):
    """A dict as TOML text; dicts inside it become tables, lists of dicts arrays of tables."""
    plain, below = [], []
    for key, value in table.items():
        name = f"{path}.{key}" if path else key
        if isinstance(value, dict):
            below.append(f"[{name}]\n{to_toml(value, name)}")
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            below += [f"[[{name}]]\n{to_toml(entry, name)}" for entry in value]
        else:
            # A string, number, truth value or list of them is written in JSON as it is in TOML.
            plain.append(f"{key} = {json.dumps(value, ensure_ascii=False)}\n")
    return "".join(plain + below)


def merged(base, extra):
    """base with the values of extra laid over it, table by table; neither is changed."""
    result = dict(base)
    for key, value in extra.items():
        both = isinstance(value, dict) and isinstance(result.get(key), dict)
        result[key] = merged(result[key], value) if both else value
    return result
