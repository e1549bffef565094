"""Texts as protocol/checked_text.hpp says, for tests that write a session's files themselves."""

import hashlib
import json


def checked(members):
    """The bytes of a JSON object with these members and its check."""
    head = json.dumps(members)[:-1]
    return f'{head},"check":"{hashlib.sha256(head.encode()).hexdigest()}"}}\n'.encode()
