#include <array>
#include <boost/json.hpp>
#include <ostream>

#include "cli/commands/table.hpp"
#include "cli/console.hpp"
#include "cli/new_lines.hpp"
#include "cli/url.hpp"
#include "cli/waiting.hpp"

namespace termd::cli {
namespace {

constexpr std::array parameters{
    parameter{"ID", "ID", "a session's id, or as much of its beginning as is unique", takes::one,
              true, check_not_empty},
    parameter{"-f,--follow", "", "go on with what comes, until the session ends", takes::nothing},
};

constexpr std::chrono::seconds between_looks{1};

question log_of(const console& c) {
    return {"GET", session_target(c.given().value("ID").value_or("")) + "/log"};
}

// Prints what has come since `before`, which becomes what is there now.
exit_code print_news(const console& c, answer log, boost::json::array& before) {
    auto value = json_of(log);
    if (!value) return c.refuse(value.error());
    auto* lines = value->is_object() ? value->get_object().if_contains("lines") : nullptr;
    if (lines != nullptr && lines->is_array()) {
        auto now = lines->get_array();
        *lines = new_lines(before, now);
        before = std::move(now);
        if (lines->get_array().empty()) return exit_code::done;
    }
    log.body = boost::json::serialize(*value);
    return c.print(log, log_lines);
}

exit_code follow(const console& c) {
    boost::json::array before;
    bool first = true;
    watch signals;
    while (true) {
        const auto log = c.ask(log_of(c));
        const bool over = !log && log.error().exit == exit_code::no_such_session;
        if (over && !first) return exit_code::done;
        if (!log) return c.refuse(log.error());
        if (const auto code = print_news(c, *log, before); code != exit_code::done) return code;
        c.out().flush();
        first = false;
        if (signals.wait(-1, false, between_looks).ended || !c.out()) return exit_code::done;
    }
}

exit_code run(console& c) {
    return c.given().has("--follow") ? follow(c) : c.ask_and_print(log_of(c), log_lines);
}

}  // namespace

constinit const command log_command{
    "log", "show the last lines that ttyd and ssh wrote about themselves", parameters, quick, run};

}  // namespace termd::cli
