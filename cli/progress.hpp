// "Something is being done", for somebody who waits at a terminal. Nothing when standard error is
// none, so that a log has no trace of it.
#pragma once

#include <chrono>
#include <functional>
#include <iosfwd>
#include <string>

namespace termd::cli {

class progress_line {
  public:
    // `what`: safe to print. Nothing is shown before the first tick.
    progress_line(std::ostream& err, bool terminal, std::string what);
    ~progress_line() { clear(); }
    progress_line(const progress_line&) = delete;
    progress_line& operator=(const progress_line&) = delete;

    // To be called about ten times a second; empty when nothing is to be shown.
    std::function<void()> ticker();
    void clear();

  private:
    void tick();

    std::ostream& err_;
    bool terminal_;
    std::string what_;
    std::chrono::steady_clock::time_point started_;
    std::size_t ticks_ = 0;
};

// "⠙ opening db1: … (3 s)", cut to `columns`. Pure.
std::string progress_text(const std::string& what, std::size_t ticks, std::chrono::seconds since,
                          int columns);

}  // namespace termd::cli
