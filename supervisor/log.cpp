// The journal would be told this file and line for everything.
#define SD_JOURNAL_SUPPRESS_LOCATION

#include "supervisor/log.hpp"

#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <syslog.h>
#include <systemd/sd-journal.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <memory>
#include <mutex>

namespace termd {
namespace {

constexpr std::array levels{spdlog::level::trace, spdlog::level::debug, spdlog::level::info,
                            spdlog::level::warn,  spdlog::level::err,   spdlog::level::off};
// Of the journal, for each of spdlog's: trace, debug, info, warn, err, critical.
constexpr std::array priorities{LOG_DEBUG, LOG_DEBUG, LOG_INFO, LOG_WARNING, LOG_ERR, LOG_CRIT};

class journal_sink final : public spdlog::sinks::base_sink<std::mutex> {
  public:
    const log_fields* fields = nullptr;  // of the line that is being logged

  private:
    void sink_it_(const spdlog::details::log_msg& line) override {
        std::vector<std::string> all{
            "MESSAGE=" + std::string(line.payload.begin(), line.payload.end()),
            "PRIORITY=" + std::to_string(priorities.at(static_cast<std::size_t>(line.level))),
            "SYSLOG_IDENTIFIER=termd"};
        if (fields != nullptr)
            for (const auto& [name, value] : *fields) all.push_back(name + "=" + value);
        std::vector<iovec> parts;
        for (auto& one : all) parts.push_back({one.data(), one.size()});
        ::sd_journal_sendv(parts.data(), static_cast<int>(parts.size()));
    }
    void flush_() override {}
};

std::shared_ptr<journal_sink> journal;  // when the log goes there

// "device:inode" of the stream that systemd has connected to the journal (systemd.exec(5)); whoever
// has put something else in its place wants to read lines there.
bool is_journal(int fd) {
    const char* stream = std::getenv("JOURNAL_STREAM");
    struct stat about{};
    return stream != nullptr && ::fstat(fd, &about) == 0 &&
           stream == std::to_string(about.st_dev) + ":" + std::to_string(about.st_ino);
}

}  // namespace

void set_log_level(model::log_level level) {
    spdlog::set_level(levels.at(static_cast<std::size_t>(level)));
}

void set_up_log(model::log_level level) {
    if (is_journal(STDERR_FILENO)) {
        journal = std::make_shared<journal_sink>();
        spdlog::set_default_logger(std::make_shared<spdlog::logger>("termd", journal));
    } else {
        auto log = spdlog::stderr_logger_st("termd");
        log->set_pattern("%Y-%m-%dT%H:%M:%S.%e %l %v");
        log->flush_on(spdlog::level::trace);
        spdlog::set_default_logger(std::move(log));
    }
    set_log_level(level);
}

void log_with_fields(spdlog::level::level_enum level, const log_fields& fields,
                     const std::string& text) {
    if (journal) journal->fields = &fields;
    spdlog::log(level, text);
    if (journal) journal->fields = nullptr;
}

}  // namespace termd
