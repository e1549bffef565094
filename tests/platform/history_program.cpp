// Writes audit events until it is killed, and says the number of each on its standard output when,
// and not before, it is durable.
//
//     history_program FILE

#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <string>

#include "supervisor/platform/history.hpp"
#include "tests/support/history_rows.hpp"

using namespace termd;

namespace {

struct endless {
    platform::history& into;
    int next = 0;

    void write_one() {
        const int number = ++next;
        into.record(test::event(number), [this, number](const result<void>& durable) {
            const auto line = (durable ? "" : "failed ") + std::to_string(number) + "\n";
            if (::write(1, line.data(), line.size()) < 0) ::_exit(1);
            write_one();
        });
    }
};

}  // namespace

int main(int count, char** arguments) {
    if (count != 2) return 2;
    boost::asio::io_context loop;
    const auto guard = boost::asio::make_work_guard(loop);
    platform::history history(loop.get_executor(), arguments[1], {});
    endless all{history};
    for (int i = 0; i < 20; ++i) all.write_one();
    loop.run();
}
