// The thread that reads the history, on a connection of its own: a question never waits for the
// writer's disk, nor the writer for a long answer.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <variant>

#include "supervisor/platform/history_writer.hpp"

namespace termd::platform {

struct verify_all {};
using history_question = std::variant<protocol::session_filter, protocol::audit_filter, verify_all>;
using history_answer = std::variant<result<protocol::session_page>, result<protocol::audit_page>,
                                    result<protocol::verification>>;

class history_reader {
  public:
    // `tell` is called in the reader's thread. An answer is of its question's kind. A file that is
    // damaged or not where it was only `writer` can make good, and is asked to.
    history_reader(std::string path, history_limits limits,
                   std::function<void(history_ticket, history_answer)> tell,
                   std::shared_ptr<history_writer> writer);

    void run();
    // From any other thread:
    bool ask(history_ticket ticket, history_question what);  // false: too many are waiting
    void stop();                                             // what is under way is broken off
    void silence();

  private:
    struct asked {
        history_ticket ticket;
        history_question what;
    };
    std::optional<asked> next();
    history_answer answer(const history_question& what);
    result<history_store*> store();

    const std::string path_;
    const history_limits limits_;

    std::mutex mutex_;  // of these
    std::condition_variable changed_;
    std::deque<asked> queue_;
    std::atomic<bool> stopping_{false};

    std::mutex telling_;  // of this
    std::function<void(history_ticket, history_answer)> tell_;

    const std::shared_ptr<history_writer> writer_;
    // The thread's own.
    std::optional<history_store> store_;
    std::uint64_t opened_ = 0;  // as often as the writer had when this was
};

}  // namespace termd::platform
