// The host keys that termd trusts.
#include <array>
#include <boost/json.hpp>

#include "cli/commands/table.hpp"
#include "cli/console.hpp"
#include "cli/target.hpp"
#include "cli/url.hpp"
#include "common/text.hpp"

namespace termd::cli {
namespace {

constexpr parameter host_parameter{"HOST", "HOST[:PORT]", "a name or an address; port 22 unless said",
                                   takes::one, true, check_not_empty};
constexpr std::array one_host{host_parameter};
constexpr std::array host_and_key{
    host_parameter,
    parameter{"FINGERPRINT", "FINGERPRINT", "of the host's key: SHA256:…, as ssh-keygen -l prints it",
              takes::one, true, check_not_empty},
};

outcome<target> host_in(const console& c) {
    const auto text = c.given().value("HOST").value_or("");
    auto out = parse_target(text);
    if (out && out->login)
        return failure{exit_code::usage, "\"" + escape_untrusted(text) +
                                             "\" has a login – a host's key is the same for all"};
    return out;
}

boost::json::object body_for(const target& host) {
    boost::json::object out;
    out["host"] = host.host;
    if (host.port) out["port"] = *host.port;
    return out;
}

subject about(const console& c) {
    return {c.given().value("HOST").value_or("")};
}

exit_code ask_and_print(const console& c, const question& what, renderer table) {
    const auto answered = c.ask(what, about(c));
    return answered ? c.print(*answered, table) : c.refuse(answered.error());
}

exit_code run_ls(console& c) { return c.ask_and_print({"GET", "/v1/hosts"}, host_table); }

exit_code run_scan(console& c) {
    const auto host = host_in(c);
    if (!host) return c.refuse(host.error());
    return ask_and_print(c, {"POST", "/v1/hosts/scan", boost::json::serialize(body_for(*host))},
                         scanned_table);
}

exit_code run_trust(console& c) {
    const auto host = host_in(c);
    if (!host) return c.refuse(host.error());
    auto body = body_for(*host);
    body["fingerprint"] = c.given().value("FINGERPRINT").value_or("");
    return ask_and_print(c, {"POST", "/v1/hosts", boost::json::serialize(body)}, trusted_line);
}

exit_code run_forget(console& c) {
    const auto host = host_in(c);
    if (!host) return c.refuse(host.error());
    auto where = "/v1/hosts/" + percent_encode(host->host);
    if (host->port) add_query(where, "port", std::to_string(*host->port));
    return ask_and_print(c, {"DELETE", where}, forgotten_lines);
}

}  // namespace

constinit const command host_ls_command{"host ls", "the host keys that termd trusts", {}, quick,
                                        run_ls};
constinit const command host_scan_command{"host scan", "the keys that a host shows now", one_host,
                                          patient, run_scan};
constinit const command host_trust_command{"host trust", "trust a key that a host shows",
                                           host_and_key, patient, run_trust};
constinit const command host_forget_command{"host forget", "trust the keys of a host no longer",
                                            one_host, quick, run_forget};

}  // namespace termd::cli
