#include "cli/progress.hpp"

#include <array>
#include <ostream>

#include "cli/fitted.hpp"

namespace termd::cli {
namespace {

constexpr std::array<std::string_view, 10> turns{"⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"};

}  // namespace

std::string progress_text(const std::string& what, std::size_t ticks, std::chrono::seconds since,
                          int columns) {
    const auto all = std::string(turns[ticks % turns.size()]) + " " + what + " (" +
                     std::to_string(since.count()) + " s)";
    auto line = fitted(all, {columns - 1, 1});  // the cursor needs the last column
    line.pop_back();
    return line;
}

progress_line::progress_line(std::ostream& err, bool terminal, std::string what)
    : err_(err),
      terminal_(terminal),
      what_(std::move(what)),
      started_(std::chrono::steady_clock::now()) {}

std::function<void()> progress_line::ticker() {
    if (!terminal_) return nullptr;
    return [this] { tick(); };
}

void progress_line::tick() {
    const auto since =
        std::chrono::floor<std::chrono::seconds>(std::chrono::steady_clock::now() - started_);
    const auto columns = size_of_screen().columns;
    err_ << "\r" << progress_text(what_, ticks_++, since, columns) << "\x1b[K" << std::flush;
}

void progress_line::clear() {
    if (ticks_ > 0) err_ << "\r\x1b[K" << std::flush;
    ticks_ = 0;
}

}  // namespace termd::cli
