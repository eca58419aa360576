// SPDX-License-Identifier: Apache-2.0
#include "train/held_out.h"

#include <signal.h>

#include <array>
#include <memory>
#include <utility>
#include <vector>

#include "base/child_process.h"
#include "json/bounded_json.h"
#include "json/json.h"

namespace qt::train {
namespace {

constexpr size_t kMaxReportBytes = 1 << 20;
constexpr double kPatience_s = 10;  // from the end of its output to its end

Result<std::string> ReadAll(ChildProcess& child) {
  std::string text;
  std::array<uint8_t, 4096> bytes;
  for (;;) {
    QT_ASSIGN(const size_t n, child.Read(bytes));
    if (n == 0) return text;
    text.append(reinterpret_cast<const char*>(bytes.data()), n);
    if (text.size() > kMaxReportBytes) return Failed("qt-eval talks too much");
  }
}

}  // namespace

Json ToJson(const HeldOutResult& result) {
  return {{"step", result.step},
          {"episodes", result.episodes},
          {"success", result.success},
          {"success_low", result.low},
          {"success_high", result.high}};
}

Result<HeldOutResult> ParseReport(const std::string& report, int64_t step) {
  const Json json = json::ParseObjectOrNone(report);
  try {
    const Json& success = json.at("success");
    return HeldOutResult{
        step, json.at("episodes").get<uint64_t>(), success.at("rate").get<double>(),
        success.at("interval").at(0).get<double>(), success.at("interval").at(1).get<double>()};
  } catch (const Json::exception&) {
    return Failed("qt-eval gave no report");
  }
}

void HeldOutEvaluation::Start(const std::string& policy, int64_t step) {
  cancelled_ = done_ = false;
  result_.reset();
  thread_ = std::thread([this, policy, step] {
    result_ = Evaluate(policy, step);
    done_ = true;
  });
}

std::optional<Result<HeldOutResult>> HeldOutEvaluation::Poll() {
  if (!running() || !done_) return std::nullopt;
  thread_.join();
  return std::move(result_);
}

void HeldOutEvaluation::Cancel() {
  cancelled_ = true;
  if (running()) thread_.join();
}

// The process is bound to the thread that runs this.
Result<HeldOutResult> HeldOutEvaluation::Evaluate(const std::string& policy, int64_t step) const {
  const std::vector<std::string> command = {"nice",
                                            "-n",
                                            "19",
                                            ProgramBesideOurselves("qt-eval"),
                                            policy,
                                            "--objects",
                                            config_.objects,
                                            "-n",
                                            std::to_string(config_.episodes),
                                            "--seed",
                                            std::to_string(kHeldOutSeed),
                                            "--num-envs",
                                            "1",
                                            "--json",
                                            "-q"};
  QT_ASSIGN(const std::unique_ptr<ChildProcess> child, ChildProcess::Start(command, kPatience_s));
  child->CloseInput();
  child->SetStop([this] { return cancelled_.load(); });
  const Result<std::string> report = ReadAll(*child);
  if (!report.ok()) {
    child->Signal(SIGKILL);  // its own children go with it
    return report.status();
  }
  const std::string how = child->End(kPatience_s);
  std::string said = child->TakeHeldStderr();
  while (said.ends_with('\n')) said.pop_back();
  Result<HeldOutResult> result = ParseReport(*report, step);
  if (result.ok()) return result;
  return Failed("the evaluation of step " + std::to_string(step) + " " + how +
                (said.empty() ? "" : ": " + said));
}

}  // namespace qt::train
