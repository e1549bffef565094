"""Host keys with real sshds: who is trusted, on whose word, and what happens when a key is another one."""

import http.client
import subprocess
import threading

import pytest

from support import sshd as sshds
from support.sshd import Sshd
from support.wait import wait_until

ASK, ACCEPT_NEW, STRICT = ({"ssh": {"host_keys": policy}} for policy in ("ask", "accept-new", "strict"))
TYPES = ("ed25519", "ecdsa", "rsa")


@pytest.fixture(scope="module")
def three_keys():
    """An sshd with a key of each usual type."""
    server = Sshd(key_types=TYPES, bare_home=True)
    yield server
    server.stop()


@pytest.fixture
def make_sshd():
    made = []

    def make(**options):
        made.append(Sshd(bare_home=True, **options))
        return made[-1]

    yield make
    for server in made:
        server.stop()


def opening(termd, sshd, **more):
    return termd.api("POST", "/v1/sessions", {"host": "127.0.0.1", "port": sshd.port, "login": sshd.login} | more)


def refused(answer, code):
    """The keys that such a refusal shows: (status, fingerprint)."""
    assert (answer.status, answer.code) == (http.client.CONFLICT, code), answer.body
    assert answer.json()["detail"]
    return [(key["status"], key["fingerprint"]) for key in answer.json()["keys"]]


def opened(termd, answer):
    assert answer.status == http.client.CREATED, answer.body
    termd.sessions.add(answer.json()["id"])
    return answer.json()


def known_hosts(termd):
    return (termd.state / "known_hosts").read_text()


def on_record(termd, event):
    return [row["details"] for row in termd.api("GET", f"/v1/audit?type={event}").json()["events"]]


def connections(sshd):
    return sshd.log.read_text().count("Connection from ")


# ---- ask


def test_an_unknown_host_is_refused_with_every_key_that_it_shows(make_termd, three_keys):
    termd = make_termd(ASK, sshd=three_keys, known_hosts="")

    keys = refused(opening(termd, three_keys), "host_untrusted")

    assert keys == [("offered", three_keys.fingerprint(type)) for type in TYPES]
    assert known_hosts(termd) == "" and termd.list() == [] and termd.leftovers() == []
    (row,) = on_record(termd, "session.refused")
    assert (row["code"], row["host"], row["by"]) == ("host_untrusted", "127.0.0.1", "root")
    assert on_record(termd, "host.trusted") == []


def test_what_termctl_says_to_do_about_an_unknown_host_works(make_termd, three_keys):
    termd = make_termd(ASK, sshd=three_keys, known_hosts="")

    outcome = termd.ctl("open", three_keys.target)

    assert outcome.code == 1 and outcome.stdout == ""
    advice = outcome.stderr.splitlines()[-1].split()
    assert advice[:3] == ["termctl", "host", "trust"]
    assert termd.ctl(*advice[1:]).code == 0
    assert termd.open(three_keys.target)["state"] == "ready"
    assert known_hosts(termd) == three_keys.known_hosts("ed25519")
    (row,) = on_record(termd, "host.trusted")
    assert row == {
        "by": "root", "host": "127.0.0.1", "port": three_keys.port, "key_type": "ssh-ed25519",
        "fingerprint": three_keys.fingerprint("ed25519"), "how": "operator",
    }


@pytest.mark.parametrize("type", TYPES)
def test_exactly_the_key_that_the_caller_vouches_for_is_trusted_and_used(make_termd, three_keys, type):
    termd = make_termd(ASK, sshd=three_keys, known_hosts="")

    session = termd.open("--trust", three_keys.fingerprint(type), three_keys.target)

    assert session["state"] == "ready" and session["ssh"]["authenticated"]
    assert known_hosts(termd) == three_keys.known_hosts(type)
    (row,) = on_record(termd, "host.trusted")
    assert (row["how"], row["by"], row["fingerprint"]) == ("vouched", "root", three_keys.fingerprint(type))
    assert termd.open("--no-reuse", three_keys.target)["state"] == "ready"  # trusted from now on


