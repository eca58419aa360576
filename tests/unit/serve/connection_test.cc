// SPDX-License-Identifier: Apache-2.0
// A client's whole session in memory: every request gets its answer, whatever the others are.
#include "serve/connection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <utility>
#include <vector>

#include "fakes.h"
#include "json/json.h"

namespace qt::serve {
namespace {

using protocol::Framing;
using protocol::Reply;
using protocol::WireError;
using protocol::WireErrorCode;

struct Session {
  Status status;
  ConnectionStats stats;
  std::vector<Reply> replies;
  std::string text;
};

// What the server said, in order.
std::vector<Reply> Replies(const Bytes& out) {
  MemorySource source(out);
  protocol::FrameReader frames(&source);
  std::vector<Reply> replies;
  for (;;) {
    const Result<std::optional<protocol::Frame>> frame = frames.Next();
    if (!frame.ok() || !*frame) return replies;
    Result<Reply> reply = protocol::DecodeReply(**frame);
    if (reply.ok()) replies.push_back(std::move(*reply));
  }
}

Session Talk(const Bytes& input, const protocol::ServerHello& hello = SampleHello(),
             int num_threads = 1, size_t capacity_bytes = SIZE_MAX, ConnectionConfig config = {}) {
  Result<std::unique_ptr<Service>> service =
      Service::Create(BowlModel(hello), {.num_threads = num_threads, .max_waiting = 4});
  EXPECT_TRUE(service.ok());
  MemorySource in(input);
  MemorySink out(capacity_bytes);
  Session session;
  session.status = ServeConnection(config, **service, in, out, &session.stats);
  session.replies = Replies(out.contents());
  session.text = {out.contents().begin(), out.contents().end()};
  return session;
}

template <typename... Messages>
Bytes Input(Framing framing, const Messages&... messages) {
  Bytes all;
  const auto append = [&all](const Bytes& part) {
    all.insert(all.end(), part.begin(), part.end());
  };
  (append(protocol::Encode(framing, messages)), ...);
  return all;
}

Bytes ManyRequests(Framing framing, uint64_t n) {
  Bytes all;
  for (uint64_t id = 0; id < n; ++id) {
    const Bytes part = protocol::Encode(framing, BowlRequest(id));
    all.insert(all.end(), part.begin(), part.end());
  }
  return all;
}

std::map<uint64_t, protocol::ActAnswer> Answers(const Session& session) {
  std::map<uint64_t, protocol::ActAnswer> answers;
  for (const Reply& reply : session.replies) {
    const auto& answer = std::get<protocol::ActAnswer>(reply);
    answers[answer.id] = answer;
  }
  return answers;
}

class BothFramings : public testing::TestWithParam<Framing> {};
INSTANTIATE_TEST_SUITE_P(Connection, BothFramings,
                         testing::Values(Framing::kNdjson, Framing::kBinary));

TEST_P(BothFramings, HelloThenActionThenCleanEnd) {
  const Session session = Talk(Input(GetParam(), protocol::ClientHello{}, BowlRequest(5)));
  EXPECT_TRUE(session.status.ok()) << session.status.ToString();
  ASSERT_EQ(session.replies.size(), 2u);
  EXPECT_EQ(std::get<protocol::ServerHello>(session.replies[0]).model_name, "bowl");
  const auto& answer = std::get<protocol::ActAnswer>(session.replies[1]);
  EXPECT_EQ(answer.id, 5u);
  EXPECT_NEAR(answer.action.dx_m, 0.025, 0.03);
  EXPECT_GT(answer.q_value, 0.7f);
  EXPECT_EQ(answer.source, ActionSource::kGreedy);
  EXPECT_EQ(answer.digest, "d1");
  EXPECT_EQ(session.stats.answers, 1u);
  EXPECT_EQ(session.text[0] == '{', GetParam() == Framing::kNdjson) << "answers use our framing";
}

TEST_P(BothFramings, ThreadsAndNeighboursChangeNoAnswer) {
  const auto together = Answers(Talk(ManyRequests(GetParam(), 60), SampleHello(), 4));
  ASSERT_EQ(together.size(), 60u);
  for (uint64_t id : {0, 1, 17, 59}) {
    const auto alone = Answers(Talk(Input(GetParam(), BowlRequest(id))));
    ASSERT_EQ(alone.size(), 1u);
    EXPECT_EQ(alone.at(id).action.ToArray(), together.at(id).action.ToArray());
    EXPECT_EQ(alone.at(id).q_value, together.at(id).q_value);
    EXPECT_EQ(alone.at(id).spread, together.at(id).spread);
  }
}

TEST_P(BothFramings, ABadRequestIsRefusedAndTheNextOneAnswered) {
  Bytes input = protocol::EncodeFrame(GetParam(), {{"type", "act"}, {"id", 1}});
  const Bytes good = protocol::Encode(GetParam(), BowlRequest(2));
  input.insert(input.end(), good.begin(), good.end());
  const Session session = Talk(input);
  EXPECT_TRUE(session.status.ok());
  ASSERT_EQ(session.replies.size(), 2u);
  EXPECT_EQ(std::get<WireError>(session.replies[0]).id, 1u);
  EXPECT_EQ(std::get<WireError>(session.replies[0]).code, WireErrorCode::kBadRequest);
  EXPECT_EQ(std::get<protocol::ActAnswer>(session.replies[1]).id, 2u);
  EXPECT_EQ(session.stats.errors, 1u);
}

TEST(Connection, SeedAndStepMakeTheSearchRepeatable) {
  protocol::ActRequest request = BowlRequest(1), again = request, other = request, later = request;
  again.id = 2;
  other.id = 3, other.seed = 99;
  later.id = 4, later.observation.step += 1;
  auto answers = Answers(Talk(Input(Framing::kBinary, request, again, other, later)));
  EXPECT_EQ(answers[1].action.ToArray(), answers[2].action.ToArray());
  EXPECT_NE(answers[1].action.ToArray(), answers[3].action.ToArray());
  EXPECT_NE(answers[1].action.ToArray(), answers[4].action.ToArray());
}

TEST_P(BothFramings, AGivenActionIsValuedAndNotSearchedFor) {
  protocol::ActRequest request = BowlRequest(3);
  request.observation.gripper.x_m = 0.01f;
  request.action = Action::Move(0.02, 0.08, 0, 0);  // 0.1 m beside the best place
  const protocol::ActAnswer answer = Answers(Talk(Input(GetParam(), request))).at(3);
  EXPECT_EQ(answer.action.ToArray(), request.action->ToArray());
  EXPECT_NEAR(answer.q_value, std::exp(-1.0), 1e-6);
  EXPECT_TRUE(std::isnan(answer.spread));
  request.observation.image = SampleRaw(12);
  EXPECT_EQ(std::get<WireError>(Talk(Input(GetParam(), request)).replies.at(0)).code,
            WireErrorCode::kBadImage);
}

WireErrorCode OnlyError(const Session& session) {
  EXPECT_EQ(session.replies.size(), 1u);
  return std::get<WireError>(session.replies.at(0)).code;
}

TEST(Connection, PolicyFailuresBecomeTypedErrors) {
  EXPECT_EQ(OnlyError(Talk(Input(Framing::kBinary, BowlRequest(1, 12)))), WireErrorCode::kBadImage);
  EXPECT_EQ(OnlyError(Talk(Input(Framing::kBinary, BowlRequest(1, 13)))), WireErrorCode::kInternal);
}

TEST(Connection, AnImageOfAnotherSizeIsRefused) {
  protocol::ServerHello hello = SampleHello();
  hello.image_width_px = 5;
  const Session session = Talk(Input(Framing::kBinary, BowlRequest(1)), hello);
  EXPECT_EQ(OnlyError(session), WireErrorCode::kBadImage);
  EXPECT_THAT(std::get<WireError>(session.replies[0]).message, testing::HasSubstr("needs 5x2"));
}

TEST(Connection, AnotherProtocolIsRefused) {
  EXPECT_EQ(OnlyError(Talk(Input(Framing::kNdjson, protocol::ClientHello{2, "x"}))),
            WireErrorCode::kUnsupportedProtocol);
}

TEST(Connection, InputThatCannotBeFramedGetsOneErrorAndTheEnd) {
  const std::string text = "hello there\n";
  const Session session = Talk(Bytes(text.begin(), text.end()));
  EXPECT_EQ(session.status.code(), Code::kCorrupt);
  EXPECT_EQ(OnlyError(session), WireErrorCode::kBadFrame);
  EXPECT_EQ(session.text[0], '{') << "somebody typed this: answer in text";
}

TEST(Connection, AHalfFrameAfterGoodOnesLosesNoAnswer) {
  Bytes input = ManyRequests(Framing::kBinary, 3);
  input.insert(input.end(), {200, 0, 0});
  const Session session = Talk(input);
  EXPECT_EQ(session.status.code(), Code::kCorrupt);
  EXPECT_EQ(session.stats.answers, 3u);
  EXPECT_EQ(session.replies.size(), 4u);
}

TEST(Connection, AClientThatStopsReadingEndsIt) {
  const Session session = Talk(ManyRequests(Framing::kBinary, 50), SampleHello(), 2, 1000);
  EXPECT_EQ(session.status.code(), Code::kClosedPipe);
  EXPECT_LT(session.replies.size(), 50u);
}

CameraModel SmallCamera() {
  CameraModel camera = SampleCamera();
  camera.width_px = 4, camera.height_px = 2;
  return camera;
}

protocol::ActRequest WithCamera(uint64_t id, uint64_t session) {
  protocol::ActRequest request = BowlRequest(id);
  request.session = session;
  request.has_camera = true;
  request.observation.camera = SmallCamera();
  return request;
}

protocol::ActRequest WithoutCamera(uint64_t id, uint64_t session) {
  protocol::ActRequest request = BowlRequest(id);
  request.session = session;
  return request;
}

std::map<uint64_t, std::string> AnswersById(const Session& session) {
  std::map<uint64_t, std::string> outcomes;
  for (const Reply& reply : session.replies) {
    if (const auto* error = std::get_if<WireError>(&reply)) {
      outcomes[error->id.value_or(999)] = ToString(error->code);
    } else {
      outcomes[std::get<protocol::ActAnswer>(reply).id] = "ok";
    }
  }
  return outcomes;
}

TEST(Connection, ASessionRemembersItsCameraAndNoOther) {
  protocol::ServerHello hello = SampleHello();
  hello.needs_camera = true;
  protocol::ActRequest wrong_size = WithCamera(6, 1);
  wrong_size.observation.camera.width_px = 3;
  const Session session =
      Talk(Input(Framing::kBinary, WithoutCamera(1, 1), WithCamera(2, 1), WithoutCamera(3, 1),
                 WithoutCamera(4, 2), protocol::EndSession{1}, WithoutCamera(5, 1), wrong_size),
           hello);
  EXPECT_THAT(AnswersById(session),
              testing::ElementsAre(std::pair(1, "needs_camera"), std::pair(2, "ok"),
                                   std::pair(3, "ok"), std::pair(4, "needs_camera"),
                                   std::pair(5, "needs_camera"), std::pair(6, "bad_request")));
}

TEST(Connection, SessionsAreLimited) {
  const Session session = Talk(Input(Framing::kBinary, WithCamera(1, 1), WithCamera(2, 2),
                                     WithCamera(3, 1), protocol::EndSession{1}, WithCamera(4, 2)),
                               SampleHello(), 1, SIZE_MAX, {.max_sessions = 1});
  EXPECT_THAT(AnswersById(session),
              testing::ElementsAre(std::pair(1, "ok"), std::pair(2, "too_many_sessions"),
                                   std::pair(3, "ok"), std::pair(4, "ok")));
}

}  // namespace
}  // namespace qt::serve
