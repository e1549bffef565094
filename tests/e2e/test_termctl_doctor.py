"""termctl doctor and config check with the real programs."""

import json

from support.fake_termd import check_refusal
from support.termd import run


def doctor(termd, *arguments):
    outcome = termd.ctl("-o", "json", "doctor", "--config", termd.config_file, *arguments)
    return outcome.code, {finding["check"]: finding for finding in json.loads(outcome.stdout)}


def test_doctor_finds_nothing_wrong_with_a_termd_that_works(termd):
    code, found = doctor(termd)

    assert code == 0, found
    assert list(found) == [
        "config", "ttyd", "page", "ssh", "key", "hosts", "runtime", "socket", "ports", "containment", "state", "clock", "descriptors", "daemon",
    ]  # fmt: skip
    assert not [finding for finding in found.values() if finding["verdict"] == "problem"]
    assert "ttyd version" in found["ttyd"]["detail"] and "OpenSSH" in found["ssh"]["detail"]
    assert all(bool(finding["remedy"]) == (finding["verdict"] != "ok") for finding in found.values())
    lines = termd.ctl("doctor", "--config", termd.config_file)
    assert lines.code == 0 and len(lines.stdout.splitlines()) == len(found)


def test_doctor_finds_what_is_wrong(make_termd, sshd, tmp_path):
    key = tmp_path / "key"
    key.write_text("")
    key.chmod(0o644)
    termd = make_termd(config={"ssh": {"keys": [str(key)]}, "ttyd": {"path": "/nonexistent"}})
    termd.socket.chmod(0o666)
    termd.state.chmod(0o777)

    code, found = doctor(termd)

    assert code == 1
    wrong = {check for check, finding in found.items() if finding["verdict"] == "problem"}
    assert wrong == {"ttyd", "key", "socket", "state"}
    termd.socket.chmod(0o600)


def test_doctor_says_what_termd_says_about_a_broken_configuration(tmp_path):
    file = tmp_path / "termd.toml"
    file.write_text("[sessions]\nttl = 5\n")

    outcome = run("cli/termctl", "doctor", "--config", str(file))

    assert outcome.code == 1 and len(outcome.stdout.splitlines()) == 1
    assert f"{file}:2:7: sessions.ttl" in outcome.stdout and f"termctl config check {file}" in outcome.stdout


def test_config_check_passes_on_what_termd_finds(tmp_path):
    file = tmp_path / "termd.toml"
    file.write_text("[sessions]\nttl = 5\n[nonsense]\n")
    outcome = run("cli/termctl", "config", "check", str(file))
    assert outcome.code == 2
    assert [line.split(": ")[0] for line in outcome.stdout.splitlines()] == [f"{file}:2:7", f"{file}:3:2"]
    file.write_text("")
    assert run("cli/termctl", "config", "check", str(file)) == run("supervisor/termd", "--check-config", "--config", str(file))


def test_config_check_needs_one_file():
    check_refusal(run("cli/termctl", "config", "check", "a", "b"), 2)
    check_refusal(run("cli/termctl", "config", "chekc"), 2, "did you mean check?")
