// A history in a directory that goes away, and ways to tamper with it.
#pragma once

#include <doctest/doctest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "supervisor/platform/history_store.hpp"

namespace termd::test {

// doctest would print what a result holds, which not everything can be.
template <class T>
bool good(const result<T>& outcome) {
    return outcome.has_value();
}

struct history_fixture {
    // In memory where it can be: these tests write thousands of files, and are not about the disk.
    std::string folder = std::string(std::filesystem::exists("/dev/shm") ? "/dev/shm" : "/tmp") +
                         "/termd-history-XXXXXX";
    std::string path;

    history_fixture() {
        REQUIRE(::mkdtemp(folder.data()) != nullptr);
        path = folder + "/history.db";
    }
    ~history_fixture() { std::filesystem::remove_all(folder); }
    history_fixture(const history_fixture&) = delete;
    history_fixture& operator=(const history_fixture&) = delete;

    static constexpr milliseconds patience{50};

    platform::history_store open() const {
        auto store = platform::history_store::open(path, patience);
        REQUIRE_MESSAGE(store.has_value(), (store ? "" : store.error().detail));
        return std::move(*store);
    }

    static std::string content(const std::string& file) {
        std::ifstream in(file, std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }
    static void put(const std::string& file, const std::string& bytes) {
        std::ofstream(file, std::ios::binary) << bytes;
    }

    // As somebody with a tool would.
    void run_sql(const char* sql) const { run_sql(sql, platform::sqlite::database::mode::write); }
    void run_sql_in_new_file(const char* sql) const {
        run_sql(sql, platform::sqlite::database::mode::create);
    }
    void run_sql(const char* sql, platform::sqlite::database::mode how) const {
        auto db = platform::sqlite::database::open(path, how, patience);
        REQUIRE(good(db));
        const auto done = db->script(sql);
        REQUIRE_MESSAGE(done.has_value(), (done ? "" : done.error().detail));
    }

    std::vector<std::string> set_aside() const {
        std::vector<std::string> out;
        for (const auto& entry : std::filesystem::directory_iterator(folder))
            if (entry.path().filename().string().starts_with("history.db.corrupt-"))
                out.push_back(entry.path());
        return out;
    }
};

}  // namespace termd::test
