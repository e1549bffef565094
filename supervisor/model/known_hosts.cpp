#include "supervisor/model/known_hosts.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

#include "common/base64.hpp"
#include "common/digest.hpp"

namespace termd::model {
namespace {

constexpr std::string_view fingerprint_prefix = "SHA256:";

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string in_lower_case(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), lower);
    return out;
}

// Calls with each line, without its end.
template <class Use>
void for_each_line(std::string_view text, Use use) {
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        use(text.substr(0, end));
        text.remove_prefix(std::min(text.size(), end + 1));
    }
}

std::string_view next_word(std::string_view& text) {
    constexpr std::string_view blanks = " \t";
    text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
    const auto word = text.substr(0, text.find_first_of(blanks));
    text.remove_prefix(word.size());
    return word;
}

// The blob begins with the name of its type, as a string with its length in front (RFC 4253 §6.6).
bool begins_with_type(const std::vector<std::uint8_t>& blob, std::string_view type) {
    if (blob.size() < 4 + type.size()) return false;
    const std::size_t length = std::size_t{blob[0]} << 24 | std::size_t{blob[1]} << 16 |
                               std::size_t{blob[2]} << 8 | blob[3];
    return length == type.size() && std::equal(type.begin(), type.end(), blob.begin() + 4);
}

std::optional<known_host> read_line(std::string_view line) {
    known_host out;
    out.line = line;
    if (line.ends_with('\r')) line.remove_suffix(1);
    auto word = next_word(line);
    if (word.empty() || word.front() == '#') return std::nullopt;
    if (word.front() == '@') {
        if (word != "@cert-authority" && word != "@revoked") return std::nullopt;
        out.mark = word == "@revoked" ? key_mark::revoked : key_mark::cert_authority;
        word = next_word(line);
    }
    out.names = word;
    const auto type = next_word(line);
    auto key = read_host_key(type, next_word(line));
    if (!key) return std::nullopt;
    out.key = std::move(*key);
    return out;
}

// As ssh's own HostKeyAlgorithms go (ssh_config(5)).
std::size_t rank(const std::string& type) {
    constexpr std::array<std::string_view, 5> order{"ssh-ed25519", "ecdsa-sha2-nistp256",
                                                    "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521",
                                                    "ssh-rsa"};
    return static_cast<std::size_t>(std::find(order.begin(), order.end(), type) - order.begin());
}

// What is left of "a,b,c" without `name`; a hashed name stands alone and is the one that was found.
std::string names_without(std::string_view names, std::string_view name) {
    if (names.starts_with('|')) return {};
    std::string out;
    while (!names.empty()) {
        const auto one = names.substr(0, names.find(','));
        names.remove_prefix(std::min(names.size(), one.size() + 1));
        if (in_lower_case(one) == name) continue;
        out.append(out.empty() ? "" : ",").append(one);
    }
    return out;
}

std::string with_names(const known_host& entry, const std::string& names) {
    const auto at = entry.line.find(entry.names);
    return entry.line.substr(0, at) + names + entry.line.substr(at + entry.names.size());
}

}  // namespace

std::optional<host_key> read_host_key(std::string_view type, std::string_view blob) {
    const auto bytes = from_base64(blob);
    if (type.empty() || !bytes || !begins_with_type(*bytes, type)) return std::nullopt;
    const std::string_view content(reinterpret_cast<const char*>(bytes->data()), bytes->size());
    return host_key{std::string(type), std::string(blob),
                    std::string(fingerprint_prefix) + to_base64(sha256(content))};
}

bool is_fingerprint(std::string_view text) {
    if (!text.starts_with(fingerprint_prefix)) return false;
    const auto bytes = from_base64(text.substr(fingerprint_prefix.size()));
    return text.find('=') == std::string_view::npos && bytes && bytes->size() == digest{}.size();
}

std::string known_name(const std::string& host, int port) {
    auto name = in_lower_case(host);
    const auto zone = std::min(host.find('%'), host.size());
    in6_addr address{};
    std::array<char, INET6_ADDRSTRLEN> shortest{};
    if (::inet_pton(AF_INET6, host.substr(0, zone).c_str(), &address) == 1 &&
        ::inet_ntop(AF_INET6, &address, shortest.data(), shortest.size()) != nullptr)
        name = shortest.data() + host.substr(zone);
    return port == 22 ? name : "[" + name + "]:" + std::to_string(port);
}

std::vector<known_host> read_known_hosts(std::string_view text) {
    std::vector<known_host> out;
    for_each_line(text, [&](std::string_view line) {
        if (auto entry = read_line(line)) out.push_back(std::move(*entry));
    });
    return out;
}

std::vector<host_key> read_offered_keys(std::string_view text) {
    std::vector<host_key> out;
    for (auto& entry : read_known_hosts(text))
        if (entry.mark == key_mark::none &&
            std::find(out.begin(), out.end(), entry.key) == out.end())
            out.push_back(std::move(entry.key));
    std::stable_sort(out.begin(), out.end(), [](const host_key& a, const host_key& b) {
        return rank(a.type) < rank(b.type);
    });
    return out;
}

std::string with_key(const std::string& text, const std::string& name, const host_key& key) {
    const std::string wanted = name + " " + key.type + " " + key.blob;
    bool there = false;
    for_each_line(text, [&](std::string_view line) { there = there || line == wanted; });
    if (there) return text;
    return text + (text.empty() || text.ends_with('\n') ? "" : "\n") + wanted + "\n";
}

without_name forget_name(const std::string& text, const std::string& name,
                         const std::vector<known_host>& found) {
    without_name out;
    for_each_line(text, [&](std::string_view line) {
        const auto at = std::find_if(found.begin(), found.end(),
                                     [&](const known_host& entry) { return entry.line == line; });
        std::string kept(line);
        if (at != found.end()) {
            const auto names = at->mark == key_mark::none ? names_without(at->names, name)
                                                          : at->names;
            if (names == at->names) {
                out.stay.push_back(*at);
            } else {
                out.forgotten.push_back(at->key);
                if (names.empty()) return;
                kept = with_names(*at, names);
            }
        }
        out.text += kept + "\n";
    });
    return out;
}

}  // namespace termd::model
