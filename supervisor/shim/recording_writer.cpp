#include "supervisor/shim/recording_writer.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <chrono>
#include <utility>

#include "os/clock.hpp"

namespace termd::shim {
namespace {

using namespace std::chrono_literals;

// A keystroke and its echo become one write, and a killed shim loses no more than this.
constexpr auto collecting_time = 20ms;
constexpr std::size_t worth_writing = recording_writer::most_waiting / 4;
constexpr std::size_t cost_of_event = 32;
// Of what happens within so short a time it does not matter what came when.
constexpr auto same_moment = 1ms;

os::window_size size_from(std::string_view words) {
    os::window_size out;
    const auto* end = words.data() + words.size();
    const auto columns = std::from_chars(words.data(), end, out.columns);
    if (columns.ptr != end) std::from_chars(columns.ptr + 1, end, out.rows);
    return out;
}

}  // namespace

recording_writer::recording_writer(protocol::shim::recording_plan plan, cast_text::head about,
                                   std::function<void(news)> tell)
    : plan_(std::move(plan)), about_(std::move(about)), tell_(std::move(tell)) {}

// ---- the loop's side ---------------------------------------------------------------------------

recording_writer::room recording_writer::add(boot_time at, sort kind, std::string_view bytes) {
    const std::lock_guard lock(mutex_);
    auto& w = waiting_;
    const bool fits = waiting_size_ + bytes.size() + cost_of_event <= most_waiting;
    // What comes after a gap would be taken for what came before it.
    if (!fits || w.left_out > 0) {
        w.left_out += bytes.size();
        return room::none;
    }
    const bool joins = !w.events.empty() && kind != sort::resize && w.events.back().kind == kind &&
                       at - w.events.back().at < same_moment;
    if (joins)
        w.events.back().length += bytes.size();
    else
        w.events.push_back({at, kind, bytes.size()});
    w.bytes += bytes;
    const auto before = std::exchange(
        waiting_size_, waiting_size_ + bytes.size() + (joins ? 0 : cost_of_event));
    if (before == 0 || (before < worth_writing && waiting_size_ >= worth_writing))
        changed_.notify_one();
    return waiting_size_ < most_waiting / 2 ? room::plenty : room::little;
}

void recording_writer::finish() {
    const std::lock_guard lock(mutex_);
    waiting_.last = true;
    changed_.notify_one();
}

void recording_writer::silence() {
    const std::lock_guard lock(telling_);
    tell_ = nullptr;
}

std::optional<std::string> recording_writer::trouble() {
    const std::lock_guard lock(telling_);
    return trouble_;
}

// ---- the thread's side -------------------------------------------------------------------------

void recording_writer::run() {
    if (const auto begun = begin(); !begun) return tell(news::kind::failed, begun.error().detail);
    tell(news::kind::begun);
    for (bool going_on = true; going_on;) {
        const auto next = collect();
        going_on = write(next) && !next.last;
    }
}

void recording_writer::tell(news::kind what, std::string words) {
    const std::lock_guard lock(telling_);
    if (what == news::kind::failed || what == news::kind::full) trouble_ = words;
    if (tell_) tell_({what, std::move(words)});
}

result<void> recording_writer::begin() {
    began_ = last_ = os::boot_now();
    auto made = make_file();
    if (!made) return made.error();
    file_ = std::move(*made);
    text_.begin(out_, about_);
    auto written = flush();
    if (!written) ::unlink(plan_.path.c_str());
    return written;
}

result<os::unique_fd> recording_writer::make_file() const {
    const int flags = O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC | O_NOFOLLOW;
    os::unique_fd made(::open(plan_.path.c_str(), flags, 0600));
    if (!made) return system_error("cannot make " + plan_.path, errno);
    if (::flock(made.get(), LOCK_EX | LOCK_NB) != 0)
        return system_error("cannot lock " + plan_.path, errno);
    return made;
}

recording_writer::batch recording_writer::collect() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return waiting_.last || waiting_size_ > 0; });
    changed_.wait_for(lock, collecting_time,
                      [this] { return waiting_.last || waiting_size_ >= worth_writing; });
    waiting_size_ = 0;
    return std::exchange(waiting_, {});
}

bool recording_writer::write(const batch& what) {
    if (!write_events(what)) return false;
    if (what.left_out > 0) {
        const auto words = "gap: " + std::to_string(what.left_out) + " bytes";
        text_.marker(out_, os::boot_now() - began_, words);
        tell(news::kind::gap, words);
    }
    if (what.last) text_.finish(out_, last_ - began_);
    if (const auto done = flush(); !done) return stop(news::kind::failed, done.error().detail), false;
    tell(news::kind::written);
    return true;
}

bool recording_writer::write_events(const batch& what) {
    constexpr std::size_t a_piece = cast_text::page_size;
    std::string_view bytes = what.bytes;
    for (auto e : what.events) {
        for (; e.length > 0;) {
            const auto piece = bytes.substr(0, std::min(e.length, a_piece));
            take(e, piece);
            bytes.remove_prefix(piece.size());
            e.length -= piece.size();
            if (is_full()) return stop(news::kind::full, "max_size is reached"), false;
            if (out_.size() < worth_writing) continue;
            if (const auto done = flush(); !done)
                return stop(news::kind::failed, done.error().detail), false;
        }
    }
    return true;
}

void recording_writer::take(const event& e, std::string_view bytes) {
    last_ = e.at;
    switch (e.kind) {
        case sort::output: return text_.output(out_, e.at - began_, bytes);
        case sort::input: return text_.input(out_, e.at - began_, bytes);
        case sort::resize: return text_.resized(out_, e.at - began_, size_from(bytes));
    }
}

// A piece may become six times as long, and the last page is kept for the last word.
bool recording_writer::is_full() const {
    constexpr std::uint64_t margin = 8 * cast_text::page_size;
    return plan_.most > 0 && text_.size() + margin > static_cast<std::uint64_t>(plan_.most);
}

// Whole lines or nothing: a disk that is full in the middle of one has the beginning taken away again.
result<void> recording_writer::flush() {
    std::string_view rest = out_;
    int why = 0;
    while (!rest.empty() && why == 0) {
        const auto done = ::write(file_.get(), rest.data(), rest.size());
        if (done > 0)
            rest.remove_prefix(static_cast<std::size_t>(done));
        else if (done < 0 && errno != EINTR)
            why = errno;
    }
    if (why == 0) {
        written_ += out_.size();
        out_.clear();
        return {};
    }
    const auto got = std::string_view(out_).substr(0, out_.size() - rest.size());
    const auto whole = got.rfind('\n');
    written_ += whole == std::string_view::npos ? 0 : whole + 1;
    if (::ftruncate(file_.get(), static_cast<off_t>(written_)) != 0) why = errno;
    text_.go_on_from(written_);
    out_.clear();
    return system_error("cannot write " + plan_.path, why);
}

// The last word goes where it still fits: there is room for it on the last page of the file.
void recording_writer::stop(news::kind why, std::string words) {
    text_.marker(out_, last_ - began_, "the recording stops: " + words);
    (void)flush();
    tell(why, std::move(words));
}

}  // namespace termd::shim
