#include "cli/console.hpp"

#include <unistd.h>

#include <boost/json.hpp>
#include <cstdlib>
#include <ostream>

#include "common/text.hpp"

namespace termd::cli {
namespace {

namespace json = boost::json;

std::string with_newline(const std::string& body) {
    return body.ends_with('\n') ? body : body + "\n";
}

}  // namespace

outcome<json::value> json_of(const answer& a) {
    json::error_code bad;
    auto value = json::parse(a.body, bad);
    if (!bad && a.content_type == "application/json") return value;
    return failure{exit_code::refused,
                   "the answer is no JSON – is this really termd's control socket (--socket)?"};
}

bool console::err_is_terminal() const {
    const char* kind = std::getenv("TERM");
    return ::isatty(STDERR_FILENO) == 1 && std::string_view(kind ? kind : "dumb") != "dumb";
}

look console::how() const {
    auto out = how_;
    out.now = std::chrono::floor<milliseconds>(std::chrono::system_clock::now());
    return out;
}

outcome<answer> console::ask(const question& what, const subject& about,
                             std::function<void()> tick) const {
    return ask_at(call_.set.socket, what, about, std::move(tick));
}

outcome<answer> console::ask_at(const std::string& socket, const question& what,
                                const subject& about, std::function<void()> tick) const {
    auto reply = cli::ask(socket, what, call_.set.timeout, std::move(tick));
    if (reply && (reply->status < 200 || reply->status > 299)) return failure_from(*reply, about);
    return reply;
}

exit_code console::print(const answer& a, renderer table, renderer ids) const {
    const auto value = json_of(a);
    if (!value) return refuse(value.error());
    if (call_.set.format == output_format::json) {
        out_ << with_newline(a.body);
        return exit_code::done;
    }
    const auto render = call_.set.format == output_format::id ? ids : table;
    if (render == nullptr)
        return refuse({exit_code::usage, "there is no id to print – use -o table or -o json"});
    const auto text = render(*value, how());
    if (!text) return refuse(text.error());
    out_ << *text;
    return exit_code::done;
}

exit_code console::done(const answer& a) const {
    if (call_.set.format == output_format::json && !a.body.empty()) out_ << with_newline(a.body);
    return exit_code::done;
}

exit_code console::ask_and_print(const question& what, renderer table, renderer ids) const {
    const auto reply = ask(what);
    return reply ? print(*reply, table, ids) : refuse(reply.error());
}

exit_code console::refuse(const failure& f, std::string_view about) const {
    out_.flush();  // in the order in which things happened, also when both are one file
    const auto prefix = about.empty() ? std::string() : escape_untrusted(about) + ": ";
    err_ << to_text({f.exit, prefix + f.text, f.below});
    return f.exit;
}

}  // namespace termd::cli
