#include "supervisor/platform/history_writer.hpp"

#include <algorithm>
#include <iterator>

namespace termd::platform {
namespace {

bool is_opening(const protocol::change& what) {
    return std::holds_alternative<protocol::session_opened>(what);
}

bool is_audit(const protocol::change& what) {
    return std::holds_alternative<protocol::audit_entry>(what);
}

}  // namespace

history_writer::history_writer(std::string path, history_limits limits,
                               std::function<void(report)> tell)
    : path_(std::move(path)), limits_(limits), tell_(std::move(tell)) {}

// The first round has nothing to write: it shows whether anything could be.
void history_writer::run() {
    do round();
    while (gather());
    store_.reset();
}

history_writer::reception history_writer::offer(history_ticket ticket, protocol::change what) {
    const std::lock_guard lock(mutex_);
    const auto waiting = queue_.size() + kept_count_;
    if (is_opening(what) && (!available_ || waiting >= limits_.openings)) return reception::refused;
    if (is_audit(what) && waiting >= limits_.audit) return reception::dropped;
    queue_.push_back({ticket, std::move(what)});
    changed_.notify_one();
    return reception::taken;
}

void history_writer::look_again() {
    const std::lock_guard lock(mutex_);
    look_ = true;
    changed_.notify_one();
}

void history_writer::stop() {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    changed_.notify_one();
}

void history_writer::silence() {
    const std::lock_guard lock(telling_);
    tell_ = nullptr;
}

std::size_t history_writer::waiting() const {
    const std::lock_guard lock(mutex_);
    return queue_.size() + kept_count_;
}

void history_writer::tell(report what) {
    const std::lock_guard lock(telling_);
    if (tell_) tell_(std::move(what));
}

bool history_writer::gather() {
    std::unique_lock lock(mutex_);
    const bool was_stopping = stopping_;
    if (available_)
        changed_.wait(lock,
                      [this] { return stopping_ || look_ || !queue_.empty() || !kept_.empty(); });
    else
        changed_.wait_for(lock, limits_.retry, [this] { return stopping_; });
    look_ = false;
    // At the end: as long as it goes well, and once more when it does not.
    if (stopping_ && queue_.empty() && kept_.empty()) return false;
    if (was_stopping && !available_) return false;
    std::move(queue_.begin(), queue_.end(), std::back_inserter(kept_));
    queue_.clear();
    kept_count_ = kept_.size();
    return true;
}

void history_writer::round() {
    const auto written = write();
    if (written) {
        succeeded(*written);
        recover();
        return;
    }
    failed(written.error());
    if (store_) store_->make_room();
}

// A file that is damaged or gone is replaced, and that is the end of it for what is written now.
result<history_store::applied> history_writer::write() {
    auto written = try_to_write();
    if (written || !store_ || store_->is_usable()) return written;
    return try_to_write();
}

result<void> history_writer::have_a_store() {
    if (store_ && store_->is_usable()) return {};
    if (store_) {
        auto why = store_->give_up();
        if (!why) return why.error();
        set_aside_ = std::move(*why);
        store_.reset();
    }
    auto opened = history_store::open(path_, limits_.patience);
    if (!opened) return opened.error();
    store_.emplace(std::move(*opened));
    ++opened_;
    if (!store_->set_aside().empty()) set_aside_ = store_->set_aside();
    return {};
}

result<history_store::applied> history_writer::try_to_write() {
    if (const auto ready = have_a_store(); !ready) return ready.error();
    if (kept_.empty()) return history_store::applied{};
    std::vector<const protocol::change*> batch;
    for (std::size_t i = 0; i < batch_size(); ++i) batch.push_back(&kept_[i].what);
    auto written = store_->apply(batch);
    if (written) ++transactions_;
    return written;
}

void history_writer::succeeded(const history_store::applied& outcome) {
    report what;
    std::optional<entry> rest;
    for (auto left = batch_size(); left > 0; --left, kept_.pop_front()) {
        auto& one = kept_.front();
        what.answers.emplace_back(one.ticket, result<void>());
        if (outcome.more && std::holds_alternative<protocol::expiry>(one.what))
            rest = entry{0, std::move(one.what)};
    }
    what.words = std::exchange(set_aside_, {});
    {
        const std::lock_guard lock(mutex_);
        // Others get their turn in between; at the end it is left for the next start.
        if (rest && !stopping_) kept_.push_back(std::move(*rest));
        kept_count_ = kept_.size();
    }
    if (!what.answers.empty() || !what.words.empty()) tell(std::move(what));
}

// Openings are answered now: somebody waits, and by the next try he may have given up.
void history_writer::failed(const error& why) {
    report what;
    {
        const std::lock_guard lock(mutex_);
        std::move(queue_.begin(), queue_.end(), std::back_inserter(kept_));
        queue_.clear();
        const auto refused = std::stable_partition(
            kept_.begin(), kept_.end(), [](const entry& e) { return !is_opening(e.what); });
        for (auto one = refused; one != kept_.end(); ++one)
            what.answers.emplace_back(one->ticket, why);
        kept_.erase(refused, kept_.end());
        kept_count_ = kept_.size();
        if (std::exchange(available_, false)) what.available = false;
    }
    if (what.available) what.words = why.detail;
    if (what.available || !what.answers.empty()) tell(std::move(what));
}

// What had waited is written; that a little could be written does not mean that an opening can be.
void history_writer::recover() {
    {
        const std::lock_guard lock(mutex_);
        if (available_) return;
    }
    if (!store_->probe()) return;
    {
        const std::lock_guard lock(mutex_);
        available_ = true;
    }
    report what;
    what.available = true;
    what.words = "written again";
    tell(std::move(what));
}

}  // namespace termd::platform
