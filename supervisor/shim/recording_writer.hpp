// The thread that writes a recording, so that no disk ever makes the terminal wait. The loop hands
// over what happens, which costs a copy; the thread collects for a moment and writes whole lines with
// one write(2). What is waiting is bounded: when the disk is slower than that, what comes is left out,
// and a marker says so ("gap: 1234 bytes").
//
// The file stays open, and locked (flock(2)), as long as this lives, also when nothing is written any
// more: a locked recording is that of a living session.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/result.hpp"
#include "os/unique_fd.hpp"
#include "protocol/shim_messages.hpp"
#include "supervisor/shim/cast_text.hpp"

namespace termd::shim {

class recording_writer {
  public:
    static constexpr std::size_t most_waiting = 512 << 10;  // bytes

    struct news {
        enum class kind {
            begun,    // the file is there, and its header
            failed,   // nothing is written, from now on
            full,     // the same: it is as large as it may be
            gap,      // something was left out
            written,  // what was waiting is not any more
        } what;
        std::string words = {};
    };
    // `tell` is called in the thread.
    recording_writer(protocol::shim::recording_plan plan, cast_text::head about,
                     std::function<void(news)> tell);

    void run();  // the thread's body
    // From the loop:
    enum class sort : char { output = 'o', input = 'i', resize = 'r' };
    enum class room { plenty, little, none };
    // How much there is afterwards; none: this was left out. A size is written "80x24".
    room add(boot_time at, sort kind, std::string_view bytes);
    void finish();   // the thread ends when everything is written
    void silence();  // nothing is told any more
    std::optional<std::string> trouble();  // why nothing is written any more

  private:
    struct event {
        boot_time at;
        sort kind;
        std::size_t length;  // of its bytes
    };
    struct batch {
        std::vector<event> events;
        std::string bytes;
        std::uint64_t left_out = 0;  // bytes, after all of these
        bool last = false;
    };

    result<void> begin();
    result<os::unique_fd> make_file() const;
    batch collect();
    bool write(const batch& what);
    bool write_events(const batch& what);
    void take(const event& e, std::string_view bytes);
    result<void> flush();
    bool is_full() const;
    void stop(news::kind why, std::string words);
    void tell(news::kind what, std::string words = {});

    const protocol::shim::recording_plan plan_;
    const cast_text::head about_;

    std::mutex mutex_;  // of these
    std::condition_variable changed_;
    batch waiting_;
    std::size_t waiting_size_ = 0;

    std::mutex telling_;  // of these
    std::function<void(news)> tell_;
    std::optional<std::string> trouble_;

    // The thread's own.
    os::unique_fd file_;
    cast_text text_;
    std::string out_;            // not written yet
    std::uint64_t written_ = 0;  // of the file
    boot_time began_{}, last_{};
};

}  // namespace termd::shim
