#include "supervisor/model/known_hosts.hpp"

#include <doctest/doctest.h>

#include "host_keys.hpp"

using namespace termd;
using namespace termd::model;
using namespace termd::test;

TEST_CASE("a key has the fingerprint that ssh-keygen -l gives it") {
    const auto key = read_host_key("ssh-ed25519",
                                   "AAAAC3NzaC1lZDI1NTE5AAAAIHd5nixH0zwz77YGdK+69oq4CJrW5RLtnC0fhBIdPTAN");
    REQUIRE(key);
    CHECK(key->fingerprint == "SHA256:Rro9QasO3S0fCNSjWmmqQhS08VlLUncEtFeC9M0HjAA");
    CHECK(is_fingerprint(key->fingerprint));
}

TEST_CASE("what is no key of its type is none") {
    CHECK_FALSE(read_host_key("ssh-rsa", ed25519(1).blob));
    CHECK_FALSE(read_host_key("", ed25519(1).blob));
    CHECK_FALSE(read_host_key("ssh-ed25519", ""));
    CHECK_FALSE(read_host_key("ssh-ed25519", "AAAA"));
    CHECK_FALSE(read_host_key("ssh-ed25519", "not base 64"));
}

TEST_CASE("a fingerprint is of SHA-256, in base 64 without padding") {
    const auto good = ed25519(1).fingerprint;
    for (const std::string& text :
         {std::string(), std::string("SHA256:"), good + "=", good + "A", good.substr(0, 49),
          "MD5:" + good.substr(7), good.substr(7), " " + good, good + "\n"})
        CHECK_MESSAGE(!is_fingerprint(text), text);
}

TEST_CASE("a host is looked up as ssh looks it up") {
    CHECK(known_name("db1", 22) == "db1");
    CHECK(known_name("DB1.Example.org", 22) == "db1.example.org");
    CHECK(known_name("db1", 2222) == "[db1]:2222");
    CHECK(known_name("10.0.0.5", 2222) == "[10.0.0.5]:2222");
    CHECK(known_name("2001:DB8:0:0::1", 22) == "2001:db8::1");
    CHECK(known_name("2001:db8::1", 2222) == "[2001:db8::1]:2222");
    CHECK(known_name("FE80:0:0:0:0:0:0:1%eth0", 22) == "fe80::1%eth0");
}

TEST_CASE("lines are taken apart; what is none is passed over") {
    const auto a = ed25519(1), b = rsa(1);
    const auto entries = read_known_hosts("# a comment\n\n" + line("db1,10.0.0.5", a) + " me@here\n" +
                                          "@cert-authority\t*.example.org " + b.type + " " + b.blob +
                                          "\n@revoked * " + b.type + " " + b.blob + "\r\n" +
                                          "@unheard-of * " + b.type + " " + b.blob + "\n" +
                                          "db2 ssh-ed25519 broken\ndb3\n|1|salt|hash " + a.type + " " +
                                          a.blob);
    REQUIRE(entries.size() == 4);
    CHECK(entries[0].names == "db1,10.0.0.5");
    CHECK(entries[0].key == a);
    CHECK(entries[0].mark == key_mark::none);
    CHECK(entries[1].mark == key_mark::cert_authority);
    CHECK(entries[1].names == "*.example.org");
    CHECK(entries[2].mark == key_mark::revoked);
    CHECK(entries[3].names == "|1|salt|hash");
}

TEST_CASE("offered keys come in the order in which ssh would take them, each once") {
    const auto text = "# db1:22 SSH-2.0-OpenSSH_9.2\n" + line("db1", rsa(1)) + "\n" +
                      line("db1", ed25519(1)) + "\n" + line("db1", rsa(1)) + "\n";
    const auto keys = read_offered_keys(text);
    REQUIRE(keys.size() == 2);
    CHECK(keys[0] == ed25519(1));
    CHECK(keys[1] == rsa(1));
}

TEST_CASE("a key is added on a line of its own, once, and everything else stays") {
    const std::string before = "# mine\n*.lab " + rsa(1).type + " " + rsa(1).blob + "  # no end";
    const auto after = with_key(before, "db1", ed25519(1));
    CHECK(after == before + "\n" + line("db1", ed25519(1)) + "\n");
    CHECK(with_key(after, "db1", ed25519(1)) == after);
    CHECK(with_key("", "db1", ed25519(1)) == line("db1", ed25519(1)) + "\n");
}

namespace {

// As if ssh-keygen -F had found these lines.
without_name forget(const std::string& text, const std::string& name, const std::string& found) {
    return forget_name(text, name, read_known_hosts(found));
}

}  // namespace

TEST_CASE("a forgotten name goes, with its line when it stands alone") {
    const auto one = line("db1", ed25519(1)), many = line("DB1,10.0.0.5,db2", rsa(1)) + " comment",
               hashed = line("|1|salt|hash", ed25519(2)), other = line("db2", ed25519(3));
    const auto text = "# top\n" + one + "\n" + many + "\n" + hashed + "\n" + other + "\n";
    const auto done = forget(text, "db1", one + "\n" + many + "\n" + hashed + "\n");
    CHECK(done.text == "# top\n" + line("10.0.0.5,db2", rsa(1)) + " comment\n" + other + "\n");
    CHECK(done.forgotten.size() == 3);
    CHECK(done.stay.empty());
}

TEST_CASE("a pattern, an authority and a revocation are not forgotten with a host") {
    const auto pattern = line("*.lab", ed25519(1));
    const auto authority = "@cert-authority " + line("db1.lab", rsa(1));
    const auto revoked = "@revoked " + line("db1.lab", rsa(2));
    const auto text = pattern + "\n" + authority + "\n" + revoked + "\n";
    const auto done = forget(text, "db1.lab", text);
    CHECK(done.text == text);
    CHECK(done.forgotten.empty());
    CHECK(done.stay.size() == 3);
}

TEST_CASE("a line that has changed since it was found is not forgotten") {
    const auto text = line("db1", ed25519(1)) + "\n";
    const auto done = forget(text, "db1", line("db1", ed25519(2)) + "\n");
    CHECK(done.text == text);
    CHECK(done.forgotten.empty());
}
