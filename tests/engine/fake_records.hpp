// The history as the engine sees it (engine/ports.hpp), without a file: what is published is kept
// after a while, or not while it does not work. It outlives termd, with what has been kept by then.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "supervisor/engine/ports.hpp"

namespace termd::test {

class fake_world;

class fake_records final : public engine::recorder {
  public:
    explicit fake_records(fake_world& world) : world_(world) {}

    boot_clock::duration slowest{};  // to keep something; zero: at once
    bool works = true;
    bool has_failed = false;  // ever

    void published(const engine::session_event& event);
    void happen(int number);
    void termd_is_killed();
    void lose_opening(const session_id& id) { rows_.at(id.str()).opening_kept = false; }

    bool opening_is_kept(const std::string& id) const;
    bool end_is_kept(const std::string& id) const;

    // ---- engine/ports.hpp
    bool can_record() const override { return works; }
    void when_opening_kept(const session_id& id, std::function<void(result<void>)> then) override;
    void when_end_kept(const session_id& id, std::function<void()> kept,
                       std::function<void()> settled) override;

  private:
    enum class part { opening, end };
    struct row {
        bool opening_kept = false, end_kept = false;
        bool opening_under_way = false;
        std::vector<std::function<void(result<void>)>> waiting;  // for the opening
        std::function<void()> kept, settled;                     // of the end
    };
    void write(const std::string& id, part what);
    void keep(row& of, part what);
    void fail(const std::string& id, row& of, part what);
    static void answer(row& of, const result<void>& outcome);

    fake_world& world_;
    std::map<std::string, row> rows_;
    std::map<int, std::pair<std::string, part>> under_way_;
    int last_number_ = 0;
};

}  // namespace termd::test
