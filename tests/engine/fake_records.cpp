#include "fake_records.hpp"

#include <utility>

#include "fake_world.hpp"

namespace termd::test {

using protocol::event_type;

void fake_records::published(const engine::session_event& event) {
    const auto& id = event.session.id;
    if (event.type == event_type::session_opening) write(id, part::opening);
    if (event.type != event_type::session_closed) return;
    answer(rows_[id], error{errc::start_failed, "it has ended"});
    if (!rows_[id].end_kept) write(id, part::end);
}

void fake_records::write(const std::string& id, part what) {
    auto& one = rows_[id];
    if (works && slowest == boot_clock::duration{}) return keep(one, what);
    if (what == part::opening) one.opening_under_way = true;
    under_way_[++last_number_] = {id, what};
    world_.schedule(world_.now() + world_.random.up_to(slowest), due::record, 0, last_number_);
}

void fake_records::happen(int number) {
    const auto found = under_way_.extract(number);
    if (found.empty()) return;
    const auto& [id, what] = found.mapped();
    auto& one = rows_.at(id);
    if (what == part::opening) one.opening_under_way = false;
    works ? keep(one, what) : fail(id, one, what);
}

void fake_records::keep(row& of, part what) {
    of.opening_kept = true;
    if (what == part::opening) return answer(of, {});
    of.end_kept = true;
    if (const auto kept = std::exchange(of.kept, nullptr)) kept();
    if (const auto settled = std::exchange(of.settled, nullptr)) settled();
}

void fake_records::fail(const std::string& id, row& of, part what) {
    has_failed = true;
    if (what == part::opening) return answer(of, error{errc::history_unavailable, "disk full"});
    if (const auto settled = std::exchange(of.settled, nullptr)) settled();
    under_way_[++last_number_] = {id, what};
    world_.schedule(world_.now() + 1s, due::record, 0, last_number_);
}

void fake_records::answer(row& of, const result<void>& outcome) {
    for (const auto& then : std::exchange(of.waiting, {})) then(outcome);
}

void fake_records::termd_is_killed() {
    under_way_.clear();
    for (auto& [id, one] : rows_) {
        one.opening_under_way = false;
        one.waiting.clear();
        one.kept = one.settled = nullptr;
    }
}

bool fake_records::opening_is_kept(const std::string& id) const {
    const auto at = rows_.find(id);
    return at != rows_.end() && at->second.opening_kept;
}

bool fake_records::end_is_kept(const std::string& id) const {
    const auto at = rows_.find(id);
    return at != rows_.end() && at->second.end_kept;
}

void fake_records::when_opening_kept(const session_id& id,
                                     std::function<void(result<void>)> then) {
    auto& one = rows_[id.str()];
    if (one.opening_kept) return then({});
    one.waiting.push_back(std::move(then));
    if (!one.opening_under_way) write(id.str(), part::opening);
}

void fake_records::when_end_kept(const session_id& id, std::function<void()> kept,
                                 std::function<void()> settled) {
    auto& one = rows_.at(id.str());
    if (one.end_kept) return kept(), settled();
    one.kept = std::move(kept);
    if (works)
        one.settled = std::move(settled);
    else
        settled();
}

}  // namespace termd::test
