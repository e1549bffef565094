#include "protocol/shim_messages.hpp"

namespace termd::protocol::shim {
namespace {

template <class Variant>
std::string encode_any(const Variant& message) {
    return std::visit(
        [&](const auto& m) {
            return make_frame(static_cast<std::uint8_t>(message.index() + 1), to_fields(m));
        },
        message);
}

template <class Variant, std::size_t I = 0>
std::optional<Variant> decode_any(const frame& from) {
    if constexpr (I < std::variant_size_v<Variant>) {
        if (from.type != I + 1) return decode_any<Variant, I + 1>(from);
        if (auto message = from_fields<std::variant_alternative_t<I, Variant>>(from.payload))
            return Variant{std::move(*message)};
    }
    return std::nullopt;
}

// Numbers of a vocabulary that this version does not know are not let in.
bool known(end_reason r) { return r >= end_reason::user && r <= end_reason::reboot; }
bool known(role r) { return r == role::control || r == role::view; }

bool known(second_client c) {
    return c >= second_client::takeover && c <= second_client::refuse;
}

bool known(recording_status s) {
    return s >= recording_status::off && s <= recording_status::stopped;
}

bool known(log_line::source s) {
    return s >= log_line::source::worker && s <= log_line::source::shim;
}

bool sensible(const request& message) {
    if (const auto* m = std::get_if<stop>(&message)) return known(m->reason);
    if (const auto* m = std::get_if<add_grant>(&message)) return known(m->token.as);
    if (const auto* m = std::get_if<start>(&message)) {
        if (!known(m->second_client)) return false;
        for (const auto& g : m->grants)
            if (!known(g.as)) return false;
    }
    return true;
}

bool sensible(const fact& message) {
    if (const auto* m = std::get_if<ending>(&message)) return known(m->reason);
    if (const auto* m = std::get_if<log_line>(&message)) return known(m->from);
    if (const auto* m = std::get_if<recording_state>(&message)) return known(m->status);
    if (const auto* m = std::get_if<clients_state>(&message))
        for (const auto& c : m->attached)
            if (!known(c.as)) return false;
    return true;
}

template <class Variant>
std::optional<Variant> only_sensible(std::optional<Variant> message) {
    if (message && !sensible(*message)) return std::nullopt;
    return message;
}

}  // namespace

bool fits(const hello& from) {
    return from.version >= oldest_version && from.oldest <= version;
}

std::string encode(const request& message) { return encode_any(message); }
std::string encode(const fact& message) { return encode_any(message); }
std::optional<request> decode_request(const frame& from) {
    return only_sensible(decode_any<request>(from));
}
std::optional<fact> decode_fact(const frame& from) {
    return only_sensible(decode_any<fact>(from));
}

}  // namespace termd::protocol::shim
