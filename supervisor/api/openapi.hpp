// The description of the control API that GET /openapi.json answers: openapi.json of this folder,
// OpenAPI 3.1. A unit test holds it against the table of routes and the vocabularies; the e2e tests
// hold every answer they get against it.
#pragma once

#include <string_view>

namespace termd::api {

std::string_view openapi_document();

}  // namespace termd::api