def test_a_key_that_the_host_does_not_show_is_not_trusted_whoever_vouches_for_it(make_termd, three_keys, sshd):
    termd = make_termd(ASK, sshd=three_keys, known_hosts="")

    keys = refused(opening(termd, three_keys, host_key=sshd.fingerprint()), "host_untrusted")

    assert ("offered", three_keys.fingerprint("ed25519")) in keys
    answer = termd.api(
        "POST", "/v1/hosts", {"host": "127.0.0.1", "port": three_keys.port, "fingerprint": sshd.fingerprint()}
    )
    assert refused(answer, "host_untrusted") == keys
    assert known_hosts(termd) == ""


def test_an_opening_to_a_known_host_costs_no_connection_but_its_own(make_termd, make_sshd):
    sshd = make_sshd()
    termd = make_termd(ASK, sshd=sshd)
    before = connections(sshd)

    for _ in range(2):
        assert termd.open("--no-reuse", sshd.target)["state"] == "ready"

    assert connections(sshd) == before + 2


def test_who_asks_for_an_unknown_host_at_once_shares_one_look(make_termd, make_sshd):
    sshd = make_sshd()
    termd = make_termd(ASK, sshd=sshd, known_hosts="")
    before, together, answers = connections(sshd), threading.Barrier(8), []

    def ask():
        together.wait(30)
        answers.append(opening(termd, sshd))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert [refused(answer, "host_untrusted") for answer in answers] == [[("offered", sshd.fingerprint())]] * 8
    assert connections(sshd) - before < 3 * 8  # ssh-keyscan makes three


def test_an_address_is_the_same_however_it_is_written(make_termd, make_sshd):
    """ssh looks an IPv6 address up in its shortest form, and so does termd."""
    try:
        sshd = make_sshd(address="::1")
    except (AssertionError, RuntimeError):
        pytest.skip("no IPv6 on this machine")
    termd = make_termd(ASK, sshd=sshd, known_hosts="")
    long = {"host": "0:0:0:0:0:0:0:1"}

    assert refused(opening(termd, sshd, **long), "host_untrusted") == [("offered", sshd.fingerprint())]
    opened(termd, opening(termd, sshd, host_key=sshd.fingerprint(), **long))

    assert known_hosts(termd) == sshd.known_hosts()
    assert termd.open("--no-reuse", sshd.target)["state"] == "ready"
    assert termd.ctl("host", "forget", f"[0::1]:{sshd.port}").code == 0


# ---- the other policies


def test_accept_new_trusts_a_host_the_first_time_and_no_other_key_later(make_termd, make_sshd):
    sshd = make_sshd(key_types=TYPES)
    termd = make_termd(ACCEPT_NEW, sshd=sshd, known_hosts="")

    session = opened(termd, opening(termd, sshd))

    assert known_hosts(termd) == "".join(sshd.known_hosts(type) for type in TYPES)
    assert {row["how"] for row in on_record(termd, "host.trusted")} == {"accept-new"}
    assert termd.ctl("close", session["id"]).code == 0
    old = [sshd.fingerprint(type) for type in TYPES]
    sshd.change_keys()
    keys = refused(opening(termd, sshd), "host_key_changed")
    assert keys == [("offered", sshd.fingerprint(type)) for type in TYPES] + [("known", key) for key in old]
    assert len(known_hosts(termd).splitlines()) == 3


def test_strict_leaves_trusting_to_operators(make_termd, three_keys):
    termd = make_termd(STRICT, sshd=three_keys, known_hosts="")
    key = three_keys.fingerprint("rsa")

    assert ("offered", key) in refused(opening(termd, three_keys), "host_untrusted")
    assert ("offered", key) in refused(opening(termd, three_keys, host_key=key), "host_untrusted")
    assert known_hosts(termd) == ""

    assert termd.ctl("host", "trust", f"127.0.0.1:{three_keys.port}", key).code == 0
    assert known_hosts(termd) == three_keys.known_hosts("rsa")
    opened(termd, opening(termd, three_keys, host_key=key))


# ---- a key that has changed


