#include "supervisor/model/requests.hpp"

#include <algorithm>

#include "common/text.hpp"
#include "supervisor/model/grammar.hpp"
#include "supervisor/model/known_hosts.hpp"

namespace termd::model {
namespace {

constexpr std::size_t longest_title = 128;
constexpr std::size_t longest_label = 256;
constexpr std::size_t most_labels = 32;

class problem_list {
  public:
    void unless(bool holds, std::string field, std::string problem) {
        if (!holds) problems_.push_back({std::move(field), std::move(problem)});
    }
    bool empty() const { return problems_.empty(); }
    error take() { return {errc::invalid_request, "", std::move(problems_)}; }

  private:
    std::vector<field_problem> problems_;
};

bool needs_host(const std::string& command, const config& settings) {
    const auto named = settings.commands.find(command);
    if (named == settings.commands.end()) return command == "ssh";
    const auto& argv = named->second.argv;
    return std::find(argv.begin(), argv.end(), "{host}") != argv.end();
}

void check_target(const open_request& r, const config& settings, problem_list& problems) {
    const bool is_ssh = r.command == "ssh";
    problems.unless(is_ssh || settings.commands.contains(r.command), "command",
                    "there is no [commands." + escape_untrusted(r.command, 64) + "]");
    problems.unless(!r.host.empty() || !needs_host(r.command, settings), "host", "is missing");
    const auto wrong = r.host.empty() ? std::string_view() : host_problem(r.host);
    problems.unless(wrong.empty(), "host", std::string(wrong));
    problems.unless(!r.host_key || is_fingerprint(*r.host_key), "host_key",
                    "is not a fingerprint as ssh-keygen -l prints it (SHA256:…)");
    problems.unless(!r.host_key || is_ssh, "host_key", "is only for ssh");
    problems.unless(is_login(r.login), "login", "is not a valid login name");
    problems.unless(r.port >= 1 && r.port <= 65535, "port", "must be from 1 to 65535");
}

void check_labels(const open_request& r, problem_list& problems) {
    problems.unless(r.labels.size() <= most_labels, "labels", "are too many (at most 32)");
    for (const auto& [name, value] : r.labels)
        problems.unless(is_label_name(name) && is_plain_text(value, longest_label), "labels",
                        "must be short names with plain text");
}

}  // namespace

result<open_request> check(open_request r, const config& settings) {
    problem_list problems;
    if (r.login.empty()) r.login = settings.ssh.login;
    problems.unless(is_user(r.user), "user", "is not a valid user name");
    check_target(r, settings, problems);
    check_labels(r, problems);
    problems.unless(is_label_name(r.mode), "mode", "must be a short word");
    problems.unless(is_plain_text(r.title, longest_title), "title",
                    "must be plain text of at most 128 bytes");
    const auto most = settings.sessions.ttl_max;
    problems.unless(!r.ttl || most == milliseconds{0} ||
                        (*r.ttl != milliseconds{0} && *r.ttl <= most),
                    "ttl", "is longer than sessions.ttl_max (" + format_duration(most) + ")");
    if (!problems.empty()) return problems.take();
    return r;
}

}  // namespace termd::model
