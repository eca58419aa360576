// SPDX-License-Identifier: Apache-2.0
// HTTP/1.1 for one client: the parser is Boost.Beast's, what is answered is serve/http_api's.
// Heads, bodies and waits are bounded.
#pragma once

#include <functional>

#include "base/file.h"
#include "serve/http_api.h"

namespace qt::serve {

struct HttpLimits {
  size_t max_head_bytes = 64 << 10;  // request line and headers
  double idle_s = 60;                // between two requests
  double request_s = 20;             // to send one
};

// Answers requests until the client ends, or says what HTTP does not allow. `allow` is told, before
// each wait, how many seconds from now reads may take.
void ServeHttp(const HttpApi& api, const HttpLimits& limits, ByteSource& in, ByteSink& out,
               const std::function<void(double seconds)>& allow);

std::string HttpLibraryVersion();

}  // namespace qt::serve
