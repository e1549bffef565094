#include "cli/top.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <tuple>

#include "cli/fields.hpp"
#include "cli/fitted.hpp"
#include "cli/render.hpp"
#include "cli/session_text.hpp"
#include "cli/when.hpp"

namespace termd::cli {
namespace {

namespace json = boost::json;

struct sort_key {
    char key;
    top_column column;
    std::string_view heading;
};

constexpr std::array keys{
    sort_key{'u', top_column::user, "USER"},   sort_key{'t', top_column::target, "TARGET"},
    sort_key{'s', top_column::state, "STATE"}, sort_key{'a', top_column::age, "AGE"},
    sort_key{'i', top_column::input, "INPUT"}, sort_key{'r', top_column::restarts, "RESTARTS"},
    sort_key{'p', top_column::port, "PORT"},
};

// What a column sorts by: text, or a number; nothing when the session has none.
struct rank {
    bool missing = false;
    std::int64_t number = 0;
    std::string text;
};

rank by_number(const std::optional<std::int64_t>& value) {
    return {!value, value.value_or(0), {}};
}

rank by_age(const std::optional<wall_time>& time) {
    if (!time) return {true, 0, {}};
    return {false, -time->time_since_epoch().count(), {}};  // the youngest first
}

rank rank_of(const json::value& s, top_column by) {
    switch (by) {
        case top_column::user:
            return {false, 0, text_at(s, "/user")};
        case top_column::target:
            return {false, 0, session_target_text(s)};
        case top_column::state:
            return {false, 0, text_at(s, "/state")};
        case top_column::age:
            return by_age(time_at(s, "/created_at"));
        case top_column::input:
            return by_age(time_at(s, "/last_input_at"));
        case top_column::restarts: {
            auto most_first = by_number(number_at(s, "/worker/restarts"));
            most_first.number = -most_first.number;
            return most_first;
        }
        case top_column::port:
            return by_number(number_at(s, "/worker/port"));
    }
    return {};
}

bool comes_first(const rank& a, const rank& b, bool reversed) {
    if (a.missing != b.missing) return b.missing;
    const auto& first = reversed ? b : a;
    const auto& second = reversed ? a : b;
    return std::tie(first.number, first.text) < std::tie(second.number, second.text);
}

json::array in_order(const json::array& sessions, top_order order) {
    std::vector<std::pair<rank, const json::value*>> ranked;
    for (const auto& s : sessions) ranked.emplace_back(rank_of(s, order.by), &s);
    std::stable_sort(ranked.begin(), ranked.end(), [&](const auto& a, const auto& b) {
        return comes_first(a.first, b.first, order.reversed);
    });
    json::array out;
    for (const auto& [rank, session] : ranked) out.push_back(*session);
    return out;
}

std::vector<cell> row_of(const json::value& s, wall_time now) {
    auto state = text_at(s, "/state");
    const auto colour = session_tint(state);
    return {{session_id_text(s)},
            {text_at(s, "/user")},
            {session_target_text(s)},
            {std::move(state), colour},
            {since_text(time_at(s, "/created_at"), now)},
            {since_text(time_at(s, "/last_input_at"), now)},
            {text_at(s, "/worker/restarts")},
            {text_at(s, "/worker/port")}};
}

std::string summary(const top_facts& f) {
    auto out = "termd " + text_at(f.status, "/version") + "  ";
    out += session_counts(f.status) + "  " + std::to_string(f.openings_per_minute) +
           " opened in the last minute";
    const auto ports = text_at(f.status, "/ports/total");
    if (ports != "0") out += "  " + text_at(f.status, "/ports/free") + " of " + ports + " ports free";
    return text_at(f.status, "/draining") == "yes" ? out + "  draining" : out;
}

// The headings; that of the column which sorts is marked.
std::vector<std::string> headings(top_order order) {
    std::vector<std::string> out{"ID"};
    for (const auto& k : keys)
        out.push_back(std::string(k.heading) +
                      (k.column == order.by ? (order.reversed ? "^" : "v") : ""));
    return out;
}

std::string help() {
    std::string out = "q quit, sort by:";
    for (const auto& k : keys) {
        std::string name(k.heading);
        for (char& c : name) c = static_cast<char>(c - 'A' + 'a');
        out.append(" ").append(1, k.key).append(" ").append(name);
        if (&k != &keys.back()) out += ",";
    }
    return out;
}

}  // namespace

top_order top_order::after(char key) const {
    for (const auto& k : keys)
        if (k.key == key) return {k.column, k.column == by && !reversed};
    return *this;
}

void openings::add(const json::value& list, wall_time now) {
    for (const auto& s : rows_at(list, "/sessions"))
        if (const auto at = time_at(s, "/created_at")) opened_[raw_text_at(s, "/id")] = *at;
    std::erase_if(opened_,
                  [&](const auto& one) { return now - one.second >= std::chrono::minutes{1}; });
}

outcome<std::string> top_text(const top_facts& facts, screen_size size, top_order order,
                              const look& how) {
    if (auto good = session_ids(facts.sessions, how); !good) return good.error();
    const auto words = headings(order);
    const std::vector<std::string_view> titles(words.begin(), words.end());
    std::vector<std::vector<cell>> rows;
    for (const auto& s : in_order(rows_at(facts.sessions, "/sessions"), order))
        rows.push_back(row_of(s, how.now));
    auto with_headings = how;
    with_headings.headings = true;
    const auto table = columns(titles, rows, with_headings);
    const auto above = summary(facts) + "\n" + facts.trouble + "\n";
    if (!how.headings) return above + table;
    return fitted(above, size) + fitted(table, {size.columns, std::max(1, size.rows - 3)}) +
           fitted(help(), {size.columns, 1});
}

}  // namespace termd::cli
