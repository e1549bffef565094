// What ttyd says about itself on its standard error (ttyd 1.7, server.c).
#pragma once

#include <string_view>

namespace termd::protocol {

// "[2026/11/22 07:45:19:9889] N:  Listening on port: 23540"; of a socket the port is 0.
inline bool says_it_listens(std::string_view line) {
    return line.find(" Listening on port: ") != line.npos;
}

}  // namespace termd::protocol
