#include "supervisor/platform/history.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <utility>

namespace termd::platform {

// What the threads tell comes over the loop; what comes too late finds nobody.
history::history(boost::asio::any_io_executor loop, std::string path,
                 std::function<void(const history_news&)> told, history_limits limits)
    : loop_(loop),
      told_(std::move(told)),
      limits_(limits),
      question_timer_(loop),
      writer_(std::make_shared<history_writer>(
          path, limits,
          [this, loop, alive = alive_](history_writer::report what) {
              boost::asio::post(loop, [this, alive, what = std::move(what)]() mutable {
                  if (*alive) heard(std::move(what));
              });
          })),
      reader_(make_reader(path)),
      verifier_(make_reader(path)),
      writing_("history-write", [writer = writer_] { writer->run(); }),
      reading_("history-read", [reader = reader_] { reader->run(); }),
      verifying_("history-verify", [reader = verifier_] { reader->run(); }) {}

std::shared_ptr<history_reader> history::make_reader(const std::string& path) {
    return std::make_shared<history_reader>(
        path, limits_,
        [this, loop = loop_, alive = alive_](history_ticket ticket, history_answer what) {
            boost::asio::post(loop, [this, alive, ticket, what = std::move(what)]() mutable {
                if (*alive) answered(ticket, std::move(what));
            });
        },
        writer_);
}

history::~history() {
    *alive_ = false;
    reader_->stop();
    verifier_->stop();
    writer_->stop();
    writing_.end_within(limits_.last_flush);
    constexpr milliseconds for_an_answer{100};  // that is broken off
    reading_.end_within(for_an_answer);
    verifying_.end_within(for_an_answer);
    // A thread that hangs must not reach for the loop when that is gone.
    writer_->silence();
    reader_->silence();
    verifier_->silence();
    if (const auto left = writer_->waiting(); left > 0 && told_)
        told_({false, "ended with " + std::to_string(left) + " changes unwritten", lost_});
}

void history::later(std::function<void()> what) {
    boost::asio::post(loop_, [alive = alive_, what = std::move(what)] {
        if (*alive) what();
    });
}

void history::record(protocol::change what, std::function<void(result<void>)> done) {
    const auto ticket = ++last_ticket_;
    const auto how = writer_->offer(ticket, std::move(what));
    if (how == history_writer::reception::dropped) dropped_one();
    if (how == history_writer::reception::taken) recorded_ = ticket;
    if (!done) return;
    if (how == history_writer::reception::taken) {
        recording_.emplace(ticket, std::move(done));
        return;
    }
    later([done = std::move(done)] {
        done(error{errc::history_unavailable, "nothing can be added to the history at the moment"});
    });
}

void history::dropped_one() {
    ++lost_;
    if (std::exchange(loss_told_, true)) return;
    later([this] {
        if (told_) told_({available_, "too much is waiting: audit rows are lost", lost_});
    });
}

void history::heard(history_writer::report what) {
    const auto alive = alive_;  // a callback may end all of this
    if (what.available) available_ = *what.available;
    if (what.available || !what.words.empty()) {
        if (available_) loss_told_ = false;
        if (told_) told_({available_, std::move(what.words), lost_});
    }
    for (auto& [ticket, outcome] : what.answers) {
        if (!*alive) return;
        written_ = std::max(written_, ticket);
        auto waiting = recording_.extract(ticket);
        if (!waiting.empty()) waiting.mapped()(std::move(outcome));
    }
    if (*alive) release_questions(!available_);
}

void history::release_questions(bool all) {
    while (!questions_.empty() && (all || questions_.front().first <= written_)) {
        const auto ask_it = std::move(questions_.front().second);
        questions_.pop_front();
        ask_it();
    }
}

void history::answered(history_ticket ticket, history_answer what) {
    auto waiting = asking_.extract(ticket);
    if (!waiting.empty()) waiting.mapped()(std::move(what));
}

template <class Answer>
void history::ask(history_question what, std::function<void(Answer)> found) {
    if (!available_ || recorded_ <= written_) return ask_now(std::move(what), std::move(found));
    questions_.emplace_back(recorded_,
                            [this, what = std::move(what), found = std::move(found)]() mutable {
                                ask_now(std::move(what), std::move(found));
                            });
    if (questions_.size() > 1) return;
    question_timer_.expires_after(limits_.question);
    question_timer_.async_wait([this, alive = alive_](boost::system::error_code cancelled) {
        if (!cancelled && *alive) release_questions(true);
    });
}

template <class Answer>
void history::ask_now(history_question what, std::function<void(Answer)> found) {
    const auto ticket = ++last_ticket_;
    auto& from = std::holds_alternative<verify_all>(what) ? *verifier_ : *reader_;
    if (from.ask(ticket, std::move(what))) {
        asking_.emplace(ticket, [found = std::move(found)](history_answer answer) {
            found(std::get<Answer>(std::move(answer)));
        });
        return;
    }
    later([found = std::move(found)] {
        found(error{errc::history_unavailable, "too many questions are waiting"});
    });
}

void history::sessions(protocol::session_filter wanted,
                       std::function<void(result<protocol::session_page>)> found) {
    ask(std::move(wanted), std::move(found));
}

void history::audit(protocol::audit_filter wanted,
                    std::function<void(result<protocol::audit_page>)> found) {
    ask(std::move(wanted), std::move(found));
}

void history::verify(std::function<void(result<protocol::verification>)> found) {
    ask(verify_all{}, std::move(found));
}

}  // namespace termd::platform
