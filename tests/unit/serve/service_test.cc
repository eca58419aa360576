// SPDX-License-Identifier: Apache-2.0
// The queue's bounds, deadlines, the replacing of a model, and what is counted.
#include "serve/service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <thread>
#include <utility>

#include "fakes.h"

namespace qt::serve {
namespace {

using testing::HasSubstr;
using WhenFull = Service::WhenFull;

std::unique_ptr<Service> Make(const ServedModel& model, const PoolConfig& config = {}) {
  Result<std::unique_ptr<Service>> service = Service::Create(model, config);
  EXPECT_TRUE(service.ok()) << service.status().ToString();
  return std::move(service).value();
}

protocol::ActRequest Request(uint64_t id, std::optional<double> deadline_ms = std::nullopt) {
  protocol::ActRequest request = BowlRequest(id);
  request.deadline_ms = deadline_ms;
  return request;
}

// A service whose only thread computes request 0 until the gate opens.
struct Occupied {
  Gate gate;
  Outcomes outcomes;
  std::unique_ptr<Service> service;

  explicit Occupied(const PoolConfig& config) : service(Make(GatedModel(gate), config)) {
    gate.Set(false);
    service->Submit(Request(0), WhenFull::kWait, outcomes.Taker());  // however late, it is taken
    gate.AwaitWaiting(1);
  }
  ~Occupied() { gate.Set(true); }
  void Submit(protocol::ActRequest request) {
    service->Submit(std::move(request), WhenFull::kRefuse, outcomes.Taker());
  }
};

TEST(Service, AFullQueueIsToldAtOnceAndHarmsNobodyInIt) {
  Occupied occupied({.max_waiting = 2});
  for (uint64_t id = 1; id <= 3; ++id) occupied.Submit(Request(id));
  EXPECT_TRUE(occupied.outcomes.Has(3)) << "not later: the gate is still closed";
  EXPECT_EQ(occupied.outcomes.CodeOf(3), "busy");
  EXPECT_FALSE(occupied.outcomes.Has(1));
  occupied.gate.Set(true);
  for (uint64_t id = 0; id <= 2; ++id) EXPECT_EQ(occupied.outcomes.CodeOf(id), "ok");
}

TEST(Service, NobodyWaitsLongerThanTheMaximumDelay) {
  Occupied occupied({.max_delay_ms = 5});
  occupied.Submit(Request(1));
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  occupied.gate.Set(true);
  EXPECT_EQ(occupied.outcomes.CodeOf(0), "ok");
  EXPECT_EQ(occupied.outcomes.CodeOf(1), "busy");
}

TEST(Service, ADeadlineIsKeptOrRefused) {
  Occupied occupied({});
  occupied.Submit(Request(1, 5));
  occupied.Submit(Request(2, 60'000));
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  occupied.gate.Set(true);
  EXPECT_EQ(occupied.outcomes.CodeOf(1), "deadline");
  EXPECT_EQ(occupied.outcomes.CodeOf(2), "ok");
}

TEST(Service, AnAnswerThatCameTooLateIsRefused) {
  Gate gate;
  const auto service = Make(GatedModel(gate));
  gate.Set(false);
  Outcomes outcomes;
  service->Submit(Request(1, 10), WhenFull::kRefuse, outcomes.Taker());
  std::this_thread::sleep_for(std::chrono::milliseconds(30));
  gate.Set(true);
  EXPECT_EQ(outcomes.CodeOf(1), "deadline");
}

TEST(Service, AHopelessDeadlineIsRefusedAtOnce) {
  Occupied slow({});
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  slow.gate.Set(true);  // now an answer takes 50 ms, as far as the service knows
  EXPECT_EQ(slow.outcomes.CodeOf(0), "ok");
  slow.gate.Set(false);
  slow.Submit(Request(1, 3'600'000));  // a free thread refuses nothing beforehand
  slow.gate.AwaitWaiting(1);
  slow.Submit(Request(2, 1));
  EXPECT_TRUE(slow.outcomes.Has(2));
  EXPECT_EQ(slow.outcomes.CodeOf(2), "deadline");
}

TEST(Service, AnswersSayWhichModelAndHowLong) {
  Gate gate;
  const auto service = Make(GatedModel(gate, 0.02f, "d7", 700));
  Outcomes outcomes;
  service->Submit(Request(1), WhenFull::kRefuse, outcomes.Taker());
  const protocol::ActAnswer answer = outcomes.AnswerOf(1);
  EXPECT_EQ(answer.digest, "d7");
  EXPECT_EQ(answer.model_step, 700u);
  EXPECT_GE(answer.wait_ms.value(), 0);
  EXPECT_GE(answer.compute_ms, 0);
}

TEST(Service, AModelThatCannotActIsNoModel) {
  ServedModel broken = BowlModel();
  broken.factory = []() -> Result<std::unique_ptr<Policy>> { return Failed("no weights"); };
  EXPECT_EQ(Service::Create(broken, {.num_threads = 3}).status().message(), "no weights");
}

TEST(Replace, TheNewModelAnswersAndTheOldOneFinishesWhatItHas) {
  Gate old_gate, new_gate;
  const auto service = Make(GatedModel(old_gate, 0.01f, "old", 1));
  Outcomes outcomes;
  old_gate.Set(false);
  service->Submit(Request(1), WhenFull::kRefuse, outcomes.Taker());
  old_gate.AwaitWaiting(1);
  std::thread replacing(
      [&] { EXPECT_TRUE(service->Replace(GatedModel(new_gate, 0.02f, "new", 2)).ok()); });
  while (service->hello().digest != "new") std::this_thread::yield();
  service->Submit(Request(2), WhenFull::kRefuse, outcomes.Taker());
  EXPECT_EQ(outcomes.AnswerOf(2).digest, "new") << "while the old one still computes";
  EXPECT_FALSE(outcomes.Has(1));
  old_gate.Set(true);
  replacing.join();
  EXPECT_EQ(outcomes.AnswerOf(1).digest, "old");
}

TEST(Replace, OnlyByAModelThatFits) {
  const auto service = Make(BowlModel());
  const auto refused = [&](const auto& change) {
    ServedModel model = BowlModel();
    model.hello.digest = "other";
    change(model);
    return service->Replace(model).ToString();
  };
  EXPECT_THAT(refused([](ServedModel& m) { m.hello.image_width_px = 8; }), HasSubstr("8x2"));
  EXPECT_THAT(refused([](ServedModel& m) { m.hello.needs_camera = true; }), HasSubstr("camera"));
  EXPECT_THAT(refused([](ServedModel& m) { m.hello.task.max_dz_m = 1; }), HasSubstr("task"));
  const auto no_factory = []() -> Result<std::unique_ptr<Policy>> { return Failed("bad"); };
  EXPECT_THAT(refused([&](ServedModel& m) { m.factory = no_factory; }), HasSubstr("bad"));
  EXPECT_EQ(service->hello().digest, "d1");
}

TEST(Metrics, CountWhatBecameOfRequests) {
  Gate gate;
  const auto service = Make(GatedModel(gate, 0, "d\"1", 12));
  Outcomes outcomes;
  service->Submit(Request(1), WhenFull::kRefuse, outcomes.Taker());
  service->Submit(Request(2, 0), WhenFull::kRefuse, outcomes.Taker());
  EXPECT_EQ(outcomes.CodeOf(1), "ok");
  EXPECT_EQ(outcomes.CodeOf(2), "deadline");
  const std::string text = service->MetricsText();
  EXPECT_THAT(text, HasSubstr("qt_requests_total{outcome=\"answered\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("qt_requests_total{outcome=\"deadline\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("qt_model_info{name=\"bowl\",digest=\"d\\\"1\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("qt_request_seconds_bucket{le=\"+Inf\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("qt_compute_seconds_count 1\n"));
}

// A scrape that is not UTF-8, or whose lines are cut, is dropped as a whole.
TEST(Metrics, AnyNameOfAFileIsALabel) {
  Gate gate;
  const auto service = Make(GatedModel(gate, 0, "caf\xe9 \"a\\b\"\nc", 12));
  EXPECT_THAT(service->MetricsText(),
              HasSubstr("digest=\"caf\xef\xbf\xbd \\\"a\\\\b\\\"\\nc\"} 1\n"));
}

TEST(Metrics, AHistogramIsCumulative) {
  Histogram histogram;
  for (double seconds : {0.0001, 0.003, 0.003, 99.0}) histogram.Add(seconds);
  const std::string text = histogram.Text("h", "help");
  EXPECT_THAT(text, HasSubstr("h_bucket{le=\"0.0005\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("h_bucket{le=\"0.005\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("h_bucket{le=\"10\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("h_bucket{le=\"+Inf\"} 4\n"));
}

}  // namespace
}  // namespace qt::serve
