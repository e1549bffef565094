#include "supervisor/model/host_trust.hpp"

#include <algorithm>

namespace termd::model {
namespace {

bool has(const std::vector<host_key>& keys, const host_key& key) {
    return std::find(keys.begin(), keys.end(), key) != keys.end();
}

bool has(const std::vector<host_key>& keys, const std::string& fingerprint) {
    return std::any_of(keys.begin(), keys.end(),
                       [&](const host_key& key) { return key.fingerprint == fingerprint; });
}

bool have_one_in_common(const std::vector<host_key>& a, const std::vector<host_key>& b) {
    return std::any_of(a.begin(), a.end(), [&](const host_key& key) { return has(b, key); });
}

std::vector<host_key> not_among(std::vector<host_key> keys, const std::vector<host_key>& others) {
    std::erase_if(keys, [&](const host_key& key) { return has(others, key); });
    return keys;
}

bool has_changed(const known_keys& known, const std::vector<host_key>& offered) {
    return !known.plain.empty() && !have_one_in_common(known.plain, offered);
}

void show(error& why, const std::vector<host_key>& keys, key_on_show::kind as) {
    for (const auto& key : keys) why.keys.push_back({as, key.type, key.fingerprint});
}

// What the host shows stands first: programs that expect no more take the first one.
void show_all(error& why, const known_keys& known, const std::vector<host_key>& offered) {
    using kind = key_on_show::kind;
    std::vector<host_key> bad = offered;
    std::erase_if(bad, [&](const host_key& key) { return !has(known.revoked, key); });
    why.keys.clear();
    show(why, not_among(offered, known.revoked), kind::offered);
    show(why, known.plain, kind::known);
    show(why, bad, kind::revoked);
}

error refusal(errc code, std::string words, const known_keys& known,
              const std::vector<host_key>& offered) {
    error out{code, std::move(words)};
    show_all(out, known, offered);
    return out;
}

std::string changed_words(const std::string& name) {
    return "the host key of " + name + " has changed: it shows another one than the known one";
}

std::string unknown_words(const std::string& name) {
    return "the host key of " + name + " is not known";
}

}  // namespace

void add_to(known_keys& known, const std::vector<known_host>& entries) {
    for (const auto& entry : entries) {
        if (entry.mark == key_mark::none) known.plain.push_back(entry.key);
        if (entry.mark == key_mark::revoked) known.revoked.push_back(entry.key);
        if (entry.mark == key_mark::cert_authority) known.authority = true;
    }
}

void add_of_any_port(known_keys& known, const std::vector<known_host>& entries) {
    known_keys others;
    add_to(others, entries);
    known.of_any_port = std::move(others.plain);
    known.authority = known.authority || others.authority;
    for (auto& key : others.revoked)
        if (!has(known.revoked, key)) known.revoked.push_back(std::move(key));
}

result<next_step> judge_known(host_key_policy policy, const known_keys& known,
                              const vouched_for& key, const std::string& name) {
    const bool is_known = key && (has(known.plain, *key) || has(known.of_any_port, *key));
    if (policy == host_key_policy::strict) {
        if (!key || is_known) return next_step::go_on;
        return refusal(errc::host_untrusted,
                       *key + " is not a known key of " + name +
                           ", and only operators may trust it (ssh.host_keys is \"strict\")",
                       known, {});
    }
    if (key) return is_known ? next_step::go_on : next_step::ask_host;
    return known.plain.empty() && !known.authority ? next_step::ask_host : next_step::go_on;
}

result<std::vector<host_key>> judge_offered(host_key_policy policy, const known_keys& known,
                                            const std::vector<host_key>& offered,
                                            const vouched_for& key, const std::string& name) {
    using enum errc;
    const auto usable = not_among(offered, known.revoked);
    if (usable.empty())
        return refusal(host_untrusted, "the host key of " + name + " is revoked", known, offered);
    if (has_changed(known, usable))
        return refusal(host_key_changed, changed_words(name), known, offered);
    if (key) {
        for (const auto& one : usable)
            if (one.fingerprint == *key) return std::vector{one};
        const std::string words = has(known.revoked, *key) ? " is revoked" : " is not among them";
        return refusal(host_untrusted, name + " shows other host keys: " + *key + words, known,
                       offered);
    }
    if (have_one_in_common(known.plain, usable) || have_one_in_common(known.of_any_port, usable))
        return std::vector<host_key>();
    if (policy == host_key_policy::accept_new) return usable;
    return refusal(host_untrusted, unknown_words(name), known, offered);
}

error with_keys(error why, const known_keys& known, const std::vector<host_key>& offered,
                const std::string& name) {
    // Of types that it does not show any more ssh only says that what it shows is not known.
    if (why.code == errc::host_untrusted && has_changed(known, offered)) {
        why.code = errc::host_key_changed;
        why.detail = changed_words(name);
    }
    show_all(why, known, offered);
    return why;
}

}  // namespace termd::model
