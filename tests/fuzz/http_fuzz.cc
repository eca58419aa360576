// SPDX-License-Identifier: Apache-2.0
// Fuzzes the HTTP side of a server: what a client may send on a connection, and the tensors of the
// Open Inference Protocol. Every answer must be a whole HTTP response with JSON or a metric page.
#include <memory>
#include <string>
#include <string_view>

#include "base/check.h"
#include "json/json.h"
#include "serve/http_wire.h"
#include "serve/open_inference.h"
#include "support/fake_q_function.h"
#include "support/memory_stream.h"

namespace qt::serve {
namespace {

ServedModel SmallModel() {
  ServedModel model;
  model.hello.server = "fuzz";
  model.hello.model_name = "m";
  model.hello.image_width_px = model.hello.image_height_px = 4;
  CemConfig cem;
  cem.num_samples = 4;
  cem.num_elites = 2;
  const auto score = [](const Observation&, const Action& action) {
    return action.dx_m > 0 ? 0.6f : 0.4f;
  };
  model.factory = GreedyFactory(std::make_shared<test::FakeQFunction>(score), cem, TaskConfig(),
                                "fuzz", "digest");
  return model;
}

struct Http {
  std::unique_ptr<Service> service = std::move(Service::Create(SmallModel(), {})).value();
  HttpApi api{*service, ""};
};

std::string_view TakeLine(std::string_view* text) {
  const size_t end = text->find("\r\n");
  QT_ASSERT(end != std::string_view::npos);
  const std::string_view line = text->substr(0, end);
  text->remove_prefix(end + 2);
  return line;
}

// One response of those that were sent; says how long its body is.
size_t ReadHead(std::string_view* text) {
  const std::string_view status = TakeLine(text);
  QT_ASSERT(status.starts_with("HTTP/1.1 ") && status.size() > 12);
  size_t length = 0;
  for (std::string_view line = TakeLine(text); !line.empty(); line = TakeLine(text)) {
    constexpr std::string_view kLength = "Content-Length: ";
    if (line.starts_with(kLength)) length = std::stoul(std::string(line.substr(kLength.size())));
  }
  return length;
}

void CheckWire(const Bytes& input) {
  static Http& http = *new Http;  // its threads outlive main
  static const HttpLimits kLimits;
  MemorySource in(input, 1 + input.size() % 61);
  MemorySink out;
  ServeHttp(http.api, kLimits, in, out, [](double) {});
  const std::string said(out.contents().begin(), out.contents().end());
  const bool has_head =
      std::string_view(reinterpret_cast<const char*>(input.data()), input.size()).find("HEAD") !=
      std::string_view::npos;
  std::string_view left = said;
  while (!left.empty() && !has_head) {  // an answer to HEAD has a length and no body
    const size_t length = ReadHead(&left);
    QT_ASSERT(length <= left.size());
    const std::string_view body = left.substr(0, length);
    QT_ASSERT(body.empty() || body.starts_with("# HELP") || body.starts_with('{'));
    left.remove_prefix(length);
  }
}

void CheckTensors(const Bytes& input) {
  if (input.empty()) return;
  const protocol::ServerHello hello = SmallModel().hello;
  const std::string_view body(reinterpret_cast<const char*>(input.data()) + 1, input.size() - 1);
  std::optional<size_t> json_bytes;
  if (input[0] % 2 == 1) json_bytes = std::min(body.find('\0'), body.size());
  const Result<InferRequest> infer = ParseInfer(body, json_bytes, hello);
  if (!infer.ok()) {
    QT_ASSERT(!infer.status().message().empty());
    return;
  }
  const std::vector<protocol::ActAnswer> answers(infer->requests.size());
  QT_ASSERT(Json::parse(EncodeInfer(*infer, answers, hello).json).contains("outputs"));
}

}  // namespace
}  // namespace qt::serve

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const qt::Bytes input(data, data + size);
  qt::serve::CheckWire(input);
  qt::serve::CheckTensors(input);
  return 0;
}
