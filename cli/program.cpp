#include "cli/program.hpp"

#include <sys/wait.h>

#include <algorithm>
#include <array>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/readable_pipe.hpp>
#include <boost/process/v2.hpp>
#include <boost/process/v2/stdio.hpp>

#include "common/text.hpp"

namespace termd::cli {
namespace {

namespace asio = boost::asio;
namespace process = boost::process::v2;

constexpr std::size_t most_output = 1U << 20;

// One end of the program's speech. What is too much is read all the same and dropped: a full pipe
// would stop the program.
class listener {
  public:
    listener(asio::readable_pipe& pipe, std::string& into) : pipe_(pipe), into_(into) { go_on(); }

  private:
    void go_on() {
        pipe_.async_read_some(
            asio::buffer(part_), [this](boost::system::error_code end, std::size_t size) {
                into_.append(part_.data(), std::min(size, most_output - into_.size()));
                if (!end) go_on();
            });
    }

    asio::readable_pipe& pipe_;
    std::string& into_;
    std::array<char, 65536> part_;
};

int code_of(int status) {
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

failure not_started(const std::string& path, const std::string& why) {
    return {exit_code::refused, "cannot run " + escape_untrusted(path, 4096) + ": " + why +
                                    " – is it installed whole?"};
}

failure too_slow(const std::string& path, milliseconds timeout) {
    return {exit_code::timed_out, escape_untrusted(path, 4096) + " did not end within " +
                                      format_duration(timeout) + " – run it by hand"};
}

}  // namespace

outcome<program_end> run_program(const std::string& path, const std::vector<std::string>& arguments,
                                 milliseconds timeout) {
    asio::io_context loop;
    asio::readable_pipe output(loop), errors(loop);
    program_end end;
    try {
        process::process child(loop, path, arguments,
                               process::process_stdio{nullptr, output, errors});
        const listener to_output(output, end.output), to_errors(errors, end.errors);
        // Both pipes at their end, and then the child: a child that lives on without them has
        // nothing more to say and gets what is left of the time.
        bool ended = false;
        child.async_wait([&](boost::system::error_code, int) { ended = true; });
        loop.run_for(timeout);
        if (!ended || !loop.stopped()) {
            child.terminate();
            return too_slow(path, timeout);
        }
        end.code = code_of(child.native_exit_code());
    } catch (const boost::system::system_error& problem) {
        return not_started(path, problem.code().message());
    }
    return end;
}

}  // namespace termd::cli
