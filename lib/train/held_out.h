// SPDX-License-Identifier: Apache-2.0
// Evaluates a policy on held-out scenes while training goes on: qt-eval in a process of its own, at
// low priority. The scenes are the same ones every time.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <thread>

#include "base/status.h"
#include "json/json_fwd.h"
#include "train/run_config.h"

namespace qt::train {

// The scenes are the same every time, and other ones than those of qt-eval's default seed: what is
// chosen by these is to be reported on those.
inline constexpr uint64_t kHeldOutSeed = 7001;

struct HeldOutResult {
  int64_t step = 0;
  uint64_t episodes = 0;
  double success = 0, low = 0, high = 0;  // the rate and its Wilson interval
};
Json ToJson(const HeldOutResult& result);

// What qt-eval printed (formats/report).
Result<HeldOutResult> ParseReport(const std::string& report, int64_t step);

// One evaluation at a time. The process does not outlive the object.
class HeldOutEvaluation {
 public:
  explicit HeldOutEvaluation(HeldOutConfig config) : config_(std::move(config)) {}
  ~HeldOutEvaluation() { Cancel(); }

  bool running() const { return thread_.joinable(); }
  // REQUIRES: !running(). The file must stay until the evaluation is done.
  void Start(const std::string& policy, int64_t step);
  // The result once it is there; after that, not running.
  std::optional<Result<HeldOutResult>> Poll();
  void Cancel();

 private:
  Result<HeldOutResult> Evaluate(const std::string& policy, int64_t step) const;

  const HeldOutConfig config_;
  std::atomic<bool> cancelled_{false}, done_{false};
  std::optional<Result<HeldOutResult>> result_;  // read once done_ is set
  std::thread thread_;
};

}  // namespace qt::train