@pytest.mark.parametrize("policy", [ASK, ACCEPT_NEW, STRICT], ids=["ask", "accept-new", "strict"])
def test_a_changed_key_is_refused_loudly_with_both_fingerprints(make_termd, make_sshd, policy):
    sshd = make_sshd()
    termd = make_termd(policy, sshd=sshd)
    opened(termd, opening(termd, sshd))
    before, old = known_hosts(termd), sshd.fingerprint()
    sshd.change_keys()
    new = sshd.fingerprint()

    answer = opening(termd, sshd, reuse=False)

    assert refused(answer, "host_key_changed") == [("offered", new), ("known", old)]
    assert new in answer.json()["detail"]
    assert [row["reason"] for row in on_record(termd, "login.failed")] == ["host_changed"]
    ends = [s for s in termd.api("GET", "/v1/history?reason=start_failed").json()["sessions"]]
    assert len(ends) == 1 and new in ends[0]["detail"]
    assert any(" warning login.failed " in line for line in termd.log(20_000).splitlines())
    assert refused(opening(termd, sshd, reuse=False, host_key=old), "host_key_changed")
    assert known_hosts(termd) == before


def test_who_vouches_for_a_changed_key_is_refused_until_an_operator_forgets_the_old_one(make_termd, make_sshd):
    sshd = make_sshd()
    termd = make_termd(ASK, sshd=sshd)
    old, place = sshd.fingerprint(), f"127.0.0.1:{sshd.port}"
    sshd.change_keys()
    new = sshd.fingerprint()

    assert refused(opening(termd, sshd, host_key=new), "host_key_changed") == [("offered", new), ("known", old)]
    assert on_record(termd, "session.refused")[0]["code"] == "host_key_changed"
    assert termd.ctl("host", "trust", place, new).code == 1
    outcome = termd.ctl("open", "--trust", new, sshd.target)
    assert outcome.code == 1
    steps = [line.split()[1:] for line in outcome.stderr.splitlines() if line.strip().startswith("termctl host")]
    assert [step[:2] for step in steps] == [["host", "forget"], ["host", "trust"]]

    for step in steps:
        assert termd.ctl(*step).code == 0

    assert termd.open(sshd.target)["state"] == "ready"
    assert known_hosts(termd) == sshd.known_hosts()
    (row,) = on_record(termd, "host.forgotten")
    assert (row["by"], row["host"], row["port"], row["fingerprint"]) == ("root", "127.0.0.1", sshd.port, old)


def test_a_host_that_shows_keys_of_other_types_only_has_changed(make_termd, make_sshd):
    sshd, other = make_sshd(), make_sshd(key_types=("rsa",))
    termd = make_termd(ASK, sshd=sshd, known_hosts=other.known_hosts(name=sshd.name))

    keys = refused(opening(termd, sshd), "host_key_changed")

    assert keys == [("offered", sshd.fingerprint()), ("known", other.fingerprint())]


# ---- what an administrator has put into the file


def test_hashed_lines_are_honoured_listed_and_forgotten(make_termd, make_sshd, tmp_path):
    sshd = make_sshd()
    hashed = tmp_path / "known_hosts"
    hashed.write_text(sshd.known_hosts())
    subprocess.run(["ssh-keygen", "-q", "-H", "-f", hashed], check=True, capture_output=True)
    assert hashed.read_text().startswith("|1|")
    termd = make_termd(ASK, sshd=sshd, known_hosts=hashed.read_text())

    opened(termd, opening(termd, sshd))
    (row,) = termd.ctl_json("host", "ls")["hosts"]
    assert (row["host"], row["fingerprint"]) == (None, sshd.fingerprint())
    assert "(hashed)" in termd.ctl("host", "ls").stdout
    assert termd.ctl("host", "forget", f"127.0.0.1:{sshd.port}").code == 0
    assert known_hosts(termd) == ""
    refused(opening(termd, sshd, reuse=False), "host_untrusted")


def test_a_host_is_trusted_by_the_word_of_an_authority(make_termd, make_sshd, sshd, tmp_path):
    authority = tmp_path / "authority"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", authority], check=True)
    certified = make_sshd(authority=authority)
    line = f"@cert-authority * {' '.join(authority.with_suffix('.pub').read_text().split()[:2])} ours\n"
    termd = make_termd(ASK | {"ssh": ASK["ssh"] | {"keys": [str(certified.client_key)]}}, known_hosts=line)

    opened(termd, opening(termd, certified))

    # One that has no certificate of it is as unknown as ever.
    assert refused(opening(termd, sshd), "host_untrusted") == [("offered", sshd.fingerprint())]
    assert termd.ctl("host", "trust", f"127.0.0.1:{sshd.port}", sshd.fingerprint()).code == 0
    assert known_hosts(termd) == line + sshd.known_hosts()
    marks = [(row["host"], row["mark"]) for row in termd.ctl_json("host", "ls")["hosts"]]
    assert marks == [("*", "cert-authority"), (sshd.name, None)]


