// SPDX-License-Identifier: Apache-2.0
// The policy protocol's codec: what is written reads back, and nothing else is accepted.
#include "protocol/wire.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "json/json.h"
#include "support/memory_stream.h"
#include "support/sample_episode.h"

namespace qt::protocol {
namespace {

using testing::HasSubstr;

Bytes Join(const std::vector<Bytes>& parts) {
  Bytes all;
  for (const Bytes& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

std::string TextOf(const Bytes& bytes) { return {bytes.begin(), bytes.end()}; }

Bytes BytesOf(std::string_view text) { return {text.begin(), text.end()}; }

ActRequest SampleRequest() {
  ActRequest request;
  request.id = 7;
  request.session = 3;
  request.seed = 0xFEDCBA9876543210u;  // beyond a double's integers
  request.observation = {{SampleCamera(), {0.5f, 0.1f, 0.02f, -0.03f, 1.5f, 0.04f}, 4},
                         SampleJpeg()};
  request.has_camera = true;
  request.deadline_ms = 12.5;
  request.action = Action::Move(0.03, -0.01, -0.05, 0.4);
  return request;
}

Frame ReadOne(const Bytes& bytes, Framing want) {
  MemorySource source(bytes);
  FrameReader reader(&source);
  Result<std::optional<Frame>> frame = reader.Next();
  EXPECT_TRUE(frame.ok() && frame->has_value());
  EXPECT_EQ(reader.framing(), want);
  return std::move(**frame);
}

void ExpectSameObservation(const Observation& a, const Observation& b) {
  EXPECT_EQ(a.image.encoding, b.image.encoding);
  EXPECT_EQ(a.image.width_px, b.image.width_px);
  EXPECT_EQ(a.image.height_px, b.image.height_px);
  EXPECT_EQ(a.image.bytes, b.image.bytes);
  EXPECT_EQ(a.step, b.step);
  EXPECT_EQ(a.gripper.opening, b.gripper.opening);
  EXPECT_EQ(a.gripper.height_m, b.gripper.height_m);
  EXPECT_EQ(a.gripper.x_m, b.gripper.x_m);
  EXPECT_EQ(a.gripper.y_m, b.gripper.y_m);
  EXPECT_EQ(a.gripper.yaw_rad, b.gripper.yaw_rad);
  EXPECT_EQ(a.gripper.measured_opening_m, b.gripper.measured_opening_m);
  EXPECT_EQ(a.camera.fx_px, b.camera.fx_px);
  EXPECT_EQ(a.camera.cy_px, b.camera.cy_px);
  EXPECT_EQ(a.camera.X_WC.p_m, b.camera.X_WC.p_m);
  EXPECT_EQ(a.camera.X_WC.q.z, b.camera.X_WC.q.z);
}

class BothFramings : public testing::TestWithParam<Framing> {};
INSTANTIATE_TEST_SUITE_P(Wire, BothFramings, testing::Values(Framing::kNdjson, Framing::kBinary));

TEST_P(BothFramings, APictureIsSentFromWhereItIs) {
  const ActRequest request = SampleRequest();
  const SharedBytes& picture = request.observation.image.bytes;
  const FrameParts parts = LayOut(GetParam(), request);
  EXPECT_EQ(Join({parts.head, parts.image.ToBytes()}), Encode(GetParam(), request));
  const bool binary = GetParam() == Framing::kBinary;
  EXPECT_EQ(parts.image.data(), binary ? picture.data() : nullptr);
  EXPECT_EQ(parts.image.size(), binary ? picture.size() : 0);
}

TEST_P(BothFramings, ActRequestReadsBackBitForBit) {
  const ActRequest request = SampleRequest();
  const Request back = DecodeRequest(ReadOne(Encode(GetParam(), request), GetParam()));
  ASSERT_TRUE(std::holds_alternative<ActRequest>(back)) << std::get<WireError>(back).message;
  const auto& act = std::get<ActRequest>(back);
  EXPECT_EQ(act.id, request.id);
  EXPECT_EQ(act.session, request.session);
  EXPECT_EQ(act.seed, request.seed);
  EXPECT_TRUE(act.has_camera);
  EXPECT_EQ(act.deadline_ms, 12.5);
  ASSERT_TRUE(act.action);
  EXPECT_EQ(act.action->ToArray(), request.action->ToArray());
  ExpectSameObservation(act.observation, request.observation);
}

TEST_P(BothFramings, RepliesReadBack) {
  ServerHello hello;
  hello.server = "qt-serve 1";
  hello.model_name = "policy";
  hello.digest = "abc";
  hello.model_step = 5000;
  hello.task.termination = Termination::kLearned;
  hello.task.max_steps = 11;
  hello.image_width_px = 64;
  hello.image_height_px = 48;
  hello.needs_camera = true;
  const Result<Reply> reply = DecodeReply(ReadOne(Encode(GetParam(), hello), GetParam()));
  ASSERT_TRUE(reply.ok()) << reply.status().ToString();
  const auto& back = std::get<ServerHello>(*reply);
  EXPECT_EQ(back.model_name, "policy");
  EXPECT_EQ(back.model_step, 5000u);
  EXPECT_EQ(back.task.termination, Termination::kLearned);
  EXPECT_EQ(back.task.max_steps, 11);
  EXPECT_EQ(back.image_height_px, 48);
  EXPECT_TRUE(back.needs_camera);
}

TEST_P(BothFramings, AnswerReadsBackBitForBit) {
  ActAnswer answer;
  answer.id = 9;
  answer.action = Action::Move(0.0123, -0.1, 0.05, 0.7);
  answer.q_value = 0.73f;
  answer.source = ActionSource::kGreedy;
  answer.digest = "d";
  answer.compute_ms = 1.25;
  answer.model_step = 20'000;
  answer.wait_ms = 0.5;
  const Result<Reply> reply = DecodeReply(ReadOne(Encode(GetParam(), answer), GetParam()));
  ASSERT_TRUE(reply.ok()) << reply.status().ToString();
  const auto& back = std::get<ActAnswer>(*reply);
  EXPECT_EQ(back.action.ToArray(), answer.action.ToArray());
  EXPECT_EQ(back.q_value, 0.73f);
  EXPECT_TRUE(std::isnan(back.spread)) << "unknown numbers are not sent";
  EXPECT_EQ(back.source, ActionSource::kGreedy);
  EXPECT_EQ(back.model_step, 20'000u);
  EXPECT_EQ(back.wait_ms, 0.5);
  EXPECT_EQ(back.compute_ms, 1.25);
}

TEST_P(BothFramings, ErrorsKeepTheirCodeAndId) {
  for (const std::optional<uint64_t> id : {std::optional<uint64_t>(4), std::optional<uint64_t>()}) {
    const WireError error{id, WireErrorCode::kNeedsCamera, "no \"camera\""};
    const WireError busy{id, WireErrorCode::kBusy, ""}, late{id, WireErrorCode::kDeadline, ""};
    for (const WireError& each : {busy, late}) {
      const Result<Reply> said = DecodeReply(ReadOne(Encode(GetParam(), each), GetParam()));
      EXPECT_EQ(std::get<WireError>(*said).code, each.code);
    }
    const Result<Reply> reply = DecodeReply(ReadOne(Encode(GetParam(), error), GetParam()));
    ASSERT_TRUE(reply.ok());
    EXPECT_EQ(std::get<WireError>(*reply).id, id);
    EXPECT_EQ(std::get<WireError>(*reply).code, WireErrorCode::kNeedsCamera);
    EXPECT_EQ(std::get<WireError>(*reply).message, "no \"camera\"");
  }
}

TEST_P(BothFramings, FramesSurviveAnyCutOfThePipe) {
  const Bytes all = Join({Encode(GetParam(), ClientHello{}), Encode(GetParam(), SampleRequest()),
                          Encode(GetParam(), EndSession{3})});
  for (size_t piece_bytes : {1, 2, 7, 1000}) {
    MemorySource source(all, piece_bytes);
    FrameReader reader(&source);
    for (size_t expected : {0, 1, 2}) {
      Result<std::optional<Frame>> frame = reader.Next();
      ASSERT_TRUE(frame.ok() && frame->has_value());
      EXPECT_EQ(DecodeRequest(std::move(**frame)).index(), expected);
    }
    const Result<std::optional<Frame>> end = reader.Next();
    EXPECT_TRUE(end.ok() && !end->has_value());
  }
}

TEST_P(BothFramings, TruncatedInputNeverGivesARequest) {
  const Bytes whole = Encode(GetParam(), SampleRequest());
  for (size_t n = 0; n + 1 < whole.size();
       n += 1 + n / 16) {  // n + 1: a lone newline may be missing
    MemorySource source(Bytes(whole.begin(), whole.begin() + static_cast<ptrdiff_t>(n)));
    FrameReader reader(&source);
    Result<std::optional<Frame>> frame = reader.Next();
    if (!frame.ok() || !*frame) continue;
    EXPECT_TRUE(std::holds_alternative<WireError>(DecodeRequest(std::move(**frame)))) << n;
  }
}

TEST(FrameReader, ABinaryStreamNeverStartsWithABrace) {
  for (size_t n = 0; n < 300; ++n) {
    const ClientHello hello{1, std::string(n % 256, 'x')};
    const Bytes frame = Encode(Framing::kBinary, hello);
    EXPECT_NE(frame[0], '{');
    const Request back = DecodeRequest(ReadOne(frame, Framing::kBinary));
    EXPECT_EQ(std::get<ClientHello>(back).client, hello.client);
  }
}

TEST(FrameReader, EmptyLinesAndMissingLastNewlineAreFine) {
  MemorySource source(BytesOf("{\"a\":1}\r\n\n\r\n{\"b\":2}"));
  FrameReader reader(&source);
  EXPECT_EQ((*reader.Next())->json, "{\"a\":1}");
  EXPECT_EQ((*reader.Next())->json, "{\"b\":2}");
  EXPECT_FALSE(reader.Next()->has_value());
}

TEST(FrameReader, BlanksAndAByteOrderMarkBeforeTheFirstLineAreSkipped) {
  for (const char* before : {"\n", "\r\n\r\n", " ", "\t \n", "\xef\xbb\xbf", "\xef\xbb\xbf \n"}) {
    for (size_t piece : {size_t{1}, SIZE_MAX}) {
      const std::string text = std::string(before) + "{\"type\":\"hello\",\"protocol\":1}\n \n{}\n";
      MemorySource source(Bytes(text.begin(), text.end()), piece);
      FrameReader reader(&source);
      const auto frame = reader.Next();
      ASSERT_TRUE(frame.ok() && *frame) << frame.status().ToString();
      EXPECT_EQ(reader.framing(), Framing::kNdjson);
      EXPECT_EQ((*frame)->json, "{\"type\":\"hello\",\"protocol\":1}");
      EXPECT_EQ((*reader.Next())->json, "{}");
      EXPECT_FALSE(*reader.Next());
    }
  }
  MemorySource blank(BytesOf("  \n\n"));
  EXPECT_FALSE(*FrameReader(&blank).Next()) << "nothing was asked";
}

TEST(FrameReader, WordsAreNamedAsWhatTheyAre) {
  for (const char* words :
       {"hello", "GET / HTTP/1.1\r\n\r\n", "D\xc3\xa9marrage...", "[1,2]", "x", "\n\nno"}) {
    MemorySource source(BytesOf(words));
    FrameReader reader(&source);
    EXPECT_EQ(reader.Next().status().message(), "this is neither a frame nor a line of JSON")
        << words;
  }
  MemorySource source(BytesOf(" pybullet build time: Nov 28 2023\n{}"));
  FrameReader reader(&source);
  EXPECT_FALSE(reader.Next().ok());
  EXPECT_EQ(reader.Pending(14), "pybullet build");
}

// A length whose low byte is a blank is still a length.
TEST(FrameReader, ABinaryStreamMayStartWithABlank) {
  ClientHello hello;
  for (int i = 0; i < 300; ++i) {
    hello.client += 'x';
    if (hello.client.size() > 250) hello.client.clear();
    const Bytes frame = Encode(Framing::kBinary, hello);
    EXPECT_EQ(std::get<ClientHello>(DecodeRequest(ReadOne(frame, Framing::kBinary))).client,
              hello.client);
  }
}

TEST(FrameReader, LengthsAreCheckedBeforeAnythingIsRead) {
  const auto error = [](const Bytes& bytes) {
    MemorySource source(bytes);
    FrameReader reader(&source, {.max_header_bytes = 100, .max_image_bytes = 100});
    return reader.Next().status();
  };
  EXPECT_THAT(error({0xF0, 0xFF, 0xFF, 0xFF, 4, 0, 0, 0}).message(),
              HasSubstr("image is too long"));
  EXPECT_THAT(error({0xF0, 0, 0, 0, 0xE0, 0, 0, 0}).message(), HasSubstr("header is too long"));
  EXPECT_THAT(error({8, 0, 0, 0, 5, 0, 0, 0}).message(), HasSubstr("contradict"));
  EXPECT_THAT(error({1, 2, 3}).message(), HasSubstr("ends within"));
  EXPECT_THAT(error(BytesOf("{" + std::string(1000, ' '))).message(), HasSubstr("too long"));
  EXPECT_EQ(error(BytesOf("hello\n")).code(), Code::kCorrupt);
}

TEST(FrameReader, ErrorsTellTheOffset) {
  Bytes bytes = Encode(Framing::kBinary, ClientHello{});
  const uint64_t offset = bytes.size();
  bytes.insert(bytes.end(), {9, 0, 0, 0, 200, 0, 0, 0});
  MemorySource source(bytes);
  FrameReader reader(&source);
  ASSERT_TRUE(reader.Next().ok());
  EXPECT_EQ(reader.Next().status().offset_bytes(), offset);
}

// Changes the JSON of a valid request and returns the answer's message; empty if it is still valid.
std::string ErrorAfter(const std::function<void(Json&)>& change) {
  Frame frame = ReadOne(Encode(Framing::kBinary, SampleRequest()), Framing::kBinary);
  Json json = Json::parse(frame.json);
  change(json);
  frame.json = json.dump();
  const Request request = DecodeRequest(std::move(frame));
  const auto* error = std::get_if<WireError>(&request);
  if (error == nullptr) return "";
  EXPECT_EQ(error->code, WireErrorCode::kBadRequest);
  return error->message;
}

TEST(DecodeRequest, SaysWhichFieldIsWrong) {
  EXPECT_EQ(ErrorAfter([](Json&) {}), "");
  EXPECT_EQ(ErrorAfter([](Json& j) { j["future"] = {1, 2}; }), "") << "unknown keys are allowed";
  const auto expect = [](const char* want, const std::function<void(Json&)>& change) {
    EXPECT_THAT(ErrorAfter(change), HasSubstr(want));
  };
  expect("'type'", [](Json& j) { j["type"] = "jump"; });
  expect("'type' is missing", [](Json& j) { j.erase("type"); });
  expect("'id'", [](Json& j) { j["id"] = -1; });
  expect("'id'", [](Json& j) { j["id"] = 1.5; });
  expect("'seed'", [](Json& j) { j["seed"] = "12x"; });
  expect("'seed'", [](Json& j) { j["seed"] = "18446744073709551616"; });
  expect("'step'", [](Json& j) { j["step"] = 1e9; });
  expect("'gripper' is missing", [](Json& j) { j.erase("gripper"); });
  expect("'gripper' must be an object", [](Json& j) { j["gripper"] = 3; });
  expect("'gripper.opening'", [](Json& j) { j["gripper"]["opening"] = 1.01; });
  expect("'gripper.height_m'", [](Json& j) { j["gripper"]["height_m"] = nullptr; });
  expect("'gripper.yaw_rad'", [](Json& j) { j["gripper"]["yaw_rad"] = "0"; });
  expect("'camera.fx_px'", [](Json& j) { j["camera"]["fx_px"] = 0; });
  expect("'camera.p_WC_m'", [](Json& j) { j["camera"]["p_WC_m"] = {1, 2}; });
  expect("'camera.q_WC_wxyz'", [](Json& j) { j["camera"]["q_WC_wxyz"] = {1, 1, 0, 0}; });
  expect("'action'", [](Json& j) { j["action"] = {1, 2, 3}; });
  expect("'action'", [](Json& j) { j["action"][0] = "far"; });
  expect("'image.encoding'", [](Json& j) { j["image"]["encoding"] = "png"; });
  expect("'image.width_px'", [](Json& j) { j["image"]["width_px"] = 5000; });
  expect("'image.bytes'", [](Json& j) { j["image"]["bytes"] = 1; });
  expect("'image' must hold", [](Json& j) { j["image"]["encoding"] = "rgb8"; });
  expect("'image.data'", [](Json& j) { j["image"]["data"] = "abc"; });
}

TEST(DecodeRequest, SeedMayBeTextForLanguagesWithoutBigIntegers) {
  EXPECT_EQ(ErrorAfter([](Json& j) { j["seed"] = "18446744073709551615"; }), "");
}

TEST(DecodeRequest, TheErrorCarriesTheIdWhereThereIsOne) {
  const auto error = [](const char* json) {
    return std::get<WireError>(DecodeRequest({json, {}}));
  };
  EXPECT_EQ(error(R"({"type":"act","id":12})").id, 12u);
  EXPECT_EQ(error(R"({"type":"act"})").id, std::nullopt);
  EXPECT_EQ(error("{").id, std::nullopt);
  EXPECT_EQ(error("[1]").code, WireErrorCode::kBadRequest);
}

TEST(DecodeRequest, HostileJsonIsRefusedCheaply) {
  const std::string deep = "{\"a\":" + std::string(100'000, '[');
  std::string wide = "{\"a\":[0";
  for (int i = 0; i < 100'000; ++i) wide += ",0";
  for (const std::string& json : {deep, wide + "]}", std::string("{\"a\":1e999}"),
                                  std::string("{\"a\":\"\xFF\"}"), std::string("{\"a\":NaN}")}) {
    EXPECT_TRUE(std::holds_alternative<WireError>(DecodeRequest({json, {}})));
  }
}

TEST(DecodeReply, RefusesWhatIsNoReply) {
  for (const char* json : {"", "{}", R"({"type":"act"})", R"({"type":"action","id":1})",
                           R"({"type":"action","id":1,"action":[0,0,0,0,1,0,0]})",
                           R"({"type":"hello","protocol":1})", R"({"type":"error"})"}) {
    EXPECT_FALSE(DecodeReply({json, {}}).ok()) << json;
  }
}

TEST(Base64, Rfc4648Vectors) {
  const std::pair<const char*, const char*> kVectors[] = {{"", ""},
                                                          {"f", "Zg=="},
                                                          {"fo", "Zm8="},
                                                          {"foo", "Zm9v"},
                                                          {"foob", "Zm9vYg=="},
                                                          {"fooba", "Zm9vYmE="},
                                                          {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, coded] : kVectors) {
    EXPECT_EQ(EncodeBase64(AsBytes(plain)), coded);
    const Result<Bytes> back = DecodeBase64(coded);
    ASSERT_TRUE(back.ok()) << coded;
    EXPECT_EQ(TextOf(*back), plain);
  }
}

TEST(Base64, EveryByteAndNothingElse) {
  Bytes bytes(256);
  for (size_t i = 0; i < 256; ++i) bytes[i] = static_cast<uint8_t>(i);
  EXPECT_EQ(*DecodeBase64(EncodeBase64(bytes)), bytes);
  for (const char* bad : {"Zg=", "Z", "Zg==Zg==", "Zm 9v", "====", "Zm9\n", "Z===", "Zm9_"}) {
    EXPECT_FALSE(DecodeBase64(bad).ok()) << bad;
  }
}

}  // namespace
}  // namespace qt::protocol
