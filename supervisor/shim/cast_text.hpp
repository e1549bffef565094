// The text of a recording: asciicast v2 (docs.asciinema.org/manual/asciicast/v2), a JSON value a line,
// the first one the header. Terminal bytes are cut between characters, and what is no UTF-8 becomes
// U+FFFD.
//
// No line crosses a multiple of page_size in the file: a line that would is cut in two, and blanks
// fill up what is left of a page. The kernel copies what is written page by page, so a writer that is
// killed in the middle leaves whole lines: asciinema gives up at half a one.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/time.hpp"
#include "os/pty.hpp"

namespace termd::shim {

class cast_text {
  public:
    static constexpr std::size_t page_size = 4096;

    struct head {
        os::window_size size;
        std::int64_t begun = 0;  // seconds since 1970
        std::string title, terminal;
    };
    // All that follows is appended to `out`, in the order of its time since the beginning.
    void begin(std::string& out, const head& about);
    void output(std::string& out, std::chrono::nanoseconds at, std::string_view bytes);
    void input(std::string& out, std::chrono::nanoseconds at, std::string_view bytes);
    void resized(std::string& out, std::chrono::nanoseconds at, os::window_size size);
    void marker(std::string& out, std::chrono::nanoseconds at, std::string_view words);  // short ones
    // What has come of a character does not become one any more.
    void finish(std::string& out, std::chrono::nanoseconds at);

    std::uint64_t size() const { return size_; }  // of the file
    // From here on, for a file that had to be cut; at the end of a line.
    void go_on_from(std::uint64_t size) { size_ = size; }

  private:
    void bytes(std::string& out, std::chrono::nanoseconds at, char kind, std::string& begun,
               std::string_view more);
    void text(std::string& out, std::chrono::nanoseconds at, char kind, std::string_view valid);
    void line(std::string& out, std::string_view whole);
    std::size_t room() const { return page_size - size_ % page_size; }

    std::uint64_t size_ = 0;
    std::string begun_output_, begun_input_;  // of a character
};

}  // namespace termd::shim
