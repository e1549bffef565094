#include "cli/program.hpp"

#include <sys/wait.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/readable_pipe.hpp>
#include <boost/process/v2.hpp>
#include <boost/process/v2/stdio.hpp>

#include "common/text.hpp"

namespace termd::cli {
namespace {

namespace asio = boost::asio;
namespace process = boost::process::v2;

constexpr std::size_t most_output = 1U << 20;

void collect(asio::readable_pipe& pipe, std::string& into) {
    asio::async_read(pipe, asio::dynamic_buffer(into, most_output),
                     [](boost::system::error_code, std::size_t) {});
}

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
        collect(output, end.output);
        collect(errors, end.errors);
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
