// The HTTP side: what each path answers, tensors in and out, and the wire over a stream in memory.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "fakes.h"
#include "json/json.h"
#include "serve/http_api.h"
#include "serve/http_wire.h"
#include "serve/open_inference.h"
#include "serve/server.h"
#include "support/memory_stream.h"
#include "support/temp_dir.h"

namespace qt::serve {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr char kInfer[] = "/v2/models/bowl/infer";

struct Http {
  std::unique_ptr<Service> service = std::move(Service::Create(BowlModel(), {})).value();
  HttpApi api;

  explicit Http(const std::string& token = "") : api(*service, token) {}
  HttpAnswer Ask(const std::string& method, const std::string& path, const std::string& body = "",
                 const std::map<std::string, std::string>& headers = {}) const {
    return api.Answer({method, path,
                       [&](const char* name) {
                         const auto found = headers.find(name);
                         return found == headers.end() ? "" : found->second;
                       },
                       [&] { return Result<std::string>(body); }});
  }
  // What the wire says to these bytes.
  std::string Talk(const std::string& input, const HttpLimits& limits = {},
                   size_t piece_bytes = SIZE_MAX) const {
    MemorySource in(Bytes(input.begin(), input.end()), piece_bytes);
    MemorySink out;
    ServeHttp(api, limits, in, out, [](double) {});
    return {out.contents().begin(), out.contents().end()};
  }
};

Json Parsed(const HttpAnswer& answer) { return Json::parse(answer.body); }

std::string ActBody() {
  protocol::ActRequest request = BowlRequest(5);
  const Bytes line = protocol::Encode(protocol::Framing::kNdjson, request);
  return {line.begin(), line.end()};
}

Json Tensor(const char* name, const char* datatype, Json shape, Json data) {
  return {{"name", name}, {"datatype", datatype}, {"shape", shape}, {"data", data}};
}

// Request 5 of BowlRequest, `rows` times.
Json InferBody(size_t rows = 1) {
  const protocol::ActRequest request = BowlRequest(5);
  const GripperState& g = request.observation.gripper;
  Json image = Json::array();
  for (size_t i = 0; i < rows; ++i) {
    for (uint8_t byte : request.observation.image.bytes) image.push_back(byte);
  }
  Json inputs =
      Json::array({Tensor("image", "UINT8", {rows, 2, 4, 3}, image),
                   Tensor("gripper", "FP32", {1, 6},
                          {g.opening, g.height_m, g.x_m, g.y_m, g.yaw_rad, g.measured_opening_m}),
                   Tensor("seed", "UINT64", {1, 1}, {request.seed}),
                   Tensor("step", "INT32", {1, 1}, {request.observation.step})});
  return {{"id", "r5"}, {"inputs", inputs}};
}

protocol::ActAnswer Framed() {
  Outcomes outcomes;
  const Http http;
  http.service->Submit(BowlRequest(5), Service::WhenFull::kRefuse, outcomes.Taker());
  return outcomes.AnswerOf(5);
}

std::vector<double> NumbersOf(const Json& reply, const std::string& output) {
  for (const Json& each : reply["outputs"]) {
    if (each["name"] == output) return each["data"].get<std::vector<double>>();
  }
  return {};
}

TEST(HttpApi, SaysHowItIs) {
  const Http http;
  EXPECT_EQ(http.Ask("GET", "/v2/health/live").status, 200);
  EXPECT_EQ(http.Ask("GET", "/v2/health/ready").status, 200);
  EXPECT_EQ(Parsed(http.Ask("GET", "/v2"))["extensions"][0], "binary_tensor_data");
  EXPECT_EQ(Parsed(http.Ask("GET", "/v2/models/bowl"))["inputs"][0]["shape"], Json({-1, 2, 4, 3}));
  EXPECT_EQ(http.Ask("GET", "/v2/models/bowl/versions/0/ready").status, 200);
  EXPECT_EQ(http.Ask("GET", "/v2/models/bowl/versions/1").status, 404);
  EXPECT_THAT(http.Ask("GET", "/metrics").body, HasSubstr("qt_ready 1\n"));
  http.service->SetReady(false);
  EXPECT_EQ(http.Ask("GET", "/v2/health/ready").status, 503);
  EXPECT_EQ(http.Ask("GET", "/v2/health/live").status, 200);
}

TEST(HttpApi, WhatIsNotThere) {
  const Http http;
  EXPECT_EQ(http.Ask("GET", "/").status, 404);
  EXPECT_EQ(http.Ask("POST", "/v2/models/other/infer").status, 404);
  EXPECT_EQ(http.Ask("GET", "/act").status, 405);
  EXPECT_EQ(http.Ask("DELETE", "/act").status, 405);
}

TEST(HttpApi, ActAnswersAsTheFramedProtocol) {
  const Http http;
  const HttpAnswer answer = http.Ask("POST", "/act", ActBody());
  ASSERT_EQ(answer.status, 200) << answer.body;
  const Json json = Parsed(answer);
  EXPECT_EQ(json["id"], 5);
  EXPECT_EQ(json["action"], Json(Framed().action.ToArray()));
  Json short_body = Json::parse(ActBody());
  short_body.erase("type"), short_body.erase("id");
  const HttpAnswer again = http.Ask("POST", "/act", " " + short_body.dump());
  EXPECT_EQ(Parsed(again)["action"], json["action"]);
}

TEST(HttpApi, ActWithAnActionIsAskedForItsValue) {
  Json body = Json::parse(ActBody());
  body["action"] = Action::Close().ToArray();
  const Json json = Parsed(Http().Ask("POST", "/act", body.dump()));
  EXPECT_EQ(json["action"], body["action"]);
  EXPECT_EQ(json["q_value"], 0) << "the bowl is for motions";
}

TEST(HttpApi, WhatIsWrongWithAnActIsAStatus) {
  const Http http;
  const auto status = [&](const std::string& body) {
    return http.Ask("POST", "/act", body).status;
  };
  EXPECT_EQ(status(""), 400);
  EXPECT_EQ(status("[1]"), 400);
  EXPECT_EQ(status("{}"), 400);
  EXPECT_EQ(status(R"({"type":"hello","protocol":1})"), 400);
  Json late = Json::parse(ActBody());
  late["deadline_ms"] = 0;
  EXPECT_EQ(status(late.dump()), 504);
  Json broken = Json::parse(ActBody());
  broken["image"]["data"] = protocol::EncodeBase64(Bytes(24, 12));
  EXPECT_EQ(Parsed(http.Ask("POST", "/act", broken.dump()))["code"], "bad_image");
  broken["image"]["data"] = protocol::EncodeBase64(Bytes(24, 13));
  EXPECT_EQ(status(broken.dump()), 500);
}

TEST(HttpApi, ATokenGuardsEverythingButHealth) {
  const Http http("0123456789abcdef");
  EXPECT_EQ(http.Ask("GET", "/v2/health/live").status, 200);
  EXPECT_EQ(http.Ask("GET", "/metrics").status, 401);
  EXPECT_EQ(http.Ask("GET", "/metrics", "", {{"Authorization", "Bearer 0123456789abcdeX"}}).status,
            401);
  EXPECT_EQ(http.Ask("GET", "/metrics", "", {{"Authorization", "Bearer 0123456789abcdef"}}).status,
            200);
}

TEST(OpenInference, JsonTensorsGiveTheSameAction) {
  const Http http;
  const HttpAnswer answer = http.Ask("POST", kInfer, InferBody(2).dump());
  ASSERT_EQ(answer.status, 200) << answer.body;
  const Json reply = Parsed(answer);
  EXPECT_EQ(reply["id"], "r5");
  EXPECT_EQ(reply["parameters"]["digest"], "d1");
  const std::vector<double> action = NumbersOf(reply, "action");
  ASSERT_EQ(action.size(), 16u);
  const auto want = Framed().action.ToArray();
  for (size_t i = 0; i < 16; ++i) EXPECT_EQ(static_cast<float>(action[i]), want[i % 8]) << i;
  EXPECT_EQ(NumbersOf(reply, "q_value").size(), 2u);
}

TEST(OpenInference, BinaryTensorsGoBothWays) {
  const Http http;
  Json body = InferBody();
  body["inputs"][0].erase("data");
  body["inputs"][0]["parameters"] = {{"binary_data_size", 24}};
  body["parameters"] = {{"binary_data_output", true}};
  body["outputs"] = Json::array({{{"name", "action"}}, {{"name", "q_value"}}});
  const std::string json = body.dump();
  const Bytes& image = BowlRequest(5).observation.image.bytes;
  const HttpAnswer answer =
      http.Ask("POST", kInfer, json + std::string(image.begin(), image.end()),
               {{"Inference-Header-Content-Length", std::to_string(json.size())}});
  ASSERT_EQ(answer.status, 200) << answer.body;
  ASSERT_EQ(answer.headers.at(0).first, "Inference-Header-Content-Length");
  const size_t split = std::stoul(answer.headers[0].second);
  EXPECT_EQ(Json::parse(answer.body.substr(0, split))["outputs"][0]["parameters"],
            Json({{"binary_data_size", 32}}));
  std::array<float, 9> numbers;
  ASSERT_EQ(answer.body.size() - split, sizeof numbers);
  std::memcpy(numbers.data(), answer.body.data() + split, sizeof numbers);
  const protocol::ActAnswer want = Framed();
  EXPECT_EQ(numbers[0], want.action.dx_m);
  EXPECT_EQ(numbers[8], want.q_value);
}

TEST(OpenInference, JpegsAreBytes) {
  Json body = InferBody();
  body["inputs"][0] = Tensor("image", "BYTES", {2}, {"/9j/4AAQ", "/9j/4AAR"});
  const auto infer = ParseInfer(body.dump(), std::nullopt, SampleHello());
  ASSERT_TRUE(infer.ok()) << infer.status().ToString();
  ASSERT_EQ(infer->requests.size(), 2u);
  const EncodedImage& image = infer->requests[1].observation.image;
  EXPECT_EQ(image.encoding, ImageEncoding::kJpeg);
  EXPECT_EQ(image.width_px, 4);
  EXPECT_EQ(image.bytes.back(), 0x11);
}

// What is said about a request that was changed.
std::string Complaint(const std::function<void(Json&)>& change,
                      std::optional<size_t> json_bytes = std::nullopt) {
  Json body = InferBody();
  change(body);
  return ParseInfer(body.dump(), json_bytes, SampleHello()).status().message();
}

TEST(OpenInference, SaysWhatIsWrong) {
  EXPECT_EQ(Complaint([](Json&) {}), "");
  EXPECT_THAT(Complaint([](Json&) {}, 1'000'000), HasSubstr("more than the body"));
  EXPECT_THAT(Complaint([](Json& b) { b["inputs"].erase(1); }), HasSubstr("'gripper' is missing"));
  EXPECT_THAT(Complaint([](Json& b) { b["inputs"].push_back(b["inputs"][0]); }),
              HasSubstr("twice"));
  EXPECT_THAT(Complaint([](Json& b) { b["inputs"][1]["name"] = "grip"; }),
              HasSubstr("no input 'grip'"));
  EXPECT_THAT(Complaint([](Json& b) { b["inputs"][0]["shape"][0] = 9; }), HasSubstr("shape"));
  EXPECT_THAT(Complaint([](Json& b) {
                b["inputs"][0]["shape"] = {1e9, 1e9};
              }),
              HasSubstr("small integers"));
  EXPECT_THAT(Complaint([](Json& b) { b["inputs"][0]["data"][3] = 256; }), HasSubstr("UINT8"));
  EXPECT_THAT(Complaint([](Json& b) { b["inputs"][0]["datatype"] = "FP16"; }),
              HasSubstr("not supported"));
  EXPECT_THAT(Complaint([](Json& b) { b["inputs"][1]["data"][0] = 2; }),
              HasSubstr("row 0: 'gripper.opening'"));
  EXPECT_THAT(Complaint([](Json& b) { b["inputs"][2]["data"][0] = -1; }), HasSubstr("UINT64"));
  EXPECT_THAT(Complaint([](Json& b) { b["inputs"][3]["data"][0] = -1; }), HasSubstr("'step'"));
  EXPECT_THAT(Complaint([](Json& b) {
                b["outputs"] = {{{"name", "reward"}}};
              }),
              HasSubstr("no output 'reward'"));
  EXPECT_THAT(Complaint([](Json& b) {
                b["inputs"][0]["parameters"] = {{"binary_data_size", 25}};
              }),
              HasSubstr("more than the body holds"));
  EXPECT_THAT(Complaint([](Json& b) { b["inputs"] = 3; }), HasSubstr("'inputs' must be an array"));
}

std::string HttpRequest(const std::string& head, const std::string& body = "") {
  return head + "\r\nHost: x\r\n" +
         (body.empty() ? "" : "Content-Length: " + std::to_string(body.size()) + "\r\n") + "\r\n" +
         body;
}

size_t CountOf(const std::string& text, const std::string& part) {
  size_t count = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

TEST(HttpWire, AnswersRequestAfterRequest) {
  const Http http;
  const std::string input = HttpRequest("GET /v2/health/live HTTP/1.1") +
                            HttpRequest("POST /act HTTP/1.1", ActBody()) +
                            HttpRequest("HEAD /v2/health/live HTTP/1.1");
  for (size_t piece_bytes : {SIZE_MAX, size_t{7}}) {
    const std::string said = http.Talk(input, {}, piece_bytes);
    EXPECT_EQ(CountOf(said, "HTTP/1.1 200 OK"), 3u) << said;
    EXPECT_EQ(CountOf(said, "\"action\""), 2u) << said;  // its type and its key
    EXPECT_EQ(CountOf(said, "\"live\""), 1u) << "none for HEAD: " << said;
  }
}

TEST(HttpWire, ChunksAreABody) {
  const Http http;
  const std::string body = ActBody();
  char size[20];
  std::snprintf(size, sizeof size, "%zx\r\n", body.size());
  const std::string said = http.Talk("POST /act HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" +
                                     std::string(size) + body + "\r\n0\r\n\r\n");
  EXPECT_THAT(said, StartsWith("HTTP/1.1 200"));
}

TEST(HttpWire, ABodyThatNobodyReadIsNotTheNextRequest) {
  const Http http("0123456789abcdef");
  const std::string hidden = HttpRequest("GET /v2/health/live HTTP/1.1");
  for (const char* method : {"POST", "GET", "PUT", "DELETE"}) {
    const std::string said = http.Talk(HttpRequest(std::string(method) + " /act HTTP/1.1", hidden));
    EXPECT_EQ(CountOf(said, "HTTP/1.1 "), 1u) << said;
    EXPECT_THAT(said, StartsWith("HTTP/1.1 401")) << said;
    EXPECT_THAT(said, HasSubstr("Connection: close"));
  }
}

TEST(HttpWire, ABodyThatIsTooLongIsNotKept) {
  const Http http;
  const std::string long_body(http.api.max_body_bytes() + 1, 'x');
  EXPECT_THAT(http.Talk(HttpRequest("POST /act HTTP/1.1", long_body)), StartsWith("HTTP/1.1 413"));
  EXPECT_THAT(http.Talk("POST /act HTTP/1.1\r\nContent-Length: 99999999999999\r\n\r\nx"),
              StartsWith("HTTP/1.1 413"));
  std::string chunks = "POST /act HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (size_t i = 0; i * 4096 < 2 * long_body.size(); ++i) {
    chunks += "1000\r\n" + std::string(4096, 'y') + "\r\n";
  }
  EXPECT_THAT(http.Talk(chunks + "0\r\n\r\n"), StartsWith("HTTP/1.1 413"));
}

TEST(HttpWire, WhatIsNotARequest) {
  const Http http;
  EXPECT_THAT(http.Talk("hello there\r\n\r\n"), StartsWith("HTTP/1.1 400"));
  EXPECT_THAT(http.Talk(HttpRequest("POST /act HTTP/1.1")), StartsWith("HTTP/1.1 400"));
  EXPECT_THAT(http.Talk("POST /act HTTP/1.1\r\nContent-Length: 100\r\n\r\nhalf"),
              StartsWith("HTTP/1.1 400"));
  EXPECT_THAT(http.Talk("POST /act HTTP/1.1\r\nContent-Length: 2\r\n"
                        "Content-Type: multipart/form-data; boundary=b\r\n\r\n{}"),
              StartsWith("HTTP/1.1 400"));
  EXPECT_THAT(http.Talk("GET /" + std::string(9000, 'x') + " HTTP/1.1\r\n\r\n"),
              StartsWith("HTTP/1.1 414"));
  EXPECT_EQ(http.Talk(""), "");
  std::string many = "GET /v2 HTTP/1.1\r\n";
  for (int i = 0; i < 20'000; ++i) many += "a: b\r\n";
  EXPECT_EQ(CountOf(http.Talk(many + "\r\n"), "200 OK"), 0u) << "too many headers";
}

TEST(HttpWire, ARangeOfAnAnswerIsTheWhole) {
  const Http http;
  const std::string said = http.Talk("GET /v2/health/live HTTP/1.1\r\nRange: bytes=0-1\r\n\r\n");
  EXPECT_THAT(said, HasSubstr("{\"live\":true}"));
}

TEST(ServerAddress, Parsing) {
  EXPECT_EQ(ParseHostPort("localhost:80")->port, 80);
  EXPECT_EQ(ParseHostPort("[::1]:8000")->host, "::1");
  for (const char* wrong : {"", "host", "host:", ":80", "host:x", "host:70000", "host:80x"}) {
    EXPECT_FALSE(ParseHostPort(wrong).ok()) << wrong;
  }
  for (const char* near : {"localhost", "127.0.0.1", "127.1.2.3", "::1"}) {
    EXPECT_TRUE(IsLoopback(near)) << near;
  }
  for (const char* far : {"0.0.0.0", "::", "192.168.1.2", "robot7"}) {
    EXPECT_FALSE(IsLoopback(far)) << far;
  }
}

TEST(ServerToken, IsTheFirstLine) {
  const TempDir dir;
  ASSERT_TRUE(WriteWholeFile(dir.File("t"), "0123456789abcdef\nrest\n", Overwrite::kNo).ok());
  ASSERT_TRUE(WriteWholeFile(dir.File("short"), "secret\n", Overwrite::kNo).ok());
  EXPECT_EQ(*ReadToken(dir.File("t")), "0123456789abcdef");
  EXPECT_THAT(ReadToken(dir.File("short")).status().ToString(), HasSubstr("at least 16"));
  EXPECT_FALSE(ReadToken(dir.File("none")).ok());
}

}  // namespace
}  // namespace qt::serve
