// The route of a session's recording, of one that lives and of one that is over.
#include <algorithm>

#include "common/ids.hpp"
#include "supervisor/api/call.hpp"
#include "supervisor/api/http_message.hpp"

namespace termd::api {
namespace {

constexpr std::size_t most_queued = 64 << 10;  // for one client
constexpr const char* media_type = "application/x-asciicast";

// Hands pieces on as fast as the client takes them.
struct handing_on : std::enable_shared_from_this<handing_on> {
    recording_pieces next;
    std::shared_ptr<body_writer> to;
    std::shared_ptr<const void> place;  // among the questions of who asked
    bool asking = false, over = false;

    void begin(std::shared_ptr<body_writer> body) {
        to = std::move(body);
        const auto self = shared_from_this();
        to->notify([self] { self->go_on(); }, [self] { self->end(); });
        go_on();
    }
    void go_on() {
        if (asking || over || to->queued() >= most_queued) return;
        asking = true;
        next([self = shared_from_this()](const result<std::string>& piece) {
            self->asking = false;
            self->take(piece);
        });
    }
    void take(const result<std::string>& piece) {
        if (over) return;
        if (!piece) return to->cut();
        if (piece->empty()) {
            over = true;
            return to->finish();
        }
        to->write(*piece);
        go_on();
    }
    // The client has all of it, or has gone; he and this let go of each other.
    void end() {
        over = true;
        place.reset();
    }
};

struct wanted {
    session_id id;
    std::string owner;
};

void hand_on(const call& c, const wanted& what, std::shared_ptr<const void> place,
             const recording_pieces& pieces) {
    c.needs.fetched({what.id.str(), what.owner, c.from.user});
    const auto body = std::make_shared<handing_on>();
    body->next = pieces;
    body->place = std::move(place);
    http_response response;
    response.content_type = media_type;
    response.stream = [body](std::shared_ptr<body_writer> to) { body->begin(std::move(to)); };
    c.respond(std::move(response));
}

void answer_with(const call& c, const wanted& what) {
    if (const auto allowed = model::may(c.from, model::right::act_for, what.owner); !allowed)
        return refuse(c.respond, allowed.error());
    auto place = c.needs.questions.admit(c.request.from.uid);
    if (!place)
        return c.respond(problem_response(429, "wait for the answers to your other questions"));
    c.needs.recording(what.id, [c, what, place = std::move(place)](result<recording_pieces> found) {
        if (!found) return refuse(c.respond, found.error());
        hand_on(c, what, place, *found);
    });
}

// The one session whose id begins like that.
result<wanted> only_one(const protocol::session_page& page, const std::string& id) {
    const auto& all = page.sessions;
    const auto whole = std::find_if(all.begin(), all.end(),
                                    [&](const auto& row) { return row.opened.id.str() == id; });
    const auto found = whole == all.end() ? all.begin() : whole;
    if (found == all.end()) return error{errc::not_found, "no session has this id"};
    if (whole == all.end() && (all.size() > 1 || page.next))
        return error{errc::ambiguous_id, "more than one session's id begins with it"};
    return wanted{found->opened.id, found->opened.user};
}

bool may_be_id(const std::string& text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z');
    });
}

void look_in_history(const call& c) {
    if (!may_be_id(c.id)) return refuse(c.respond, {errc::not_found, "no session has this id"});
    auto place = c.needs.questions.admit(c.request.from.uid);
    if (!place)
        return c.respond(problem_response(429, "wait for the answers to your other questions"));
    protocol::session_filter filter;
    filter.id = c.id;
    c.needs.records.sessions(filter, [c, place](const result<protocol::session_page>& page) {
        if (!page) return refuse(c.respond, page.error());
        const auto one = only_one(*page, c.id);
        if (!one) return refuse(c.respond, one.error());
        answer_with(c, *one);
    });
}

}  // namespace

void show_recording(call c) {
    const auto id = c.needs.sessions.find(c.id);
    if (!id && id.error().code == errc::not_found) return look_in_history(c);
    if (!id) return refuse(c.respond, id.error());
    answer_with(c, {*id, c.needs.sessions.owner_of(*id).value()});
}

}  // namespace termd::api
