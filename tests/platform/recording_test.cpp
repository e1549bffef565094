// The recording of a session, in a real file.
#include "supervisor/shim/recording.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <algorithm>
#include <csignal>

#include "helpers.hpp"
#include "os/file.hpp"
#include "supervisor/platform/recordings.hpp"

using namespace termd;
using namespace termd::test;
using protocol::recording_status;

namespace {

struct recorded {
    boost::asio::io_context loop;
    temporary_directory place;
    protocol::shim::recording_plan plan{place.path + "/k3v9q0w1x2y4z5a6.cast", 0, false, false, 0};
    int begun = 0, changed = 0, drained = 0, lost = 0;
    std::optional<shim::recording> recording;

    recorded() { recording.emplace(loop.get_executor(), callbacks()); }
    shim::recording::callbacks callbacks() {
        return {[this] { ++begun; }, [this] { ++changed; }, [this] { ++drained; },
                [this] { ++lost; }};
    }
    void start() {
        recording->start(plan, {});
        REQUIRE(run_until(loop, [this] { return begun == 1; }));
    }
    bool stops() {
        return run_until(loop, [this] {
            return recording->facts().status == recording_status::stopped;
        });
    }
    std::string file() const { return os::read_file(plan.path, 1 << 26).value_or(""); }
    bool is_locked() const {
        const os::unique_fd fd(::open(plan.path.c_str(), O_RDONLY));
        return ::flock(fd.get(), LOCK_SH | LOCK_NB) != 0;
    }
};

// As a full disk does it: the last write is cut off.
class small_files {
  public:
    explicit small_files(rlim_t most) {
        ::signal(SIGXFSZ, SIG_IGN);
        ::getrlimit(RLIMIT_FSIZE, &before_);
        const rlimit now{most, before_.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &now);
    }
    ~small_files() { ::setrlimit(RLIMIT_FSIZE, &before_); }
    small_files(const small_files&) = delete;
    small_files& operator=(const small_files&) = delete;

  private:
    rlimit before_{};
};

}  // namespace

TEST_CASE("what is recorded is in the file when the session is over") {
    recorded r;
    r.start();
    CHECK(r.recording->is_on());
    struct stat about{};
    REQUIRE(::stat(r.plan.path.c_str(), &about) == 0);
    CHECK((about.st_mode & 07777) == 0600);
    CHECK(r.is_locked());
    r.recording->output("hello ");
    r.recording->input("secret");
    r.recording->resized({100, 30});
    r.recording->resized({100, 30});
    r.recording->output("world");
    r.recording->finish();
    CHECK(r.recording->facts().status == recording_status::on);
    const auto file = r.file();
    CHECK(file.find("\"hello \"") != std::string::npos);
    CHECK(file.find("\"world\"") != std::string::npos);
    CHECK(file.find("secret") == std::string::npos);
    const auto size = file.find("\"r\", \"100x30\"");
    CHECK(size != std::string::npos);
    CHECK(file.find("\"r\"", size + 1) == std::string::npos);
    CHECK(file.back() == '\n');
    r.recording.reset();
    CHECK_FALSE(r.is_locked());
}

TEST_CASE("keys are recorded when that is wanted") {
    recorded r;
    r.plan.input = true;
    r.start();
    r.recording->input("ls\r");
    r.recording->finish();
    CHECK(r.file().find("\"i\", \"ls\\r\"") != std::string::npos);
}

TEST_CASE("a recording that cannot be begun says why, and a file that is there is left alone") {
    recorded r;
    REQUIRE(os::write_file(r.plan.path, "mine").has_value());
    r.start();
    CHECK(r.recording->facts().status == recording_status::stopped);
    CHECK(r.recording->facts().why.find("File exists") != std::string::npos);
    CHECK(r.file() == "mine");
    CHECK(r.lost == 0);
}

