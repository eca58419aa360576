// SPDX-License-Identifier: Apache-2.0
#include "discard_key.h"

#include <poll.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <string>
#include <utility>

namespace qt::collect {
namespace {

// In the background a read would stop the program. A terminal that is not ours has no foreground.
bool MayRead() {
  const pid_t foreground = ::tcgetpgrp(STDIN_FILENO);
  return foreground < 0 || foreground == ::getpgrp();
}

class DiscardableRobot : public robot::Robot {
 public:
  DiscardableRobot(std::unique_ptr<Robot> inner, const std::atomic<uint64_t>& count)
      : inner_(std::move(inner)), count_(count) {}

  Status NewBin(uint64_t seed) override {
    is_void_ = false;
    return inner_->NewBin(seed);
  }
  void SetClock(int64_t start_stamp_ns) override { inner_->SetClock(start_stamp_ns); }
  Status StartEpisode(uint64_t seed) override {
    count_before_ = count_;
    return inner_->StartEpisode(seed);
  }
  Result<Observation> Observe() override {
    Result<Observation> observation = inner_->Observe();
    QT_TRY(observation.status());
    QT_TRY(CheckKey());
    return observation;
  }
  Action Clip(const Action& action) const override { return inner_->Clip(action); }
  Status Act(const Action& action) override {
    QT_TRY(inner_->Act(action));
    return CheckKey();
  }
  std::optional<Action> intervention() const override { return inner_->intervention(); }
  GripperState gripper() const override { return inner_->gripper(); }
  Result<robot::DropTest> Finish() override {
    Result<robot::DropTest> test = inner_->Finish();
    QT_TRY(test.status());
    QT_TRY(CheckKey());
    return test;
  }

  robot::Fault fault() const override { return is_void_ ? robot::Fault::kScene : inner_->fault(); }
  int64_t stamp_ns() const override { return inner_->stamp_ns(); }
  std::string env() const override { return inner_->env(); }
  std::string env_config() const override { return inner_->env_config(); }
  robot::SimCounters counters() const override { return inner_->counters(); }
  std::string driver() const override { return inner_->driver(); }

 private:
  Status CheckKey() {
    is_void_ = count_ != count_before_;
    return is_void_ ? Failed("discarded at the terminal") : Ok();
  }

  std::unique_ptr<Robot> inner_;
  const std::atomic<uint64_t>& count_;
  uint64_t count_before_ = 0;
  bool is_void_ = false;
};

}  // namespace

DiscardKey::DiscardKey() {
  if (::isatty(STDIN_FILENO) == 1) reader_ = std::thread([this] { Read(); });
}

DiscardKey::~DiscardKey() {
  ends_ = true;
  if (reader_.joinable()) reader_.join();
}

void DiscardKey::Read() {
  constexpr int kSlice_ms = 100;
  std::string line;
  while (!ends_) {
    pollfd wait = {STDIN_FILENO, POLLIN, 0};
    if (!MayRead()) {
      std::this_thread::sleep_for(std::chrono::milliseconds(kSlice_ms));
      continue;
    }
    if (::poll(&wait, 1, kSlice_ms) <= 0) continue;
    std::array<char, 256> text;
    const ssize_t n = ::read(STDIN_FILENO, text.data(), text.size());
    if (n <= 0) return;
    for (const char c : std::string_view(text.data(), size_t(n))) {
      if (c != '\n') {
        line += c;
        continue;
      }
      count_ += line == "d";
      line.clear();
    }
  }
}

robot::RobotFactory Discardable(robot::RobotFactory inner, const std::atomic<uint64_t>& count) {
  return [inner = std::move(inner),
          &count](const robot::RobotContext& context) -> Result<std::unique_ptr<robot::Robot>> {
    QT_ASSIGN(std::unique_ptr<robot::Robot> robot, inner(context));
    return std::unique_ptr<robot::Robot>(
        std::make_unique<DiscardableRobot>(std::move(robot), count));
  };
}

}  // namespace qt::collect
