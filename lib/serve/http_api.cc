// SPDX-License-Identifier: Apache-2.0
#include "serve/http_api.h"

#include <charconv>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "base/digest.h"
#include "json/json.h"
#include "serve/http_head.h"
#include "serve/open_inference.h"
#include "serve/server.h"

namespace qt::serve {
namespace {

using protocol::WireError;
using protocol::WireErrorCode;

constexpr char kModels[] = "/v2/models/";
constexpr char kJsonLength[] = "Inference-Header-Content-Length";
constexpr size_t kHeadRoom_bytes = 64 << 10;  // of a body: what is not the pictures
constexpr size_t kJsonBytesOfByte = 4;        // "255,"

std::string Dump(const Json& json) { return json::Dump(json) + "\n"; }

HttpAnswer JsonAnswer(const Json& json, int status = 200) {
  HttpAnswer answer;
  answer.status = status;
  answer.body = Dump(json);
  return answer;
}

int StatusOf(WireErrorCode code) {
  switch (code) {
    case WireErrorCode::kBusy:
      return 503;
    case WireErrorCode::kDeadline:
      return 504;
    case WireErrorCode::kInternal:
      return 500;
    default:
      return 400;
  }
}

HttpAnswer RefusalOf(const WireError& error) {
  HttpAnswer answer =
      JsonAnswer({{"error", error.message}, {"code", ToString(error.code)}}, StatusOf(error.code));
  if (error.code == WireErrorCode::kBusy) answer.headers.emplace_back("Retry-After", "1");
  return answer;
}

// The answer as JSON text, without NDJSON's newline.
std::string ActText(const protocol::ActAnswer& answer) {
  const Bytes line = protocol::Encode(protocol::Framing::kNdjson, answer);
  return {line.begin(), line.end()};
}

// The message of the framed protocol, whose type and number may be missing here.
protocol::Request DecodeAct(const std::string& body, const protocol::WireLimits& limits) {
  Result<Json> message = protocol::ParseSmallObject(body);
  if (!message.ok()) return WireError{{}, WireErrorCode::kBadRequest, message.status().message()};
  const auto set_default = [&message](const char* key, Json value) {
    Json& present = (*message)[key];
    if (present.is_null()) present = std::move(value);
  };
  set_default("type", "act");
  set_default("id", 0u);
  return protocol::DecodeRequest(*message, {}, limits);
}

// A name that a site has made to lead to this machine is in Host; a page that asks from elsewhere
// is in Origin, which only browsers send.
std::optional<HttpAnswer> PageRefusal(const HttpRequest& request) {
  const std::string host = request.header("Host"), origin = request.header("Origin");
  if (!IsLoopbackOrAddress(host)) {
    return Refusal(421, "without a token this server is asked as localhost or by its address");
  }
  if (origin.empty()) return std::nullopt;
  const std::string_view from = HostOfOrigin(origin);
  if (!from.empty() && (IsLoopbackHost(from) || EqualsIgnoringCase(from, host))) {
    return std::nullopt;
  }
  return Refusal(403, "without a token this server is not for pages from elsewhere");
}

size_t BodyLimit(const protocol::ServerHello& hello) {
  const size_t raw_bytes = RgbBytes(hello.image_width_px, hello.image_height_px);
  return kHeadRoom_bytes + std::max(kMaxBatch, 2 * kJsonBytesOfByte) * raw_bytes;
}

// Nullopt if the text is no number; empty is no number either.
std::optional<size_t> ParseLength(const std::string& text) {
  size_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// Collects the outcomes of several requests. Owned by the callbacks, too: who waits may be gone
// before the last callback has returned.
struct Gathering {
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<Outcome> outcomes;
  size_t num_missing;

  explicit Gathering(size_t n) : outcomes(n), num_missing(n) {}
  // Throws nothing: who waits must not wait for ever.
  void Put(size_t index, Outcome& outcome) {
    const std::lock_guard lock(mutex);
    outcomes[index] = std::move(outcome);
    --num_missing;
    changed.notify_all();
  }
  std::vector<Outcome> Wait() {
    std::unique_lock lock(mutex);
    changed.wait(lock, [this] { return num_missing == 0; });
    return std::move(outcomes);
  }
};

}  // namespace

HttpAnswer Refusal(int status, const std::string& sentence) {
  return JsonAnswer({{"error", sentence}}, status);
}

HttpApi::HttpApi(Service& service, std::string token)
    : service_(service),
      token_digest_(token.empty() ? "" : Sha256Hex(AsBytes(token))),
      max_body_bytes_(BodyLimit(service.shape())) {}

std::optional<HttpAnswer> HttpApi::AccessRefusal(const HttpRequest& request) const {
  if (request.path.starts_with("/v2/health/")) return std::nullopt;
  if (token_digest_.empty()) return PageRefusal(request);
  // Digests are compared, so that the time it takes says nothing of the token.
  if (Sha256Hex(AsBytes(BearerOf(request.header("Authorization")))) == token_digest_) {
    return std::nullopt;
  }
  HttpAnswer answer = Refusal(401, "the token is missing or wrong");
  answer.headers.emplace_back("WWW-Authenticate", "Bearer");
  return answer;
}

HttpAnswer HttpApi::Answer(const HttpRequest& request) const {
  if (std::optional<HttpAnswer> refusal = AccessRefusal(request)) return *std::move(refusal);
  if (request.method == "GET" || request.method == "HEAD") return Get(request.path);
  if (request.method == "POST") return Post(request);
  HttpAnswer answer = Refusal(405, "only GET and POST are understood");
  answer.headers.emplace_back("Allow", "GET, HEAD, POST");
  return answer;
}

std::optional<std::string> HttpApi::BehindModel(const std::string& path) const {
  const protocol::ServerHello hello = service_.hello();
  const std::string model = kModels + hello.model_name;
  if (!path.starts_with(model)) return std::nullopt;
  std::string rest = path.substr(model.size());
  const std::string version = "/versions/" + std::to_string(hello.model_step);
  if (rest == version || rest.starts_with(version + "/")) rest = rest.substr(version.size());
  return rest;
}

HttpAnswer HttpApi::Get(const std::string& path) const {
  const bool ready = service_.ready();
  if (path == "/v2/health/live") return JsonAnswer({{"live", true}});
  if (path == "/v2/health/ready") return JsonAnswer({{"ready", ready}}, ready ? 200 : 503);
  if (path == "/metrics") {
    HttpAnswer answer;
    answer.content_type = "text/plain; version=0.0.4; charset=utf-8";
    answer.body = service_.MetricsText();
    return answer;
  }
  const protocol::ServerHello hello = service_.hello();
  if (path == "/v2") {
    return JsonAnswer({{"name", "qt-serve"},
                       {"version", hello.server},
                       {"extensions", Json::array({"binary_tensor_data"})}});
  }
  const std::optional<std::string> rest = BehindModel(path);
  if (rest == "") return JsonAnswer(ModelMetadata(hello));
  if (rest == "/ready") {
    return JsonAnswer({{"name", hello.model_name}, {"ready", ready}}, ready ? 200 : 503);
  }
  if (path == "/act" || rest == "/infer") return Refusal(405, "this wants POST");
  return Refusal(404,
                 "there is nothing here; the model is " + std::string(kModels) + hello.model_name);
}

HttpAnswer HttpApi::Post(const HttpRequest& request) const {
  const bool infers = BehindModel(request.path) == "/infer";
  if (!infers && request.path != "/act") {
    return Refusal(404, "requests go to /act, or to " + std::string(kModels) +
                            service_.hello().model_name + "/infer");
  }
  const HttpBody body = request.read_body();
  if (const auto* refusal = std::get_if<HttpAnswer>(&body)) return *refusal;
  const auto& text = std::get<std::string>(body);
  return infers ? Infer(request, text) : Act(text);
}

// The message of the framed protocol, without its type and number.
HttpAnswer HttpApi::Act(const std::string& body) const {
  const auto refuse = [this](const WireError& error) {
    service_.metrics().CountRefusal(error.code);
    return RefusalOf(error);
  };
  protocol::Request request = DecodeAct(body, LimitsFor(service_.shape()));
  if (const auto* error = std::get_if<WireError>(&request)) return refuse(*error);
  if (!std::holds_alternative<protocol::ActRequest>(request)) {
    return refuse({{}, WireErrorCode::kBadRequest, "'type' must be act"});
  }
  auto& act = std::get<protocol::ActRequest>(request);
  if (const auto error = service_.Unfit(act)) return refuse(*error);
  std::vector<protocol::ActRequest> one;
  one.push_back(std::move(act));
  const Outcome outcome = Ask(std::move(one)).at(0);
  if (const auto* error = std::get_if<WireError>(&outcome)) return RefusalOf(*error);
  HttpAnswer answer;
  answer.body = ActText(std::get<protocol::ActAnswer>(outcome));
  return answer;
}

HttpAnswer HttpApi::Infer(const HttpRequest& request, const std::string& body) const {
  const auto refuse = [this](const WireError& error) {
    service_.metrics().CountRefusal(error.code);
    return RefusalOf(error);
  };
  const std::string length = request.header(kJsonLength);
  const std::optional<size_t> json_bytes = ParseLength(length);
  if (!length.empty() && !json_bytes) {
    return refuse({{}, WireErrorCode::kBadRequest, std::string(kJsonLength) + " is no number"});
  }
  const protocol::ServerHello hello = service_.hello();
  Result<InferRequest> infer = ParseInfer(body, json_bytes, hello);
  if (!infer.ok()) return refuse({{}, WireErrorCode::kBadRequest, infer.status().message()});
  for (const protocol::ActRequest& row : infer->requests) {
    if (const auto error = service_.Unfit(row)) return refuse(*error);
  }
  std::vector<protocol::ActAnswer> answers;
  for (const Outcome& outcome : Ask(std::move(infer->requests))) {
    if (const auto* error = std::get_if<WireError>(&outcome)) return RefusalOf(*error);
    answers.push_back(std::get<protocol::ActAnswer>(outcome));
  }
  const InferReply reply = EncodeInfer(*infer, answers, hello);
  HttpAnswer answer;
  answer.body = reply.json;
  if (reply.binary.empty()) return answer;
  answer.content_type = "application/octet-stream";
  answer.headers.emplace_back(kJsonLength, std::to_string(reply.json.size()));
  answer.body.append(reply.binary.begin(), reply.binary.end());
  return answer;
}

std::vector<Outcome> HttpApi::Ask(std::vector<protocol::ActRequest> requests) const {
  const auto gathering = std::make_shared<Gathering>(requests.size());
  for (size_t i = 0; i < requests.size(); ++i) {
    service_.Submit(std::move(requests[i]), Service::WhenFull::kRefuse,
                    [gathering, i](Outcome& outcome) { gathering->Put(i, outcome); });
  }
  return gathering->Wait();
}

}  // namespace qt::serve
