#!/usr/bin/env python3
"""docs/performance.md shows the figures of docs/performance.json, which scripts/bench has measured, and no others."""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "bench"))

import document  # noqa: E402

if not document.FIGURES.exists():
    sys.exit(77)  # to meson, skipped: nobody has measured yet
text = document.DOCUMENT.read_text()
if document.filled(text, json.loads(document.FIGURES.read_text())) != text:
    sys.exit(f"{document.DOCUMENT}: the tables are not those of {document.FIGURES.name}; run: scripts/bench --document {document.FIGURES}")
