// The history as the loop sees it: changes go in and are answered when they are durable, questions
// go in and are answered when they are read. Three threads do the waiting; nothing here does. All of
// it belongs to the loop's thread, and every callback is called from the loop, never from within a
// call.
//
//   history.record(opened, [](result<void> durable) { … });
//
// When nothing can be written, openings fail at once with errc::history_unavailable; everything
// else waits, is tried again about every second, and is answered when it is written at last.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "os/side_thread.hpp"
#include "supervisor/platform/history_reader.hpp"
#include "supervisor/platform/history_writer.hpp"

namespace termd::platform {

struct history_news {
    bool available = true;
    std::string words;       // what has happened, for people
    std::uint64_t lost = 0;  // audit rows dropped so far because too many were waiting
};

class history {
  public:
    // Makes or opens the file at `path`, in its own time; `told` hears of every change between
    // available and not, of a damaged file that was set aside, and of rows that are lost.
    history(boost::asio::any_io_executor loop, std::string path,
            std::function<void(const history_news&)> told, history_limits limits = {});
    // Writes what is waiting, for limits.last_flush at most; what is left then is told from within.
    // Callbacks that have not been called are dropped.
    ~history();
    history(const history&) = delete;
    history& operator=(const history&) = delete;

    // Changes become durable in the order of their recording, but for those that fail.
    void record(protocol::change what, std::function<void(result<void>)> done = {});
    bool available() const { return available_; }

    // An answer knows all that was recorded before it was asked for, unless the disk takes longer than
    // history_limits::question to write it.
    void sessions(protocol::session_filter wanted,
                  std::function<void(result<protocol::session_page>)> found);
    void audit(protocol::audit_filter wanted,
               std::function<void(result<protocol::audit_page>)> found);
    void verify(std::function<void(result<protocol::verification>)> found);

    std::uint64_t transactions() const { return writer_->transactions(); }
    std::size_t waiting() const { return writer_->waiting(); }

  private:
    std::shared_ptr<history_reader> make_reader(const std::string& path);
    void later(std::function<void()> what);
    void heard(history_writer::report what);
    void answered(history_ticket ticket, history_answer what);
    void dropped_one();
    void release_questions(bool all);
    template <class Answer>
    void ask(history_question what, std::function<void(Answer)> found);
    template <class Answer>
    void ask_now(history_question what, std::function<void(Answer)> found);

    boost::asio::any_io_executor loop_;
    std::function<void(const history_news&)> told_;
    history_limits limits_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // the loop's thread only

    // Callbacks stay here; the threads know tickets. So none is ever run or destroyed elsewhere.
    history_ticket last_ticket_ = 0;
    std::map<history_ticket, std::function<void(result<void>)>> recording_;
    std::map<history_ticket, std::function<void(history_answer)>> asking_;
    boost::asio::steady_timer question_timer_;
    history_ticket recorded_ = 0, written_ = 0;  // the last ones
    std::deque<std::pair<history_ticket, std::function<void()>>> questions_;  // and what they wait for
    bool available_ = true;
    std::uint64_t lost_ = 0;
    bool loss_told_ = false;

    std::shared_ptr<history_writer> writer_;
    // What takes long is read beside the rest, so that no list waits for it.
    std::shared_ptr<history_reader> reader_, verifier_;
    os::side_thread writing_, reading_, verifying_;
};

}  // namespace termd::platform
