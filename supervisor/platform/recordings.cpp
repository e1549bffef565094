#include "supervisor/platform/recordings.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <filesystem>
#include <mutex>
#include <optional>

#include "os/clock.hpp"
#include "os/file.hpp"
#include "os/unique_fd.hpp"

namespace termd::platform {
namespace {

constexpr milliseconds a_day = std::chrono::hours{24};
constexpr milliseconds time_to_end{1000};
constexpr std::size_t piece_size = 64 << 10;
constexpr std::string_view ending = ".cast";
// No line of a recording crosses a multiple of this (supervisor/shim/cast_text.hpp).
constexpr off_t page_size = 4096;

std::optional<session_id> session_of(const std::string& name) {
    if (!name.ends_with(ending)) return std::nullopt;
    return session_id::parse(std::string_view(name).substr(0, name.size() - ending.size()));
}

os::unique_fd open_to_read(const std::string& path) {
    return os::unique_fd(
        ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW | O_NONBLOCK));
}

bool is_old(const os::unique_fd& file, wall_time older_than) {
    struct stat about{};
    if (::fstat(file.get(), &about) != 0 || !S_ISREG(about.st_mode)) return false;
    const auto written = std::chrono::seconds{about.st_mtim.tv_sec} +
                         std::chrono::nanoseconds{about.st_mtim.tv_nsec};
    return written < older_than.time_since_epoch();
}

bool remove_if_old(const std::string& path, wall_time older_than) {
    const auto file = open_to_read(path);
    if (!file || !is_old(file, older_than)) return false;
    const bool of_nobody = ::flock(file.get(), LOCK_EX | LOCK_NB) == 0;
    return of_nobody && ::unlink(path.c_str()) == 0;
}

// A file that was cut ends with its last whole line.
result<off_t> whole_lines(const os::unique_fd& file) {
    struct stat about{};
    if (::fstat(file.get(), &about) != 0) return system_error("fstat", errno);
    if (!S_ISREG(about.st_mode)) return error{errc::not_found, "this is no recording"};
    std::string page(page_size, '\0');
    const off_t from = about.st_size > page_size ? about.st_size - page_size : 0;
    const auto got = ::pread(file.get(), page.data(), page.size(), from);
    if (got < 0) return system_error("cannot read the recording", errno);
    const auto last = std::string_view(page).substr(0, static_cast<std::size_t>(got)).rfind('\n');
    return last == std::string_view::npos ? from : from + static_cast<off_t>(last) + 1;
}

}  // namespace

result<int> remove_recordings(const std::string& directory, wall_time older_than) {
    std::error_code problem;
    auto all = std::filesystem::directory_iterator(directory, problem);
    if (problem == std::errc::no_such_file_or_directory) return 0;
    int removed = 0;
    for (; !problem && all != std::filesystem::directory_iterator(); all.increment(problem))
        if (session_of(all->path().filename()) && remove_if_old(all->path(), older_than)) ++removed;
    if (problem) return system_error("cannot read " + directory, problem.value());
    return removed;
}

struct recordings::mouth {
    std::mutex mutex;
    bool shut = false;
};

struct recordings::open_file {
    os::unique_fd file;
    off_t at = 0, end = 0;

    result<std::string> read() {
        std::string out(std::min<std::size_t>(piece_size, static_cast<std::size_t>(end - at)), '\0');
        const auto got = out.empty() ? 0 : ::pread(file.get(), out.data(), out.size(), at);
        if (got < 0) return system_error("cannot read the recording", errno);
        if (got == 0 && at < end) return error{errc::internal, "the recording was cut"};
        out.resize(static_cast<std::size_t>(got));
        at += got;
        return out;
    }
};

recordings::recordings(boost::asio::any_io_executor loop, std::string directory,
                       std::function<void(const result<std::string>&)> told)
    : loop_(loop),
      directory_(std::move(directory)),
      told_(std::move(told)),
      daily_(loop),
      mouth_(std::make_shared<mouth>()),
      jobs_(std::make_shared<boost::asio::io_context>(1)),
      thread_("recordings", [jobs = jobs_] {
          const auto stay = boost::asio::make_work_guard(*jobs);
          jobs->run();
      }) {}

// What waits there is not done any more, and a thread that hangs is left to itself.
recordings::~recordings() {
    jobs_->stop();
    thread_.end_within(time_to_end);
    const std::lock_guard lock(mouth_->mutex);
    mouth_->shut = true;
}

template <class Work, class Then>
void recordings::aside(Work work, Then then) {
    const auto found = std::make_shared<std::optional<decltype(work())>>();
    const auto ticket = ++last_ticket_;
    waiting_[ticket] = [found, then = std::move(then)] { then(std::move(**found)); };
    boost::asio::post(*jobs_, [this, loop = loop_, mouth = mouth_, found, ticket, work] {
        found->emplace(work());
        const std::lock_guard lock(mouth->mutex);
        if (mouth->shut) return;
        boost::asio::post(loop, [this, mouth, ticket] {
            if (mouth->shut) return;
            const auto then_do = std::move(waiting_.extract(ticket).mapped());
            then_do();
        });
    });
}

void recordings::prepare() {
    aside([directory = directory_] { return os::ensure_private_directory(directory, 0700); },
          [this](const result<void>& made) {
              if (!made) told_(made.error());
          });
}

void recordings::keep_for(milliseconds time) {
    keep_ = time;
    expire();
}

void recordings::expire() {
    if (keep_ == milliseconds{0}) return daily_.cancel();
    aside([directory = directory_, then = os::wall_now() - keep_] {
        return remove_recordings(directory, then);
    }, [this](const result<int>& removed) {
        if (!removed) return told_(removed.error());
        if (*removed > 0)
            told_(std::to_string(*removed) + " removed, older than " + format_duration(keep_));
    });
    daily_.arm(os::boot_now() + a_day, [this] { expire(); });
}

void recordings::open(const session_id& id, std::function<void(result<read_on>)> opened) {
    using file_ptr = std::shared_ptr<open_file>;
    const auto path = directory_ + "/" + id.str() + std::string(ending);
    aside([path]() -> result<file_ptr> {
        auto file = open_to_read(path);
        if (!file && errno != ENOENT) return system_error("cannot open the recording", errno);
        if (!file) return error{errc::not_found, "there is no recording of this session"};
        const auto end = whole_lines(file);
        if (!end) return end.error();
        return std::make_shared<open_file>(open_file{std::move(file), 0, *end});
    }, [this, opened = std::move(opened)](const result<file_ptr>& file) {
        if (!file) return opened(file.error());
        opened(read_on([this, file = *file](std::function<void(result<std::string>)> piece) {
            aside([file] { return file->read(); }, std::move(piece));
        }));
    });
}

}  // namespace termd::platform
