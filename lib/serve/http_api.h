// SPDX-License-Identifier: Apache-2.0
// What the HTTP side of a server answers, without the wire: the Open Inference Protocol v2,
// POST /act, /metrics (formats/serve/SPEC.md, section 5). Knows no sockets and no HTTP
// library.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/status.h"
#include "serve/service.h"

namespace qt::serve {

struct HttpAnswer {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
};
// The Open Inference Protocol's form of an error.
HttpAnswer Refusal(int status, const std::string& sentence);

using HttpBody = std::variant<std::string, HttpAnswer>;

struct HttpRequest {
  std::string method;  // "GET", "POST", ...
  std::string path;    // decoded, without the query
  // The value of a header, or "".
  std::function<std::string(const char* name)> header;
  // The whole body, decompressed; called at most once. Or what to answer if it cannot be had: it is
  // longer than max_body_bytes, say.
  std::function<HttpBody()> read_body;
};

class HttpApi {
 public:
  // With a token, everything but /v2/health/ wants "Authorization: Bearer TOKEN". Without one it is
  // not for pages of a browser, which any site can send there: one that calls this machine by a
  // name of its own, or comes from elsewhere, is refused. `service` must outlive the object.
  HttpApi(Service& service, std::string token);

  // Thread-safe; waits for the policy.
  HttpAnswer Answer(const HttpRequest& request) const;
  size_t max_body_bytes() const { return max_body_bytes_; }

 private:
  std::optional<HttpAnswer> AccessRefusal(const HttpRequest& request) const;
  HttpAnswer Get(const std::string& path) const;
  HttpAnswer Post(const HttpRequest& request) const;
  HttpAnswer Act(const std::string& body) const;
  HttpAnswer Infer(const HttpRequest& request, const std::string& body) const;
  // The part of the path behind the model's name, if it names the model that answers now.
  std::optional<std::string> BehindModel(const std::string& path) const;
  // Submits all requests at once; the outcomes are in the order of the requests.
  std::vector<Outcome> Ask(std::vector<protocol::ActRequest> requests) const;

  Service& service_;
  const std::string token_digest_;  // empty: none is wanted
  const size_t max_body_bytes_;
};

}  // namespace qt::serve
