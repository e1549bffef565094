// How sections are described: a list of rows, each a key with the member that it sets and the kind
// of its value. Everything else (reading, writing, which keys are known) follows from the rows.
// The sections themselves are in config_schema.cpp.
#pragma once

#include <algorithm>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "supervisor/platform/config_kinds.hpp"
#include "supervisor/platform/config_schema.hpp"

namespace termd::platform {

template <class Part>
struct setting {
    std::string_view name;
    // Whether the value could be taken.
    std::function<bool(const toml_node&, Part&, const complaints&)> read;
    std::function<std::string(const Part&)> write;
};

template <class Part, class T>
setting<Part> row(std::string_view name, T Part::*field, kind<T> how) {
    const auto read = [field, read = std::move(how.read)](const toml_node& node, Part& part,
                                                          const complaints& wrong) {
        auto value = read(node, wrong);
        if (value) part.*field = std::move(*value);
        return value.has_value();
    };
    return {name, read,
            [field, write = std::move(how.write)](const Part& part) { return write(part.*field); }};
}

struct section {
    std::string_view name;
    std::function<void(const toml_entry&, model::config&, findings&)> read;
    std::function<void(const model::config&, std::vector<written_key>&)> write;
};

void unknown_key(const std::string& table, const toml_entry& entry,
                 const std::vector<std::string_view>& known, findings& found);

// The entry's table; when it is something else, nullptr and a problem.
const toml_table* expect_table(const std::string& name, const toml_entry& entry, findings& found);

template <class Row>
std::vector<std::string_view> names_of(const std::vector<Row>& rows) {
    std::vector<std::string_view> out;
    for (const auto& r : rows) out.push_back(r.name);
    return out;
}

template <class Part>
void read_rows(const std::string& name, const toml_table& table,
               const std::vector<setting<Part>>& rows, Part& part, findings& found) {
    for (const auto& entry : table) {
        const auto known = std::find_if(rows.begin(), rows.end(),
                                        [&](const auto& r) { return r.name == entry.key; });
        if (known == rows.end()) {
            unknown_key(name, entry, names_of(rows), found);
            continue;
        }
        const auto key = name + "." + entry.key;
        const bool taken = known->read(entry.value, part, complaints(key, found.problems));
        found.keys.insert({key, {entry.at, !taken}});
    }
}

template <class Part>
void write_rows(const std::string& name, const std::vector<setting<Part>>& rows, const Part& part,
                std::vector<written_key>& out, const std::string& header = {}) {
    for (const auto& r : rows)
        out.push_back({name, std::string(r.name), r.write(part),
                       header.empty() ? "[" + name + "]" : header});
}

template <class Part>
section section_of(std::string_view name, Part model::config::*part,
                   std::vector<setting<Part>> rows) {
    return {name,
            [=](const toml_entry& entry, model::config& settings, findings& found) {
                if (const auto* table = expect_table(entry.key, entry, found))
                    read_rows(std::string(name), *table, rows, settings.*part, found);
            },
            [=](const model::config& settings, std::vector<written_key>& out) {
                write_rows(std::string(name), rows, settings.*part, out);
            }};
}

}  // namespace termd::platform
