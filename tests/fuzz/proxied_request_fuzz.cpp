// Whatever a browser sends: who is let through asked for a page of the session that is named, at our host, and
// what it is let through with is one secret that it sent.
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "supervisor/model/proxied_request.hpp"

namespace {

using namespace termd;
using namespace termd::model;

void require(bool holds) {
    if (!holds) std::abort();
}

// The fields of a request, one on each line; an empty one is not there.
std::array<std::string, 6> fields_of(std::string_view text) {
    std::array<std::string, 6> out;
    for (auto& field : out) {
        const auto end = std::min(text.find('\n'), text.size());
        field = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return out;
}

std::optional<std::string> if_any(const std::string& text) {
    return text.empty() ? std::nullopt : std::optional(text);
}

void check(const proxied_request& r, const public_place& here) {
    const auto judged = judge(r, here);
    if (!judged) return require(judged.error().code == errc::unauthorized);
    require(r.host.size() == here.host.size());
    require(!r.origin || r.origin->size() == here.origin.size());
    require(judged->secret.size() == token_length);
    const auto& from = r.authorization ? *r.authorization : r.cookie.value_or("");
    require(from.find(judged->secret) != std::string::npos);
    const auto& named = r.session.empty() ? r.uri : r.session;
    require(named.find(judged->session.str()) != std::string::npos);
    if (!r.authorization) require(from.find(cookie_name(judged->session) + "=" + judged->secret) != std::string::npos);
    if (!r.authorization && judged->to_attach) require(r.origin.has_value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto f = fields_of(text);
    const proxied_request r{f[0], f[1], f[2], if_any(f[3]), if_any(f[4]), if_any(f[5])};
    check(r, {"https://t.example.org", "t.example.org", "/"});
    (void)judge_entry(r, {"https://t.example.org", "t.example.org", "/"});
    if (const auto place = parse_public_url(text)) {
        require(place->origin == "https://" + place->host && place->path.back() == '/');
        check(r, *place);
    }
    return 0;
}
