#include "supervisor/platform/known_hosts_file.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/post.hpp>
#include <cerrno>

#include "os/file.hpp"

namespace termd::platform {
namespace {

constexpr std::size_t most_bytes = 8 << 20;

// One that somebody has removed is empty.
result<std::string> read_whole(const std::string& path) {
    if (::access(path.c_str(), F_OK) != 0 && errno == ENOENT) return std::string();
    auto text = os::read_file(path, most_bytes);
    if (!text) return error{errc::internal, "cannot read " + path + " as a whole"};
    return std::move(*text);
}

result<void> write_whole(const std::string& path, const std::string& text) {
    if (text.size() > most_bytes) return error{errc::internal, path + " would be too large"};
    return os::write_file_for_good(path, text);
}

}  // namespace

known_hosts_file::known_hosts_file(boost::asio::any_io_executor loop, std::string path)
    : loop_(std::move(loop)), path_(std::move(path)) {}

known_hosts_file::~known_hosts_file() {
    thread_.stop();
    thread_.join();
}

std::string known_hosts_file::version() const {
    struct stat about{};
    if (::stat(path_.c_str(), &about) != 0) return {};
    return std::to_string(about.st_ino) + " " + std::to_string(about.st_size) + " " +
           std::to_string(about.st_mtim.tv_sec) + " " + std::to_string(about.st_mtim.tv_nsec);
}

// What is to be called, and what that holds, never is the thread's: it comes back as it went.
template <class T>
void known_hosts_file::run(std::function<result<T>()> job, answer<T> then) {
    boost::asio::post(thread_, [loop = loop_, job = std::move(job),
                                then = std::move(then)]() mutable {
        boost::asio::post(loop, [done = job(), then = std::move(then)]() mutable {
            then(std::move(done));
        });
    });
}

void known_hosts_file::read(answer<std::vector<model::known_host>> then) {
    using entries = std::vector<model::known_host>;
    run<entries>(
        [path = path_]() -> result<entries> {
            const auto text = read_whole(path);
            if (!text) return text.error();
            return model::read_known_hosts(*text);
        },
        std::move(then));
}

void known_hosts_file::add(const std::string& name, std::vector<model::host_key> keys,
                           answer<std::vector<model::host_key>> then) {
    using new_keys = std::vector<model::host_key>;
    run<new_keys>(
        [path = path_, name, keys = std::move(keys)]() -> result<new_keys> {
            const auto before = read_whole(path);
            if (!before) return before.error();
            auto text = *before;
            new_keys added;
            for (const auto& key : keys) {
                auto longer = model::with_key(text, name, key);
                if (longer == text) continue;
                text = std::move(longer);
                added.push_back(key);
            }
            if (added.empty()) return added;
            if (const auto written = write_whole(path, text); !written) return written.error();
            return added;
        },
        std::move(then));
}

void known_hosts_file::forget(const std::string& name, std::vector<model::known_host> found,
                              answer<model::without_name> then) {
    run<model::without_name>(
        [path = path_, name, found = std::move(found)]() -> result<model::without_name> {
            const auto before = read_whole(path);
            if (!before) return before.error();
            auto out = model::forget_name(*before, name, found);
            if (out.forgotten.empty()) return out;
            if (const auto written = write_whole(path, out.text); !written) return written.error();
            return out;
        },
        std::move(then));
}

}  // namespace termd::platform
