// SPDX-License-Identifier: Apache-2.0
// Policies in another process. The servers are shell scripts that speak the protocol badly or well;
// tests/pipeline talks to the real one.
#include "policy/remote.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <thread>
#include <vector>

#include "base/file.h"
#include "support/sample_episode.h"

namespace qt::policy {
namespace {

using testing::HasSubstr;

constexpr char kHello[] =
    R"(echo '{"type":"hello","protocol":1,"server":"s","model":{"name":"m","digest":"d","step":5},)"
    R"("task":{"max_steps":7},"image":{"width_px":16,"height_px":16},"needs_camera":true}'; )";

// Answers request ID with dx = ID / 1000, after what `before` does.
std::string Answering(const std::string& before = "") {
  return std::string("exec:read -r hello; ") + kHello +
         "while read -r line; do case $line in *'\"type\":\"act\"'*) "
         "id=${line#*\\\"id\\\":}; id=${id%%,*}; " +
         before +
         "echo '{\"type\":\"action\",\"id\":'$id',\"action\":['$id'e-3,0,0,0,1,0,0,0],"
         "\"q_value\":0.5,\"source\":\"greedy\",\"digest\":\"d2\"}';; esac; done";
}

Observation SampleObservation() {
  Observation observation;
  observation.image = SampleJpeg();
  observation.camera = SampleCamera();
  return observation;
}

std::unique_ptr<RemoteServer> StartOrDie(const std::string& spec, RemoteOptions options = {}) {
  Result<std::unique_ptr<RemoteServer>> server =
      RemoteServer::Start(*PolicySpec::Parse(spec), options);
  EXPECT_TRUE(server.ok()) << server.status().ToString();
  return server.ok() ? std::move(*server) : nullptr;
}

std::string StartError(const std::string& spec, RemoteOptions options = {}) {
  return RemoteServer::Start(*PolicySpec::Parse(spec), options).status().ToString();
}

TEST(RemoteServer, SaysHelloAndAnswers) {
  const std::unique_ptr<RemoteServer> server = StartOrDie(Answering());
  ASSERT_NE(server, nullptr);
  EXPECT_EQ(server->hello().model_step, 5u);
  EXPECT_EQ(server->hello().task.max_steps, 7);
  const std::unique_ptr<Policy> policy = server->NewPolicy();
  EXPECT_EQ(policy->name(), "model:m");
  EXPECT_EQ(policy->digest(), "d");
  policy->StartEpisode(11);
  const Result<Decision> decision = policy->Act(SampleObservation());
  ASSERT_TRUE(decision.ok()) << decision.status().ToString();
  EXPECT_NEAR(decision->action.dx_m, 0.001, 1e-6);
  EXPECT_EQ(decision->q_value, 0.5f);
  EXPECT_EQ(decision->source, ActionSource::kGreedy);
  EXPECT_EQ(policy->digest(), "d2") << "the answer's digest is the newest";
}

TEST(RemoteServer, SaysQOfAGivenActionOrThatItCannot) {
  const std::unique_ptr<RemoteServer> server = StartOrDie(Answering());
  ASSERT_NE(server, nullptr);
  const std::unique_ptr<Policy> policy = server->NewPolicy();
  // Request 1 is answered with a motion by 1 mm whatever was asked.
  const Result<float> value = policy->ValueOf(SampleObservation(), Action::Move(0.001, 0, 0, 0));
  ASSERT_TRUE(value.ok()) << value.status().ToString();
  EXPECT_EQ(*value, 0.5f);
  EXPECT_THAT(policy->ValueOf(SampleObservation(), Action::Move(0.001, 0, 0, 0)).status().message(),
              HasSubstr("does not say what Q a given action has"));
}

TEST(RemoteServer, ManyPoliciesShareOneProcess) {
  const std::unique_ptr<RemoteServer> server = StartOrDie(Answering());
  ASSERT_NE(server, nullptr);
  std::vector<std::thread> threads;
  std::atomic<int> answers = 0;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      const std::unique_ptr<Policy> policy = server->NewPolicy();
      policy->StartEpisode(1);
      for (int k = 0; k < 10; ++k) answers += policy->Act(SampleObservation()).ok();
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(answers, 40);
}

TEST(RemoteServer, TheCameraIsSentOnceAndAgainWhenItChanges) {
  // The script answers only requests with a camera; the others run into the time limit.
  const std::unique_ptr<RemoteServer> server = StartOrDie(
      Answering("case $line in *fx_px*) ;; *) continue;; esac; "), {.answer_timeout_s = 0.3});
  ASSERT_NE(server, nullptr);
  const std::unique_ptr<Policy> policy = server->NewPolicy();
  Observation observation = SampleObservation();
  EXPECT_TRUE(policy->Act(observation).ok());
  EXPECT_FALSE(policy->Act(observation).ok());
  observation.camera.cx_px += 1;
  EXPECT_TRUE(policy->Act(observation).ok());
}

TEST(RemoteServer, ARefusalIsAnErrorOfThatRequestOnly) {
  const std::unique_ptr<RemoteServer> server = StartOrDie(
      Answering("if [ $id = 1 ]; then echo '{\"type\":\"error\",\"id\":1,"
                "\"error\":{\"code\":\"bad_image\",\"message\":\"too dark\"}}'; continue; fi; "));
  ASSERT_NE(server, nullptr);
  const std::unique_ptr<Policy> policy = server->NewPolicy();
  const Result<Decision> refused = policy->Act(SampleObservation());
  EXPECT_THAT(refused.status().message(), HasSubstr("too dark (bad_image)"));
  EXPECT_TRUE(policy->Act(SampleObservation()).ok());
}

TEST(RemoteServer, AServerThatDiesGivesItsExitStatus) {
  const std::unique_ptr<RemoteServer> server = StartOrDie(Answering("[ $id = 2 ] && exit 7; "));
  ASSERT_NE(server, nullptr);
  const std::unique_ptr<Policy> policy = server->NewPolicy();
  EXPECT_TRUE(policy->Act(SampleObservation()).ok());
  EXPECT_THAT(policy->Act(SampleObservation()).status().ToString(),
              HasSubstr("ended with exit status 7"));
  EXPECT_THAT(policy->Act(SampleObservation()).status().ToString(),
              HasSubstr("ended with exit status 7"));
}

TEST(RemoteServer, AServerThatIsKilledSaysBySignal) {
  const std::unique_ptr<RemoteServer> server = StartOrDie(Answering("kill -9 $$; "));
  ASSERT_NE(server, nullptr);
  EXPECT_THAT(server->NewPolicy()->Act(SampleObservation()).status().ToString(),
              HasSubstr("killed by signal 9"));
}

TEST(RemoteServer, AnAnswerThatDoesNotComeInTimeIsAnError) {
  const std::unique_ptr<RemoteServer> server =
      StartOrDie(Answering("[ $id = 1 ] && continue; "), {.answer_timeout_s = 0.2});
  ASSERT_NE(server, nullptr);
  const std::unique_ptr<Policy> policy = server->NewPolicy();
  EXPECT_THAT(policy->Act(SampleObservation()).status().ToString(), HasSubstr("in time"));
  EXPECT_TRUE(policy->Act(SampleObservation()).ok()) << "the connection goes on";
}

TEST(RemoteServer, GarbageInsteadOfAnswersEndsIt) {
  const std::unique_ptr<RemoteServer> server = StartOrDie(Answering("echo garbage; "));
  ASSERT_NE(server, nullptr);
  EXPECT_THAT(server->NewPolicy()->Act(SampleObservation()).status().ToString(),
              HasSubstr("not valid JSON"));
}

TEST(RemoteServer, AStartThatFailsIsOneSentence) {
  EXPECT_EQ(
      StartError("exec:echo no such robot >&2; exit 3"),
      "exec:echo no such robot >&2; exit 3: the policy server ended with exit status 3 before "
      "it was ready: no such robot");
  EXPECT_EQ(StartError("exec:echo 'qt-serve: m.safetensors: is empty' >&2; exit 1"),
            "m.safetensors: is empty");
  EXPECT_THAT(StartError("exec:true"), HasSubstr("exit status 0 before it was ready"));
  EXPECT_THAT(StartError("exec:echo hello"), HasSubstr("does not follow the protocol"));
  EXPECT_EQ(StartError("missing.safetensors"), "missing.safetensors: no such file or folder");
}

TEST(RemoteServer, AnotherProtocolIsRefused) {
  EXPECT_THAT(StartError("exec:echo '{\"type\":\"hello\",\"protocol\":2,\"server\":\"s\",\"model\":"
                         "{\"name\":\"m\",\"digest\":\"d\",\"step\":5},\"task\":{},\"image\":"
                         "{\"width_px\":1,\"height_px\":1},\"needs_camera\":true}'; cat"),
              HasSubstr("protocol 2"));
}

TEST(RemoteServer, AServerThatIsNeverReadyIsGivenUp) {
  const auto start = std::chrono::steady_clock::now();
  EXPECT_THAT(StartError("exec:cat >/dev/null", {.start_timeout_s = 0.2}), HasSubstr("in time"));
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
}

TEST(RemoteServer, AStopEndsTheWait) {
  const auto start = std::chrono::steady_clock::now();
  const std::unique_ptr<RemoteServer> server =
      StartOrDie(Answering("[ $id = 1 ] && sleep 4; "), {.answer_timeout_s = 60});
  ASSERT_NE(server, nullptr);
  const std::unique_ptr<Policy> policy = server->NewPolicy();
  const std::atomic<bool> stop = true;
  SetStopFlag(&stop);
  const Status unanswered = policy->Act(SampleObservation()).status();
  const Status not_ready =
      RemoteServer::Start(*PolicySpec::Parse("exec:exec sleep 60"), RemoteOptions()).status();
  SetStopFlag(nullptr);
  EXPECT_FALSE(unanswered.ok());
  EXPECT_EQ(not_ready.code(), Code::kInterrupted) << not_ready.ToString();
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(8));
}

TEST(RemoteServer, APolicyMayOutliveIt) {
  std::unique_ptr<RemoteServer> server = StartOrDie(Answering());
  ASSERT_NE(server, nullptr);
  const std::unique_ptr<Policy> policy = server->NewPolicy();
  server.reset();
  EXPECT_FALSE(policy->Act(SampleObservation()).ok());
}

TEST(RemoteServer, TheProcessEndsWithItsOwner) {
  std::unique_ptr<RemoteServer> server = StartOrDie(Answering());
  ASSERT_NE(server, nullptr);
  EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), 0) << "it runs";
  server.reset();
  EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1) << "there is no child left, not even a dead one";
  EXPECT_EQ(errno, ECHILD);
}

}  // namespace
}  // namespace qt::policy
