// The lines are what OpenSSH 9.2p1 (Debian 12) wrote with -E at LogLevel=VERBOSE, one provoked
// situation each; only names, ports and fingerprints were changed.
#include "protocol/ssh_log.hpp"

#include <doctest/doctest.h>

#include <initializer_list>
#include <string>

using namespace termd::protocol;

namespace {

void all_mean(ssh_event wanted, std::initializer_list<const char*> lines) {
    for (const char* line : lines)
        CHECK_MESSAGE(classify_ssh_line(line) == wanted, std::string(line));
}

}  // namespace

TEST_CASE("ssh says that it has logged in") {
    all_mean(ssh_event::authenticated,
             {"Authenticated to 127.0.0.1 ([127.0.0.1]:21440) using \"publickey\".",
              "Authenticated to db1.example.org ([2001:db8::1]:22) using \"keyboard-interactive\".",
              "Authenticated to web (via proxy) using \"password\"."});
}

TEST_CASE("ssh says that nobody knows the host's key") {
    all_mean(ssh_event::host_unknown,
             {"No ED25519 host key is known for [127.0.0.1]:21440 and you have requested strict "
              "checking.",
              "No RSA host key is known for web and you have requested strict checking.",
              "Host key verification failed."});
}

TEST_CASE("ssh says that the host's key has changed") {
    all_mean(ssh_event::host_changed,
             {"@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @"});
}

TEST_CASE("ssh says that its key was refused") {
    all_mean(ssh_event::permission_denied,
             {"root@127.0.0.1: Permission denied (publickey).",
              "automation@db1: Permission denied (publickey,password,keyboard-interactive).",
              "Received disconnect from 127.0.0.1 port 21440:2: Too many authentication failures"});
}

TEST_CASE("ssh says that it does not reach the host") {
    all_mean(ssh_event::unreachable,
             {"ssh: connect to host 127.0.0.1 port 20940: Connection refused",
              "ssh: connect to host 10.0.0.1 port 22: No route to host",
              "ssh: Could not resolve hostname no-such-host.invalid: Name or service not known",
              "kex_exchange_identification: read: Connection reset by peer",
              "kex_exchange_identification: Connection closed by remote host",
              "Connection closed by 127.0.0.1 port 35831",
              "Connection reset by 127.0.0.1 port 50207",
              "ssh_dispatch_run_fatal: Connection to 127.0.0.1 port 47889: Broken pipe"});
}

TEST_CASE("ssh says that nobody answered in time") {
    all_mean(ssh_event::timed_out, {"ssh: connect to host 10.0.0.1 port 22: Connection timed out",
                                    "Connection timed out during banner exchange",
                                    "Connection to 127.0.0.1 port 57099 timed out",
                                    "Timeout, server 127.0.0.1 not responding."});
}

TEST_CASE("statistics are chatter") {
    all_mean(ssh_event::chatter, {"Transferred: sent 3532, received 3332 bytes, in 0.0 seconds",
                                  "Bytes per second: sent 71516.0, received 67466.4"});
}

TEST_CASE("what decides nothing is something else") {
    all_mean(
        ssh_event::other,
        {"", "@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@",
         "IT IS POSSIBLE THAT SOMEONE IS DOING SOMETHING NASTY!",
         "The fingerprint for the ED25519 key sent by the remote host is",
         "Offending ED25519 key in /tmp/kh:1", "Disconnected from 127.0.0.1 port 21440",
         "no such identity: /nonexistent/key: No such file or directory",
         "Warning: Permanently added '[127.0.0.1]:2222' (ED25519) to the list of known hosts."});
}

TEST_CASE("words of the other side inside a line are not ssh's own") {
    // sshd's disconnect message, which ssh repeats behind its own words.
    all_mean(ssh_event::other,
             {"Received disconnect from 127.0.0.1 port 22:2: Authenticated to db1 ([::1]:22)",
              "Received disconnect from 127.0.0.1 port 22:2: Host key verification failed.",
              "Received disconnect from 127.0.0.1 port 22:2: Transferred: sent"});
}