@pytest.mark.parametrize("policy", [ASK, ACCEPT_NEW], ids=["ask", "accept-new"])
def test_a_revoked_key_is_trusted_by_nobody(make_termd, sshd, policy):
    line = f"@revoked * {sshd.public_key()}\n"
    termd = make_termd(policy, known_hosts=line)

    assert refused(opening(termd, sshd), "host_untrusted") == [("revoked", sshd.fingerprint())]
    assert refused(opening(termd, sshd, host_key=sshd.fingerprint()), "host_untrusted")
    outcome = termd.ctl("host", "trust", f"127.0.0.1:{sshd.port}", sshd.fingerprint())
    assert outcome.code == 1 and "revoked" in outcome.stderr
    assert known_hosts(termd) == line


def test_a_host_that_is_known_on_no_particular_port_is_known_on_every_one(make_termd, sshd):
    """As ssh has it; so an administrator's line for a host is enough."""
    line = sshd.known_hosts(name="127.0.0.1")
    termd = make_termd(ASK, known_hosts=line)

    opened(termd, opening(termd, sshd))

    assert known_hosts(termd) == line


def test_lines_that_are_added_by_hand_count_from_then_on(make_termd, sshd):
    termd = make_termd(ASK, known_hosts="# ours, by hand\n")
    refused(opening(termd, sshd), "host_untrusted")

    with open(termd.state / "known_hosts", "a") as file:
        file.write(sshd.known_hosts())
    opened(termd, opening(termd, sshd))

    assert termd.ctl("host", "forget", f"127.0.0.1:{sshd.port}").code == 0
    assert known_hosts(termd) == "# ours, by hand\n"


def test_a_pattern_is_not_forgotten_with_a_host(make_termd, sshd):
    line = sshd.known_hosts(name="*")
    termd = make_termd(ASK, known_hosts=line)

    outcome = termd.ctl("host", "forget", "db1")

    assert outcome.code == 1 and "*" in outcome.stderr and "termctl host ls" in outcome.stderr
    assert termd.ctl("host", "forget", "db1:2222").code == 1
    assert known_hosts(termd) == line


def test_a_host_that_is_not_known_cannot_be_forgotten(make_termd):
    termd = make_termd(ASK, known_hosts="")

    outcome = termd.ctl("host", "forget", "db1")

    assert outcome.code == 4 and "db1" in outcome.stderr and "termctl host ls" in outcome.stderr


# ---- operators


def test_a_scan_says_which_keys_are_shown_and_which_are_known(make_termd, three_keys):
    termd = make_termd(ASK, sshd=three_keys, known_hosts=three_keys.known_hosts("rsa"))

    scanned = termd.ctl_json("host", "scan", f"127.0.0.1:{three_keys.port}")

    assert [key["fingerprint"] for key in scanned["offered"]] == [three_keys.fingerprint(type) for type in TYPES]
    assert [key["fingerprint"] for key in scanned["known"]] == [three_keys.fingerprint("rsa")]
    lines = termd.ctl("host", "scan", f"127.0.0.1:{three_keys.port}").stdout.splitlines()
    assert [line.endswith("not trusted") for line in lines] == [True, True, False]
    assert known_hosts(termd) == three_keys.known_hosts("rsa")


def test_trusting_twice_changes_nothing_the_second_time(make_termd, sshd):
    termd = make_termd(ASK, known_hosts="")
    body = {"host": "127.0.0.1", "port": sshd.port, "fingerprint": sshd.fingerprint()}

    assert [termd.api("POST", "/v1/hosts", body).status for _ in range(2)] == [201, 200]

    assert known_hosts(termd) == sshd.known_hosts()
    assert len(on_record(termd, "host.trusted")) == 1


def test_nobody_connects_to_a_denied_target_for_its_key(make_termd, make_sshd):
    sshd = make_sshd()
    termd = make_termd(ASK | {"targets": {"deny": ["127.0.0.0/8"]}}, sshd=sshd, known_hosts="")
    before = connections(sshd)
    place = {"host": "127.0.0.1", "port": sshd.port}

    assert opening(termd, sshd).code == "target_denied"
    assert opening(termd, sshd, host_key=sshd.fingerprint()).code == "target_denied"
    assert termd.api("POST", "/v1/hosts/scan", place).code == "target_denied"
    assert termd.api("POST", "/v1/hosts", place | {"fingerprint": sshd.fingerprint()}).code == "target_denied"

    assert connections(sshd) == before


