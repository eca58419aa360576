// SPDX-License-Identifier: Apache-2.0
// The HTTP side: what each path answers, tensors in and out, and the wire over a stream in memory.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <chrono>
#include <cmath>
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
#include "support/gzip.h"
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
                       [&] { return HttpBody(body); }});
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
  short_body.erase("type"), short_body["id"] = nullptr;
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
  EXPECT_THAT(http.Ask("POST", "/act", "{}").body, HasSubstr("'seed' is missing"));
  EXPECT_EQ(status("\xef\xbb\xbf " + ActBody()), 200) << "a byte order mark";
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
  for (const char* said :
       {"Bearer 0123456789abcdef", "bearer  0123456789abcdef", "BEARER\t0123456789abcdef "}) {
    EXPECT_EQ(http.Ask("GET", "/metrics", "", {{"Authorization", said}}).status, 200) << said;
  }
  for (const char* said : {"Bearer0123456789abcdef", "Basic 0123456789abcdef", "Bearer"}) {
    EXPECT_EQ(http.Ask("GET", "/metrics", "", {{"Authorization", said}}).status, 401) << said;
  }
}

TEST(HttpApi, WithoutATokenPagesFromElsewhereAreRefused) {
  const Http http;
  const auto status = [&http](const std::string& host, const std::string& origin) {
    return http.Ask("GET", "/metrics", "", {{"Host", host}, {"Origin", origin}}).status;
  };
  EXPECT_EQ(status("evil.example:8000", ""), 421) << "a name that was made to lead here";
  EXPECT_EQ(status("localhost:8000", ""), 200);
  EXPECT_EQ(status("localhost:8000", "http://evil.example"), 403);
  EXPECT_EQ(status("localhost:8000", "null"), 403) << "a page from a file";
  EXPECT_EQ(status("localhost:8000", "http://localhost:3000"), 200);
  EXPECT_EQ(status("192.168.1.5:8000", "http://192.168.1.5:8000"), 200);
  EXPECT_EQ(status("127.0.0.1:8000", "http://192.168.1.5"), 403);
  EXPECT_EQ(http.Ask("POST", "/act", ActBody(), {{"Origin", "https://evil.example"}}).status, 403);
  EXPECT_EQ(http.Ask("GET", "/v2/health/ready", "", {{"Host", "evil.example"}}).status, 200);
  const Http guarded("0123456789abcdef");
  EXPECT_EQ(guarded
                .Ask("GET", "/metrics", "",
                     {{"Host", "robot.example"},
                      {"Origin", "https://robot.example"},
                      {"Authorization", "Bearer 0123456789abcdef"}})
                .status,
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
  const SharedBytes image = BowlRequest(5).observation.image.bytes;
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
  EXPECT_EQ(image.bytes[image.bytes.size() - 1], 0x11);
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
  EXPECT_THAT(Complaint([](Json& b) { b["inputs"][0]["datatype"] = "BOOL"; }),
              HasSubstr("not supported"));
  EXPECT_THAT(Complaint([](Json& b) { b["inputs"][1]["datatype"] = "FP16"; }),
              HasSubstr("in binary only"));
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

TEST(OpenInference, NullIsAbsent) {
  EXPECT_EQ(Complaint([](Json& b) {
              for (const char* key : {"id", "parameters", "outputs"}) b[key] = nullptr;
              b["inputs"][1]["parameters"] = nullptr;
              b["inputs"][2]["parameters"] = {{"binary_data_size", nullptr}};
            }),
            "");
}

TEST(OpenInference, AnyIntegersAndAnyNumbers) {
  for (const char* type : {"INT8", "UINT8", "INT16", "UINT16", "INT32", "UINT32", "INT64"}) {
    EXPECT_EQ(Complaint([type](Json& b) {
                for (int i : {2, 3}) b["inputs"][i]["datatype"] = type;
              }),
              "")
        << type;
  }
  // 1, 0.5, -2, 2^-24 and 2^-14 in half precision.
  const auto ask = [](const std::string& type, const std::vector<uint16_t>& numbers) {
    Json body = InferBody();
    body["inputs"][1]["datatype"] = type;
    body["inputs"][1].erase("data");
    body["inputs"][1]["parameters"] = {{"binary_data_size", 12}};
    const std::string json = body.dump();
    const std::string binary(reinterpret_cast<const char*>(numbers.data()), 2 * numbers.size());
    return ParseInfer(json + binary, json.size(), SampleHello());
  };
  const auto half = ask("FP16", {0x3C00, 0x3800, 0xC000, 0x0001, 0x0400, 0x0000});
  ASSERT_TRUE(half.ok()) << half.status().ToString();
  const GripperState& gripper = half->requests[0].observation.gripper;
  EXPECT_EQ(gripper.opening, 1);
  EXPECT_EQ(gripper.height_m, 0.5f);
  EXPECT_EQ(gripper.x_m, -2);
  EXPECT_EQ(gripper.y_m, std::ldexp(1.0f, -24));
  EXPECT_EQ(gripper.yaw_rad, std::ldexp(1.0f, -14));
  const auto brain = ask("BF16", {0x3F80, 0x3F00, 0xC000, 0x0000, 0x0000, 0x0000});
  ASSERT_TRUE(brain.ok()) << brain.status().ToString();
  EXPECT_EQ(brain->requests[0].observation.gripper.x_m, -2);
  EXPECT_FALSE(ask("FP16", {0x7C00, 0, 0, 0, 0, 0}).ok()) << "infinite";
}

// Linear in the text: a few hundred keys an object, and a bound on all values.
TEST(OpenInference, ManyKeysAreRefused) {
  std::string many = "{";
  for (int i = 0; i < 51'000; ++i) many += "\"" + std::to_string(i) + "\":0,";
  const auto start = std::chrono::steady_clock::now();
  protocol::ServerHello hello = SampleHello();
  hello.image_width_px = hello.image_height_px = 128;
  EXPECT_FALSE(ParseInfer(many + "\"inputs\":[]}", std::nullopt, hello).ok());
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  EXPECT_LT(took.count(), 0.5);
}

std::string HttpRequest(const std::string& head, const std::string& body = "") {
  return head + "\r\nHost: localhost\r\n" +
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
  const std::string said =
      http.Talk("POST /act HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n" +
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
  EXPECT_THAT(
      http.Talk("POST /act HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999999\r\n\r\nx"),
      StartsWith("HTTP/1.1 413"));
  std::string chunks =
      "POST /act HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (size_t i = 0; i * 4096 < 2 * long_body.size(); ++i) {
    chunks += "1000\r\n" + std::string(4096, 'y') + "\r\n";
  }
  EXPECT_THAT(http.Talk(chunks + "0\r\n\r\n"), StartsWith("HTTP/1.1 413"));
}

TEST(HttpWire, WhatIsNotARequest) {
  const Http http;
  EXPECT_THAT(http.Talk("hello there\r\n\r\n"), StartsWith("HTTP/1.1 400"));
  EXPECT_THAT(http.Talk(HttpRequest("POST /act HTTP/1.1")), StartsWith("HTTP/1.1 400"));
  EXPECT_THAT(http.Talk("POST /act HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nhalf"),
              StartsWith("HTTP/1.1 400"));
  EXPECT_THAT(http.Talk("POST /act HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n"
                        "Content-Type: multipart/form-data; boundary=b\r\n\r\n{}"),
              StartsWith("HTTP/1.1 400"));
  EXPECT_EQ(http.Talk(""), "");
  EXPECT_EQ(http.Talk("\r\n\r\n"), "") << "lines of nothing ask for nothing";
}

TEST(HttpWire, TheHeadHasALimitAndALineNone) {
  const Http http;
  const std::string get = "GET /v2 HTTP/1.1\r\nHost: localhost\r\n";
  EXPECT_THAT(http.Talk(get + "Cookie: " + std::string(60'000, 'a') + "\r\n\r\n"),
              StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(http.Talk(get + "Cookie: " + std::string(70'000, 'a') + "\r\n\r\n"),
              StartsWith("HTTP/1.1 431"));
  EXPECT_THAT(http.Talk(get + "Cookie: " + std::string(70'000, 'a')), StartsWith("HTTP/1.1 431"))
      << "before its end has come";
  EXPECT_THAT(
      http.Talk("GET /" + std::string(70'000, 'x') + " HTTP/1.1\r\nHost: localhost\r\n\r\n"),
      StartsWith("HTTP/1.1 414"));
  std::string many = get;
  for (int i = 0; i < 20'000; ++i) many += "a: b\r\n";
  EXPECT_THAT(http.Talk(many + "\r\n"), StartsWith("HTTP/1.1 431"));
}

TEST(HttpWire, AChunkHasAHeadWithALimit) {
  const Http http;
  const std::string post =
      "POST /act HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (const std::string& line :
       {"2;a=" + std::string(200'000, 'b'), "0\r\nX: " + std::string(200'000, 'b')}) {
    EXPECT_THAT(http.Talk(post + line), StartsWith("HTTP/1.1 400"));
  }
  std::string ones = post;  // each byte of the body costs six
  for (size_t i = 0; i < http.api.max_body_bytes(); ++i) ones += "1\r\nx\r\n";
  EXPECT_THAT(http.Talk(ones + "0\r\n\r\n"), StartsWith("HTTP/1.1 413"));
}

TEST(HttpWire, SaysWhatIsNotUnderstood) {
  const Http http;
  const auto post = [&](const std::string& field) {
    return http.Talk("POST /act HTTP/1.1\r\nHost: localhost\r\n" + field +
                     "\r\nContent-Length: 2\r\n\r\n{}");
  };
  EXPECT_THAT(post("Content-Encoding: zstd"), HasSubstr("'zstd' is not understood, only gzip"));
  EXPECT_THAT(post("Content-Encoding: zstd"), HasSubstr("\r\nAccept-Encoding: gzip"));
  EXPECT_THAT(post("Transfer-Encoding: compress"), HasSubstr("'compress' is not understood"));
  EXPECT_THAT(post("Expect: more"), HasSubstr("'more' cannot be met"));
}

// Gives pieces one after the other, then says that the client is too slow.
class SlowSource : public ByteSource {
 public:
  explicit SlowSource(std::vector<std::string> pieces) : pieces_(std::move(pieces)) {}
  Result<size_t> Read(std::span<uint8_t> bytes) override {
    if (next_ == pieces_.size()) return Status(Code::kBusy, "the client is too slow");
    const std::string& piece = pieces_[next_++];
    std::copy(piece.begin(), piece.end(), bytes.begin());
    return piece.size();
  }
  const std::string& name() const override { return name_; }

 private:
  std::vector<std::string> pieces_;
  size_t next_ = 0;
  std::string name_ = "slow";
};

std::string TalkSlowly(const Http& http, std::vector<std::string> pieces) {
  SlowSource in(std::move(pieces));
  MemorySink out;
  ServeHttp(http.api, {}, in, out, [](double) {});
  return {out.contents().begin(), out.contents().end()};
}

TEST(HttpWire, WhoIsTooSlowIsTold) {
  const Http http;
  EXPECT_EQ(TalkSlowly(http, {}), "") << "between two requests there is nothing to say";
  EXPECT_THAT(TalkSlowly(http, {"GET /v2 HT"}), StartsWith("HTTP/1.1 408"));
  const std::string half = "POST /act HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\n12";
  EXPECT_THAT(TalkSlowly(http, {half}), StartsWith("HTTP/1.1 408"));
}

TEST(HttpWire, AChunkThatIsTooLongNeedNotCome) {
  const Http http;
  EXPECT_THAT(TalkSlowly(http, {"POST /act HTTP/1.1\r\nHost: localhost\r\n"
                                "Transfer-Encoding: chunked\r\n\r\n8000000000000000\r\n{"}),
              StartsWith("HTTP/1.1 413"));
}

TEST(HttpWire, AClientThatAsksForLeaveGetsItOnce) {
  const Http http;
  const std::string body = ActBody();
  const std::string head =
      "POST /act HTTP/1.1\r\nHost: localhost\r\nExpect: 100-CONTINUE\r\n"
      "Connection: close\r\nContent-Length: ";
  const std::string said =
      TalkSlowly(http, {head + std::to_string(body.size()) + "\r\n\r\n", body});
  EXPECT_THAT(said, StartsWith("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(TalkSlowly(http, {head + "1000000000\r\n\r\n"}), StartsWith("HTTP/1.1 413"))
      << "at once, and without leave";
  EXPECT_THAT(
      TalkSlowly(http,
                 {"POST /act HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000000\r\n\r\n"}),
      StartsWith("HTTP/1.1 413"));
}

TEST(HttpWire, ACompressedBodyHasTheLimitOfAPlainOne) {
  const Http http;
  // 30 MB of zeros, and of them the first 64 KiB.
  const auto post = [&](const std::string& gzip) {
    return http.Talk(
        "POST /act HTTP/1.1\r\nHost: localhost\r\nContent-Encoding: gzip\r\nContent-Length: " +
        std::to_string(gzip.size()) + "\r\n\r\n" + gzip);
  };
  const Bytes bomb = test::GzipOfZeros(30 << 20), small = test::GzipOfZeros(1000);
  EXPECT_THAT(post({bomb.begin(), bomb.end()}), StartsWith("HTTP/1.1 413"));
  EXPECT_THAT(post({small.begin(), small.end()}), HasSubstr("not valid JSON"));
  EXPECT_THAT(post("neither"), HasSubstr("not what its Content-Encoding says"));
}

TEST(HttpWire, ARangeOfAnAnswerIsTheWhole) {
  const Http http;
  const std::string said =
      http.Talk("GET /v2/health/live HTTP/1.1\r\nHost: localhost\r\nRange: bytes=0-1\r\n\r\n");
  EXPECT_THAT(said, HasSubstr("{\"live\":true}"));
}

TEST(ServerAddress, Parsing) {
  EXPECT_EQ(HostPort::Parse("localhost:80")->port, 80);
  EXPECT_EQ(HostPort::Parse("[::1]:8000")->host, "::1");
  EXPECT_EQ(HostPort::Parse("[::1]:8000")->ToString(), "[::1]:8000");
  EXPECT_EQ(HostPort::Parse("localhost:80")->ToString(), "localhost:80");
  for (const char* wrong : {"", "host", "host:", ":80", "host:x", "host:70000", "host:80x"}) {
    EXPECT_FALSE(HostPort::Parse(wrong).ok()) << wrong;
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
  const auto token = [&](const std::string& contents) {
    EXPECT_TRUE(WriteWholeFile(dir.File("t"), contents, Overwrite::kYes).ok());
    return ReadToken(dir.File("t"));
  };
  for (const char* contents : {"0123456789abcdef\nrest\n",
                               "\xef\xbb\xbf"
                               "0123456789abcdef",
                               " 0123456789abcdef \t\r\n"}) {
    const Result<std::string> read = token(contents);
    ASSERT_TRUE(read.ok()) << read.status().ToString();
    EXPECT_EQ(*read, "0123456789abcdef") << "what a header can carry";
  }
  EXPECT_THAT(token("secret\n").status().ToString(), HasSubstr("at least 16"));
  EXPECT_THAT(token("                    \n").status().ToString(), HasSubstr("at least 16"));
  EXPECT_THAT(token("0123456789 abcdef\n").status().ToString(), HasSubstr("visible ASCII"));
  EXPECT_THAT(token("0123456789\xc3\xa9"
                    "abcdef\n")
                  .status()
                  .ToString(),
              HasSubstr("visible ASCII"));
  EXPECT_FALSE(ReadToken(dir.File("none")).ok());
}

TEST(ServerToken, WarnsIfEverybodyMayReadIt) {
  const TempDir dir;
  const std::string path = dir.File("t");
  ASSERT_TRUE(WriteWholeFile(path, "0123456789abcdef\n", Overwrite::kNo).ok());
  for (const auto& [mode, warns] : {std::pair(0644, true), {0640, false}, {0600, false}}) {
    ASSERT_EQ(::chmod(path.c_str(), static_cast<mode_t>(mode)), 0);
    testing::internal::CaptureStderr();
    EXPECT_TRUE(ReadToken(path).ok());
    EXPECT_EQ(CountOf(testing::internal::GetCapturedStderr(), "can read the token"), warns) << mode;
  }
}

}  // namespace
}  // namespace qt::serve
