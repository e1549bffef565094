#include "supervisor/platform/history_reader.hpp"

namespace termd::platform {

using namespace protocol;

history_reader::history_reader(std::string path, history_limits limits,
                               std::function<void(history_ticket, history_answer)> tell,
                               std::shared_ptr<history_writer> writer)
    : path_(std::move(path)), limits_(limits), tell_(std::move(tell)), writer_(std::move(writer)) {}

void history_reader::run() {
    while (auto one = next()) {
        auto found = answer(one->what);
        const std::lock_guard lock(telling_);
        if (tell_) tell_(one->ticket, std::move(found));
    }
    store_.reset();
}

bool history_reader::ask(history_ticket ticket, history_question what) {
    const std::lock_guard lock(mutex_);
    if (queue_.size() >= limits_.questions) return false;
    queue_.push_back({ticket, std::move(what)});
    changed_.notify_one();
    return true;
}

void history_reader::stop() {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    changed_.notify_one();
}

void history_reader::silence() {
    const std::lock_guard lock(telling_);
    tell_ = nullptr;
}

std::optional<history_reader::asked> history_reader::next() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    if (stopping_) return std::nullopt;
    auto one = std::move(queue_.front());
    queue_.pop_front();
    return one;
}

// The writer may have begun a new file since the last question. A part of one that has been lost is
// not read, but left until the writer has seen to it.
result<history_store*> history_reader::store() {
    if (store_ && !store_->is_readable()) {
        if (store_->is_cut() && opened_ == writer_->times_opened()) {
            writer_->look_again();
            return error{errc::history_unavailable, "a part of the file is lost"};
        }
        store_.reset();
    }
    if (!store_) {
        opened_ = writer_->times_opened();
        auto opened = history_store::open_to_read(path_, limits_.patience);
        if (!opened) {
            writer_->look_again();
            return opened.error();
        }
        store_.emplace(std::move(*opened));
        store_->give_up_when(stopping_);
    }
    return &*store_;
}

namespace {

struct answering {
    result<history_store*> in;
    milliseconds limit;

    history_answer operator()(const session_filter& wanted) const {
        return list<session_page>([&] { return (*in)->sessions(wanted); });
    }
    history_answer operator()(const audit_filter& wanted) const {
        return list<audit_page>([&] { return (*in)->audit(wanted); });
    }
    history_answer operator()(verify_all) const {
        if (!in) return result<verification>(in.error());
        (*in)->give_up_at({});
        return (*in)->verify();
    }

  private:
    template <class Page, class Read>
    result<Page> list(Read read) const {
        if (!in) return in.error();
        const auto until = std::chrono::steady_clock::now() + limit;
        (*in)->give_up_at(until);
        auto found = read();
        if (!found && std::chrono::steady_clock::now() >= until)
            return error{errc::timeout, "there is too much to look through; ask for less"};
        return found;
    }
};

}  // namespace

history_answer history_reader::answer(const history_question& what) {
    auto found = std::visit(answering{store(), limits_.answer}, what);
    if (!store_ || store_->is_readable()) return found;
    // It went away in the middle of it.
    writer_->look_again();
    return std::visit(answering{store(), limits_.answer}, what);
}

}  // namespace termd::platform
