// The text of a known_hosts file (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT"), as far as termd has to
// read and write it itself. Which lines are about a host ssh-keygen decides, which knows about
// patterns and hashed names; here lines are taken apart, added and taken out. Lines that are not
// understood stay as they are.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace termd::model {

struct host_key {
    std::string type;         // "ssh-ed25519"
    std::string blob;         // base 64, as in the file
    std::string fingerprint;  // "SHA256:…", as ssh-keygen -l prints it
    bool operator==(const host_key& other) const { return blob == other.blob; }
};

// Nothing when the blob is no key of that type.
std::optional<host_key> read_host_key(std::string_view type, std::string_view blob);

bool is_fingerprint(std::string_view text);  // "SHA256:" and 43 letters of base 64

// How ssh looks a host up: in lower case, an address in its shortest form, "[host]:port" for any
// other port than 22.
std::string known_name(const std::string& host, int port);

enum class key_mark { none, cert_authority, revoked };

struct known_host {
    key_mark mark = key_mark::none;
    std::string names;  // "db1,10.0.0.5", "*.example.org", "|1|…" when hashed
    host_key key;
    std::string line;   // the whole of it, without its end
};

// Of a file, or of what ssh-keygen -F prints. Comments and broken lines are left out.
std::vector<known_host> read_known_hosts(std::string_view text);

// What ssh-keyscan prints: each key once, in the order in which ssh likes their types.
std::vector<host_key> read_offered_keys(std::string_view text);

// The text with one more line, unless it is there already.
std::string with_key(const std::string& text, const std::string& name, const host_key& key);

// The text without `name`, as far as `found` (what ssh-keygen -F says of it) has lines with it: a
// line with other names keeps those. What knows it by a pattern, or has a mark, stays.
struct without_name {
    std::string text;
    std::vector<host_key> forgotten;
    std::vector<known_host> stay;
};
without_name forget_name(const std::string& text, const std::string& name,
                         const std::vector<known_host>& found);

}  // namespace termd::model
