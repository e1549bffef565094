#include "cli/open_request.hpp"

#include <array>
#include <boost/json.hpp>

#include "cli/target.hpp"
#include "common/text.hpp"

namespace termd::cli {
namespace {

namespace json = boost::json;

struct text_field {
    std::string_view parameter, field;
};

constexpr std::array text_fields{
    text_field{"--command", "command"}, text_field{"--user", "user"},
    text_field{"--mode", "mode"},       text_field{"--title", "title"},
    text_field{"--ttl", "ttl"},         text_field{"--idle", "idle_timeout"},
    text_field{"--trust", "host_key"},
};

outcome<void> add_target(json::object& body, const arguments& given) {
    const auto text = given.value("TARGET");
    if (!text && given.has("--command")) return {};
    if (!text) return failure{exit_code::usage, "where to? – termctl open [LOGIN@]HOST[:PORT]"};
    const auto where = parse_target(*text);
    if (!where) return where.error();
    body["host"] = where->host;
    if (where->login) body["login"] = *where->login;
    if (where->port) body["port"] = *where->port;
    return {};
}

outcome<void> add_labels(json::object& body, const arguments& given) {
    json::object labels;
    for (const auto& pair : given.values("--label")) {
        const auto key = pair.substr(0, pair.find('='));
        if (labels.contains(key))
            return failure{exit_code::usage,
                           "the label " + escape_untrusted(key) + " is given twice – give it once"};
        labels[key] = pair.substr(key.size() + 1);
    }
    if (!labels.empty()) body["labels"] = std::move(labels);
    return {};
}

}  // namespace

outcome<json::object> open_request(const arguments& given) {
    json::object body;
    if (auto added = add_target(body, given); !added) return added.error();
    for (const auto& row : text_fields)
        if (const auto value = given.value(row.parameter)) body[row.field] = *value;
    if (auto added = add_labels(body, given); !added) return added.error();
    if (given.has("--no-reuse")) body["reuse"] = false;
    if (given.has("--no-wait")) body["wait"] = false;
    return body;
}

}  // namespace termd::cli
