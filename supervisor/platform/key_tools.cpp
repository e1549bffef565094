#include "supervisor/platform/key_tools.hpp"

#include <algorithm>

#include "common/text.hpp"
#include "os/clock.hpp"
#include "supervisor/model/grammar.hpp"

namespace termd::platform {
namespace {

// Each is a process with a few connections.
constexpr std::size_t most_scans = 64;
constexpr milliseconds patience_with_a_file{5'000};

milliseconds left_until(boot_time at) {
    return std::max(milliseconds{1}, std::chrono::ceil<milliseconds>(at - os::boot_now()));
}

// What a tool says last about itself; a line with a "#" is about the host's greeting.
std::string last_words(const std::string& errors) {
    std::string out;
    std::string_view rest = errors;
    while (!rest.empty()) {
        auto line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(rest.size(), line.size() + 1));
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (!line.empty() && line.front() != '#') out = escape_untrusted(line);
    }
    return out;
}

}  // namespace

struct key_tools::scan {
    scan(boost::asio::any_io_executor loop, std::string to, int on, milliseconds for_that_long)
        : host(std::move(to)),
          port(on),
          limit(for_that_long),
          until(os::boot_now() + limit),
          timer(std::move(loop)) {}

    std::string host;
    int port;
    milliseconds limit;
    boot_time until;
    boost::asio::steady_timer timer;  // while it waits
    bool second_try = false;
    std::vector<answer<std::vector<model::host_key>>> askers;

    std::string name() const { return model::known_name(host, port); }
    std::vector<std::string> words() const {
        const auto seconds = std::chrono::ceil<std::chrono::seconds>(limit).count() + 1;
        std::vector<std::string> out{"-t", "ed25519,ecdsa,rsa", "-T", std::to_string(seconds),
                                     "-p", std::to_string(port)};
        if (second_try) out.emplace_back("-4");
        out.insert(out.end(), {"--", host});
        return out;
    }
    // A name may lead to an address where nobody listens, and to another one; ssh-keyscan tries the
    // first one only.
    bool may_try_again() const {
        return !second_try && !model::is_address(host) && host.find(':') == std::string::npos;
    }
    error silence(const tool_end& how) const {
        std::string why = "Connection refused";  // of which ssh-keyscan says nothing
        if (const auto words = last_words(how.errors); !words.empty()) why = words;
        if (how.timed_out) why = "it shows no host key within " + format_duration(limit) + ": timed out";
        return {errc::start_failed,
                "connect to host " + host + " port " + std::to_string(port) + ": " + why};
    }
};

key_tools::key_tools(boost::asio::any_io_executor loop, surroundings tools_have)
    : loop_(std::move(loop)), tools_have_(std::move(tools_have)) {}

key_tools::~key_tools() {
    for (const auto& run : running_) run->abandon();
    for (const auto& one : waiting_) one->timer.cancel();
}

result<void> key_tools::run(const char* program, std::vector<std::string> words,
                            milliseconds limit, std::function<void(tool_end)> ended) {
    tool what;
    what.program = os::find_program(program, tools_have_.path);
    if (what.program.empty())
        return error{errc::start_failed, std::string(program) + " is not there or not executable"};
    what.argv = {program};
    what.argv.insert(what.argv.end(), words.begin(), words.end());
    what.env = tools_have_.env;
    what.descriptor_limit = tools_have_.descriptor_limit;
    // The run does not own itself by way of its callback.
    const auto self = std::make_shared<std::weak_ptr<tool_run>>();
    const auto one =
        std::make_shared<tool_run>(loop_, [this, self, ended = std::move(ended)](tool_end how) {
            running_.erase(self->lock());
            ended(std::move(how));
        });
    *self = one;
    if (const auto started = one->start(what, limit); !started)
        return error{errc::start_failed, started.error().detail};
    running_.insert(one);
    return {};
}

void key_tools::find(const std::string& file, const std::string& name,
                     answer<std::vector<model::known_host>> then) {
    const auto understand = [then](const tool_end& how) {
        // 1: there is none.
        const bool well = !how.timed_out && how.how.exited && how.how.number <= 1;
        if (well) return then(model::read_known_hosts(how.output));
        then(error{errc::internal, "ssh-keygen -F failed: " + last_words(how.errors)});
    };
    const auto started =
        run("ssh-keygen", {"-F", name, "-f", file}, patience_with_a_file, understand);
    if (!started) then(started.error());
}

void key_tools::ask_host(const std::string& host, int port, milliseconds limit,
                         answer<std::vector<model::host_key>> then) {
    auto& one = scans_[model::known_name(host, port)];
    const bool is_new = !one;
    if (is_new) one = std::make_shared<scan>(loop_, host, port, limit);
    one->askers.push_back(std::move(then));
    if (!is_new) return;
    waiting_.push_back(one);
    give_up_at_its_time(one);
    start_waiting();
}

void key_tools::give_up_at_its_time(const scan_ptr& one) {
    one->timer.expires_after(one->limit);
    one->timer.async_wait([this, one](boost::system::error_code cancelled) {
        if (cancelled) return;
        const auto place = std::find(waiting_.begin(), waiting_.end(), one);
        if (place == waiting_.end()) return;
        waiting_.erase(place);
        answer_all(one, error{errc::timeout, "too many other hosts are being asked for their keys"});
    });
}

void key_tools::start_waiting() {
    while (!waiting_.empty() && scanning_ < most_scans) {
        const auto next = waiting_.front();
        waiting_.pop_front();
        next->timer.cancel();
        ++scanning_;
        start(next);
    }
}

void key_tools::start(const scan_ptr& one) {
    const auto started = run("ssh-keyscan", one->words(), left_until(one->until),
                             [this, one](const tool_end& how) { ended(one, how); });
    if (started) return;
    --scanning_;
    answer_all(one, started.error());
}

void key_tools::ended(const scan_ptr& one, const tool_end& how) {
    auto keys = model::read_offered_keys(how.output);
    if (keys.empty() && !how.timed_out && one->may_try_again()) {
        one->second_try = true;
        start(one);
        return start_waiting();  // should that have failed, its place is free
    }
    --scanning_;
    if (keys.empty())
        answer_all(one, one->silence(how));
    else
        answer_all(one, std::move(keys));
    start_waiting();
}

void key_tools::answer_all(const scan_ptr& one,
                           const result<std::vector<model::host_key>>& found) {
    scans_.erase(one->name());
    for (const auto& then : std::exchange(one->askers, {})) then(found);
}

}  // namespace termd::platform