def test_nobody_is_connected_to_for_an_opening_that_a_limit_refuses(make_termd, make_sshd):
    sshd = make_sshd()
    config = ASK | {"sessions": {"max_per_user": 1}, "commands": {"sleeps": {"argv": ["/bin/sleep", "1000"]}}}
    termd = make_termd(config, sshd=sshd, known_hosts="")
    termd.open("--command", "sleeps")
    before = connections(sshd)

    assert opening(termd, sshd).code == "user_limit"

    assert connections(sshd) == before


@pytest.mark.parametrize(
    "method, target, body, field",
    [
        ("POST", "/v1/hosts", {"host": "db1"}, "fingerprint"),
        ("POST", "/v1/hosts", {"host": "db1", "fingerprint": "MD5:00:11"}, "fingerprint"),
        ("POST", "/v1/hosts", {"host": "-oProxyCommand=id", "fingerprint": "SHA256:" + "A" * 43}, "host"),
        ("POST", "/v1/hosts/scan", {"host": "db1", "port": 0}, "port"),
        ("POST", "/v1/hosts/scan", {"host": "bücher.example"}, "host"),
        ("POST", "/v1/hosts/scan", {}, "host"),
        ("DELETE", "/v1/hosts/a%20b", None, "host"),
        ("DELETE", "/v1/hosts/db1?port=99999", None, "port"),
        ("POST", "/v1/sessions", {"host": "db1", "host_key": "SHA256:short"}, "host_key"),
        ("POST", "/v1/sessions", {"command": "sleeps", "host_key": "SHA256:" + "A" * 43}, "host_key"),
        ("POST", "/v1/sessions", {"host": "bücher.example"}, "host"),
    ],
)
def test_bad_input_names_its_field(make_termd, method, target, body, field):
    termd = make_termd({"commands": {"sleeps": {"argv": ["/bin/sleep", "1000"]}}})

    answer = termd.api(method, target, body)

    assert (answer.status, answer.code) == (400, "invalid_request"), answer.body
    assert field in [error["field"] for error in answer.json()["errors"]]
    if body and "ü" in body.get("host", ""):
        assert "punycode" in answer.json()["errors"][0]["problem"]


def test_the_file_is_replaced_as_a_whole_and_stays_private(make_termd, sshd):
    termd = make_termd(ASK, known_hosts="# ours\n")
    file = termd.state / "known_hosts"
    file.chmod(0o600)
    before = file.stat().st_ino

    assert termd.ctl("host", "trust", f"127.0.0.1:{sshd.port}", sshd.fingerprint()).code == 0

    assert file.stat().st_ino != before and file.stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in termd.state.glob("known_hosts*")) == ["known_hosts"]


def test_a_fingerprint_is_what_ssh_keygen_says(make_termd, three_keys):
    termd = make_termd(ASK, sshd=three_keys, known_hosts="".join(three_keys.known_hosts(type) for type in TYPES))

    listed = [row["fingerprint"] for row in termd.ctl_json("host", "ls")["hosts"]]

    assert listed == [sshds.fingerprint(three_keys.root / f"host_key_{type}.pub") for type in TYPES]


def test_those_who_follow_the_events_hear_who_trusted_what(make_termd, sshd):
    from support.event_stream import EventStream

    termd = make_termd(ASK, known_hosts="")
    with EventStream(termd.socket) as events:
        assert termd.ctl("host", "trust", f"127.0.0.1:{sshd.port}", sshd.fingerprint()).code == 0
        trusted = events.wait_for("host.trusted")
        assert termd.ctl("host", "forget", f"127.0.0.1:{sshd.port}").code == 0
        forgotten = events.wait_for("host.forgotten")

    assert (trusted.data["by"], trusted.data["how"], trusted.data["fingerprint"]) == ("root", "operator", sshd.fingerprint())
    assert forgotten.data["fingerprint"] == sshd.fingerprint()
    wait_until(lambda: len(on_record(termd, "host.*")) == 2, 10, "both on record")
