#!/usr/bin/env python3
"""Makes the source (scdoc(5)) of a manual page.

    page.py TEMPLATE --commands TERMCTL     "@commands@" in it becomes what termctl's own help says of each command
    page.py TEMPLATE --keys TERMD_TOML      "@keys@" becomes what the shipped configuration says of each key

so that a page cannot say anything else than the program or the file.
"""

import re
import subprocess
import sys
from pathlib import Path


def plain(text):
    """Text without any meaning for scdoc."""
    return re.sub(r"([\\_*`\[\]#|~<>+-])", r"\\\1", text)


def literal(lines):
    return ["```", *lines, "```", ""]


# ---- termctl's help ----------------------------------------------------------------------------------------------------


def help_of(termctl, *command):
    return subprocess.run([termctl, *command, "--help"], check=True, capture_output=True, text=True).stdout.splitlines()


def rows(lines, title):
    """(what, words) of each line below that title."""
    found, inside = [], False
    for line in lines:
        if line.endswith(":") and not line.startswith(" "):
            inside = line == f"{title}:"
        elif inside and line.strip():
            found.append(re.split(r" {2,}", line.strip(), maxsplit=1))
    return [(row[0], row[1] if len(row) > 1 else "") for row in found]


def option_rows(lines):
    for what, words in rows(lines, "Positionals") + rows(lines, "Options"):
        if not what.startswith("-h,"):
            yield from [f"\t*{plain(what)}*", f"\t\t{plain(words)}", ""]


def command_text(termctl, *command):
    """A command, or each of the commands below it."""
    lines = help_of(termctl, *command)
    below = rows(lines, "Commands")
    if below:
        return [line for name, _ in below for line in command_text(termctl, *command, name)]
    usage = next(line for line in lines if line.startswith("Usage:"))
    words = usage.split(" ".join(command), 1)[1].replace("[OPTIONS]", "").strip()
    head = f"*{plain(' '.join(command))}* {plain(words)}".rstrip()
    return [head, f"\t{plain(lines[0][0].upper() + lines[0][1:])}.", "", *option_rows(lines)]


def commands(termctl):
    lines = help_of(termctl)
    out = ["# OPTIONS", ""]
    for what, words in rows(lines, "Options"):
        out += [f"*{plain(what)}*", f"\t{plain(words)}", ""]
    out += ["# COMMANDS", ""]
    for name, _ in rows(lines, "Commands"):
        out += command_text(termctl, name)
    return out


# ---- etc/termd.toml ----------------------------------------------------------------------------------------------------


def paragraphs(path):
    """Lists of lines, each a section's title, or prose with the keys that it is about."""
    for text in re.split(r"\n\s*\n", Path(path).read_text().strip()):
        lines = text.splitlines()
        while lines and lines[0].startswith("["):
            yield [lines.pop(0)]
        if lines:
            yield lines


def heading(section):
    return [f"# {section.upper()}", ""] if section else []


def key_text(lines):
    keys = [line[1:] for line in lines if re.match(r"#\w+ = ", line)]
    prose = [line[1:] for line in lines if re.match(r"# ?\S|#$", line) and not re.match(r"#\w+ = ", line)]
    example = [line[1:] for line in lines if line.startswith("#  ")]
    words = " ".join(line.strip() for line in prose if line.strip())
    if not keys:
        about = re.match(r" *\[+(\w+)", example[0]) if example else None
        return [*heading(about and about[1]), plain(words), "", *(literal(example) if example else [])]
    heads = [re.match(r"(\w+) = (.*)", key).groups() for key in keys]
    lines = [f"*{plain(name)}* = {plain(value)}" for name, value in heads]
    return ["++\n".join(lines), f"\t{plain(words)}", ""]


def keys(path):
    out = ["# THE FILE", ""]
    for lines in paragraphs(path):
        out += heading(lines[0].strip("[]")) if lines[0].startswith("[") else key_text(lines)
    return out


def main():
    template, what, source = sys.argv[1:]
    made = {"--commands": commands, "--keys": keys}[what](source)
    print(Path(template).read_text().replace(f"@{what[2:]}@", "\n".join(made)), end="")


if __name__ == "__main__":
    main()
