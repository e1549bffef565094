// The thread that writes the history. Whatever has gathered while it wrote goes into its next
// transaction. What cannot be written is kept and tried again, openings excepted: those are
// refused, and everything that comes after, until something can be written again.
#pragma once

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "protocol/history.hpp"
#include "supervisor/platform/history_store.hpp"

namespace termd::platform {

using history_ticket = std::uint64_t;  // by which an answer finds who asked

struct history_limits {
    std::size_t openings = 4096;    // so many changes may wait; more, and openings are refused
    std::size_t audit = 32768;      // so many, and audit rows are dropped. Endings never are
    std::size_t batch = 1000;       // changes in one transaction: the log has to have room for it
    std::size_t questions = 64;     // may wait, and as many to verify
    milliseconds question{200};     // waits so long for what was recorded before it
    milliseconds answer{5000};      // a list may take so long to read; verify() as long as it takes
    milliseconds retry{1000};       // after a failure
    milliseconds patience{2000};    // with other programs that have the file locked
    milliseconds last_flush{4000};  // at the end
};

class history_writer {
  public:
    struct report {
        std::vector<std::pair<history_ticket, result<void>>> answers;
        std::optional<bool> available;  // when it has changed
        std::string words;              // why, or what was set aside; "" when there is no news
    };
    enum class reception { taken, refused, dropped };

    // `tell` is called in the writer's thread.
    history_writer(std::string path, history_limits limits, std::function<void(report)> tell);

    void run();  // the thread's body: until stop(), and what is left is written once more
    // From any other thread, and never waiting for the disk:
    reception offer(history_ticket ticket, protocol::change what);
    void look_again();  // whether the file is still what it should be
    void stop();
    void silence();  // nothing is told any more
    std::size_t waiting() const;
    std::uint64_t transactions() const { return transactions_; }
    std::uint64_t times_opened() const { return opened_; }

  private:
    struct entry {
        history_ticket ticket;
        protocol::change what;
    };
    bool gather();  // false: this is the end
    void round();
    result<history_store::applied> write();
    result<history_store::applied> try_to_write();
    result<void> have_a_store();
    std::size_t batch_size() const { return std::min(kept_.size(), limits_.batch); }
    void succeeded(const history_store::applied& outcome);
    void failed(const error& why);
    void recover();
    void tell(report what);

    const std::string path_;
    const history_limits limits_;

    mutable std::mutex mutex_;  // of these
    std::condition_variable changed_;
    std::vector<entry> queue_;
    std::size_t kept_count_ = 0;
    bool available_ = true;
    bool stopping_ = false;
    bool look_ = false;

    std::mutex telling_;  // of this
    std::function<void(report)> tell_;

    // The thread's own.
    std::deque<entry> kept_;
    std::optional<history_store> store_;
    std::string set_aside_;
    std::atomic<std::uint64_t> transactions_{0}, opened_{0};
};

}  // namespace termd::platform
