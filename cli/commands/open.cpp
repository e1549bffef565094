#include <array>
#include <boost/json.hpp>

#include "cli/commands/table.hpp"
#include "cli/console.hpp"
#include "cli/open_request.hpp"
#include "cli/progress.hpp"
#include "common/text.hpp"

namespace termd::cli {
namespace {

constexpr std::array parameters{
    parameter{"TARGET", "[LOGIN@]HOST[:PORT]", "where to log in"},
    parameter{"--command", "NAME", "run this configured command instead of ssh"},
    parameter{"--user", "U", "whose session it is; you when not given"},
    parameter{"--mode", "M", "sessions of different modes are never shared"},
    parameter{"--title", "T", "what the browser's tab is called"},
    parameter{"--ttl", "D", "its longest life: 30m, 8h", takes::one, false, check_duration},
    parameter{"--idle", "D", "end it after so long without a keystroke", takes::one, false,
              check_duration},
    parameter{"--label", "K=V", "a label; may be repeated", takes::many, false, check_pair},
    parameter{"--no-reuse", "", "a new session, even when one is running", takes::nothing},
    parameter{"--no-wait", "", "do not wait until it is ready", takes::nothing},
    parameter{"--trust", "FINGERPRINT", "accept the host key with this fingerprint"},
};

// "HOST" or "HOST:PORT" as `termctl host trust` takes it; the login says nothing about the host.
subject about(const arguments& given) {
    const auto text = given.value("TARGET").value_or("");
    return {text.substr(text.rfind('@') + 1), given.value("--command").value_or("")};
}

std::string waiting_for(const arguments& given) {
    const auto command = given.value("--command");
    const auto what = escape_untrusted(command.value_or(about(given).host));
    return "opening " + what + ": waiting for " + (command ? "it" : "the login") + " and for ttyd";
}

exit_code run(console& c) {
    const auto body = open_request(c.given());
    if (!body) return c.refuse(body.error());
    progress_line progress(c.err(), c.err_is_terminal(), waiting_for(c.given()));
    const auto opened = c.ask({"POST", "/v1/sessions", boost::json::serialize(*body)},
                              about(c.given()), progress.ticker());
    progress.clear();
    return opened ? c.print(*opened, url_line, session_id_line) : c.refuse(opened.error());
}

}  // namespace

constinit const command open_command{"open", "open a session and print the URL of its terminal",
                                     parameters, patient, run};

}  // namespace termd::cli
