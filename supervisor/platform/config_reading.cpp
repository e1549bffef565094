#include "supervisor/platform/config_reading.hpp"

#include "common/text.hpp"

namespace termd::platform {

void complaints::operator()(place at, std::string_view what) const {
    out_.push_back({at.line, at.column, key_ + " " + std::string(what)});
}

complaints complaints::about_entries() const {
    return {"every entry of " + key_, out_};
}

complaints complaints::about(std::string_view sub_key) const {
    return {key_ + "." + std::string(sub_key), out_};
}

std::optional<int> read_integer(const toml_node& node, int least, int most,
                                const complaints& wrong) {
    const auto* value = expect<std::int64_t>(node, "an integer", wrong);
    if (!value) return std::nullopt;
    if (*value >= least && *value <= most) return static_cast<int>(*value);
    wrong(node.at, "must be from " + std::to_string(least) + " to " + std::to_string(most) +
                       ", not " + std::to_string(*value));
    return std::nullopt;
}

std::optional<std::string> read_text(const toml_node& node, rule right, const complaints& wrong) {
    const auto* value = expect<std::string>(node, "a string", wrong);
    if (!value) return std::nullopt;
    const auto problem = right(*value);
    if (problem.empty()) return *value;
    wrong(node.at, std::string(problem) + ", not " + in_quotes(*value));
    return std::nullopt;
}

std::string in_quotes(std::string_view untrusted) {
    return '"' + escape_untrusted(untrusted, 64) + '"';
}

std::string write_text(std::string_view text) {
    constexpr std::string_view hex = "0123456789ABCDEF";
    std::string out = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\')
            (out += '\\') += c;
        else if (byte < 0x20 || byte == 0x7F)
            ((out += "\\u00") += hex[byte >> 4]) += hex[byte & 15U];
        else
            out += c;
    }
    return out + '"';
}

}  // namespace termd::platform