TEST_CASE("at its largest size a recording stops, and the session with one that is required") {
    for (const bool required : {false, true}) {
        CAPTURE(required);
        recorded r;
        r.plan.most = 256 << 10;
        r.plan.required = required;
        r.start();
        const std::string piece(10'000, 'x');
        CHECK(run_until(r.loop, [&] {
            r.recording->output(piece);
            return r.recording->facts().status == recording_status::stopped;
        }));
        CHECK(r.lost == (required ? 1 : 0));
        CHECK(r.recording->facts().why == "max_size is reached");
        r.recording->finish();
        const auto file = r.file();
        CHECK(file.size() <= 256 << 10);
        CHECK(file.size() > 128 << 10);
        CHECK(file.find("the recording stops: max_size is reached") != std::string::npos);
        CHECK(r.is_locked());  // the session still lives
    }
}

TEST_CASE("a disk that is full in the middle of a line leaves whole lines, and the last word") {
    recorded r;
    r.start();
    const small_files limit(100'000);
    r.recording->output(std::string(300'000, 'x'));
    CHECK(r.stops());
    CHECK(r.recording->facts().why.find("File too large") != std::string::npos);
    const auto file = r.file();
    CHECK(file.size() > 90'000);
    CHECK(file.back() == '\n');
}

TEST_CASE("what comes although it should wait is left out, with a marker, and told once") {
    recorded r;
    r.start();
    const std::string piece(64 << 10, 'x');
    // Faster than any thread, because none of it is waited for.
    for (int i = 0; i < 1000; ++i) r.recording->output(piece);
    CHECK(r.recording->congested());
    CHECK(run_until(r.loop, [&] { return r.drained > 0; }));
    CHECK_FALSE(r.recording->congested());
    CHECK(run_until(r.loop, [&] { return !r.recording->facts().why.empty(); }));
    CHECK(r.recording->is_on());
    r.recording->finish();
    const auto file = r.file();
    CHECK(file.find("\"m\", \"gap: ") != std::string::npos);
    CHECK(r.changed == 2);  // it has begun, it has a gap
}

TEST_CASE("one that is required says when to wait, and when to go on") {
    recorded r;
    r.plan.required = true;
    r.start();
    const std::string piece(64 << 10, 'x');
    std::size_t sent = 0;
    for (int i = 0; i < 200; ++i) {
        if (r.recording->congested()) {
            const int before = r.drained;
            REQUIRE(run_until(r.loop, [&] { return r.drained > before; }));
            CHECK_FALSE(r.recording->congested());
        }
        r.recording->output(piece);
        sent += piece.size();
    }
    r.recording->finish();
    CHECK(r.lost == 0);
    const auto file = r.file();
    CHECK(static_cast<std::size_t>(std::count(file.begin(), file.end(), 'x')) == sent);
    CHECK(file.find("gap") == std::string::npos);
}

// ---- files that are there ----------------------------------------------------------------------

namespace {

struct kept {
    temporary_directory place;
    void add(const std::string& name, std::string_view content, int days_old) {
        REQUIRE(os::write_file(place.path + "/" + name, content).has_value());
        const auto then = std::chrono::system_clock::now() - std::chrono::hours{24 * days_old};
        const timespec at{std::chrono::system_clock::to_time_t(then), 0};
        const timespec times[2] = {at, at};
        REQUIRE(::utimensat(AT_FDCWD, (place.path + "/" + name).c_str(), times, 0) == 0);
    }
    bool has(const std::string& name) const { return std::filesystem::exists(place.path + "/" + name); }
};

wall_time days_ago(int days) {
    return std::chrono::floor<milliseconds>(std::chrono::system_clock::now()) -
           std::chrono::hours{24 * days};
}

}  // namespace

TEST_CASE("old recordings are removed, and nothing else is") {
    kept all;
    all.add("aaaaaaaaaaaaaaaa.cast", "x", 31);
    all.add("bbbbbbbbbbbbbbbb.cast", "x", 29);
    all.add("cccccccccccccccc.cast", "x", 31);
    all.add("notes.txt", "x", 31);
    all.add("dddd.cast", "x", 31);
    const os::unique_fd living(::open((all.place.path + "/cccccccccccccccc.cast").c_str(), O_RDONLY));
    REQUIRE(::flock(living.get(), LOCK_EX) == 0);
    const auto removed = platform::remove_recordings(all.place.path, days_ago(30));
    REQUIRE(removed.has_value());
    CHECK(*removed == 1);
    CHECK_FALSE(all.has("aaaaaaaaaaaaaaaa.cast"));
    for (const char* name : {"bbbbbbbbbbbbbbbb.cast", "cccccccccccccccc.cast", "notes.txt", "dddd.cast"})
        CHECK(all.has(name));
    CHECK(*platform::remove_recordings(all.place.path + "/none", days_ago(0)) == 0);
}

TEST_CASE("a recording is read in pieces, without the half of a line at its end") {
    kept all;
    std::string content;
    while (content.size() < 200'000) content += "[1.0, \"o\", \"" + std::string(100, 'x') + "\"]\n";
    all.add("aaaaaaaaaaaaaaaa.cast", content + "[2.0, \"o", 0);
    boost::asio::io_context loop;
    platform::recordings files(loop.get_executor(), all.place.path, [](const auto&) {});
    std::string read;
    bool done = false;
    platform::recordings::read_on next;
    std::function<void(result<std::string>)> take = [&](result<std::string> piece) {
        REQUIRE(piece.has_value());
        CHECK(piece->size() <= 64 << 10);
        done = piece->empty();
        read += *piece;
        if (!done) next(take);
    };
    files.open(*session_id::parse("aaaaaaaaaaaaaaaa"), [&](auto opened) {
        REQUIRE(opened.has_value());
        next = *opened;
        next(take);
    });
    CHECK(run_until(loop, [&] { return done; }));
    CHECK(read == content);
}

TEST_CASE("a session without a recording has none to read") {
    temporary_directory place;
    boost::asio::io_context loop;
    platform::recordings files(loop.get_executor(), place.path, [](const auto&) {});
    std::optional<errc> why;
    files.open(*session_id::parse("aaaaaaaaaaaaaaaa"), [&](auto opened) { why = opened.error().code; });
    CHECK(run_until(loop, [&] { return why.has_value(); }));
    CHECK(*why == errc::not_found);
}
