// SPDX-License-Identifier: Apache-2.0
#include "train/run_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <string_view>
#include <system_error>

#include "base/digest.h"
#include "base/output_place.h"
#include "json/bounded_json.h"

namespace qt::train {
namespace {

namespace fs = std::filesystem;

constexpr char kCheckpoints[] = "/checkpoints";
constexpr char kPolicies[] = "/policies";
constexpr char kCandidateName[] = "candidate.safetensors";

double WallTime_s() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

// The step of "step-<digits>.safetensors"; nothing for every other name.
std::optional<int64_t> StepOf(std::string_view name) {
  constexpr std::string_view kBefore = "step-", kAfter = ".safetensors";
  if (!name.starts_with(kBefore) || !name.ends_with(kAfter)) return std::nullopt;
  if (name.size() <= kBefore.size() + kAfter.size()) return std::nullopt;
  name.remove_prefix(kBefore.size());
  name.remove_suffix(kAfter.size());
  int64_t step = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), step);
  const bool all = error == std::errc() && end == name.data() + name.size();
  return all && name[0] != '-' ? std::optional(step) : std::nullopt;
}

// Oldest first.
std::vector<RunFolder::Checkpoint> NumberedIn(const std::string& folder) {
  std::vector<RunFolder::Checkpoint> numbered;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    const std::optional<int64_t> step = StepOf(entry.path().filename().string());
    if (step) numbered.push_back({*step, entry.path().string()});
  }
  std::ranges::sort(numbered, {}, [](const auto& file) { return std::pair(file.step, file.path); });
  return numbered;
}

std::vector<RunFolder::Checkpoint> CheckpointsIn(const std::string& path) {
  return NumberedIn(path + kCheckpoints);
}

std::string NumberedName(int64_t step) {
  char name[64];
  std::snprintf(name, sizeof(name), "/step-%08lld.safetensors", static_cast<long long>(step));
  return name;
}

void RemoveAllBut(int newest, const std::vector<RunFolder::Checkpoint>& oldest_first) {
  std::error_code ignored;
  for (size_t i = 0; i + static_cast<size_t>(newest) < oldest_first.size(); ++i) {
    fs::remove(oldest_first[i].path, ignored);
  }
}

// Files that were being written when their writer died (CreateFile's temporaries, the candidate).
void SweepUp(const std::string& path) {
  std::error_code ignored;
  for (const std::string& folder : {path, path + kCheckpoints, path + kPolicies}) {
    std::vector<fs::path> leftovers;
    for (const auto& entry : fs::directory_iterator(folder, ignored)) {
      const std::string name = entry.path().filename().string();
      const bool temporary = name.starts_with('.') && name.ends_with(".tmp");
      if (temporary || name == kCandidateName) leftovers.push_back(entry.path());
    }
    for (const fs::path& leftover : leftovers) fs::remove(leftover, ignored);
  }
}

bool HoldsRun(const std::string& path) {
  return fs::exists(path + "/config.json") || !CheckpointsIn(path).empty();
}

// The files of a run, and nothing else that a user may have put there.
void RemoveRun(const std::string& path) {
  std::error_code ignored;
  SweepUp(path);
  RemoveAllBut(0, CheckpointsIn(path));
  RemoveAllBut(0, NumberedIn(path + kPolicies));
  for (const char* name : {"config.json", "policy.safetensors", "policies.jsonl", "metrics.jsonl",
                           "best.safetensors", "best.json"}) {
    fs::remove(path + "/" + name, ignored);
  }
  for (const auto& entry : fs::directory_iterator(path, ignored)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with("events.out.tfevents.") || name.starts_with("bad-batch-")) {
      fs::remove(entry.path(), ignored);
    }
  }
}

// The complete lines of a log that are JSON objects; none if there is no such file.
Result<std::vector<Json>> ReadLog(const std::string& path) {
  std::vector<Json> lines;
  if (!fs::exists(path)) return lines;
  QT_ASSIGN(const std::string text, ReadWholeFile(path));
  for (size_t from = 0, end; (end = text.find('\n', from)) != std::string::npos; from = end + 1) {
    Result<Json> line = json::Parse(std::string_view(text).substr(from, end - from));
    if (line.ok() && line->is_object()) lines.push_back(*std::move(line));
  }
  return lines;
}

// What Log wrote as this line of metrics.jsonl.
Scalars ScalarsOf(const Json& line) {
  Scalars scalars;
  for (const auto& [name, value] : line.items()) {
    if (name != "step" && value.is_number()) scalars.emplace_back(name, value.get<float>());
  }
  return scalars;
}

}  // namespace

Status RunFolder::CheckFree(const std::string& path, bool replace) {
  if (replace || !HoldsRun(path)) return Ok();
  return Failed("this folder already holds a run; --resume goes on with it, --force replaces it")
      .At(path);
}

Result<std::unique_ptr<RunFolder>> RunFolder::Create(const std::string& path, const Json& config,
                                                     bool replace) {
  QT_TRY(CheckFree(path, replace));
  QT_TRY(MakeFolder(path + kCheckpoints));
  std::unique_ptr<RunFolder> folder(new RunFolder(path));
  QT_TRY(folder->Lock());
  if (HoldsRun(path)) RemoveRun(path);
  QT_TRY(PlaceOf(folder->PolicyPath()).status());
  QT_TRY(folder->WriteConfig(config));
  return folder;
}

Result<std::unique_ptr<RunFolder>> RunFolder::Resume(const std::string& path) {
  QT_TRY(ReadConfig(path).status());
  std::unique_ptr<RunFolder> folder(new RunFolder(path));
  QT_TRY(folder->Lock());
  QT_TRY(PlaceOf(folder->PolicyPath()).status());
  QT_TRY(MakeFolder(path + kCheckpoints));
  SweepUp(folder->path_);
  folder->resumed_ = true;
  return folder;
}

Result<Json> RunFolder::ReadConfig(const std::string& path) {
  const std::string config_path = path + "/config.json";
  QT_ASSIGN(const std::string text, ReadWholeFile(config_path));
  Result<Json> config = json::Parse(text);
  if (!config.ok() || !config->is_object()) {
    return Corrupt("this is not a JSON object").At(config_path);
  }
  return config;
}

Status RunFolder::WriteConfig(const Json& config) const {
  return WriteWholeFile(path_ + "/config.json", json::Dump(config, 2) + "\n", Overwrite::kYes);
}

RunFolder::~RunFolder() {
  if (lock_ >= 0) ::close(lock_);
}

Status RunFolder::Lock() {
  const std::string path = path_ + "/.lock";
  lock_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (lock_ < 0) return FromErrno(errno, "cannot open the lock").At(path);
  if (::flock(lock_, LOCK_EX | LOCK_NB) == 0) return Ok();
  if (errno != EWOULDBLOCK) return Ok();  // a file system without locks
  return Status(Code::kBusy, "another qt-train is at work in this folder").At(path_);
}

std::string RunFolder::PolicyPath() const { return path_ + "/policy.safetensors"; }
std::string RunFolder::CandidatePath() const { return path_ + "/" + kCandidateName; }
std::string RunFolder::BadBatchPath(int64_t step) const {
  return path_ + "/bad-batch-" + std::to_string(step) + ".safetensors";
}

Status RunFolder::KeepPolicy(int64_t step, int keep) const {
  const std::string folder = path_ + kPolicies;
  QT_TRY(MakeFolder(folder));
  QT_ASSIGN(const std::string policy, ReadWholeFile(PolicyPath()));
  QT_TRY(WriteWholeFile(folder + NumberedName(step), policy, Overwrite::kYes));
  RemoveAllBut(keep, NumberedIn(folder));
  return Ok();
}

Status RunFolder::LogPolicy(int64_t step) const {
  QT_ASSIGN(const std::string policy, ReadWholeFile(PolicyPath()));
  const Json line = {
      {"step", step}, {"digest", Sha256Hex(AsBytes(policy))}, {"time_s", WallTime_s()}};
  QT_ASSIGN(const std::unique_ptr<ByteSink> log, OpenForAppend(path_ + "/policies.jsonl"));
  QT_TRY(log->Write(AsBytes(json::Dump(line) + "\n")));
  return log->Flush();
}

Result<std::set<std::string>> RunFolder::PolicyDigests() const {
  QT_ASSIGN(const std::vector<Json> lines, ReadLog(path_ + "/policies.jsonl"));
  std::set<std::string> digests;
  for (const Json& line : lines) digests.insert(line.value("digest", std::string()));
  digests.erase("");
  return digests;
}

Status RunFolder::Promote(const Json& figures) const {
  QT_TRY(MoveFile(CandidatePath(), path_ + "/best.safetensors", Overwrite::kYes));
  return WriteWholeFile(path_ + "/best.json", json::Dump(figures) + "\n", Overwrite::kYes);
}

void RunFolder::DropCandidate() const {
  std::error_code ignored;
  fs::remove(CandidatePath(), ignored);
}

Json RunFolder::Best() const {
  const auto text = ReadWholeFile(path_ + "/best.json");
  if (!text.ok()) return nullptr;
  const Result<Json> best = json::Parse(*text);
  return best.ok() && best->is_object() ? *best : Json();
}

std::string RunFolder::CheckpointPath(int64_t step) const {
  return path_ + kCheckpoints + NumberedName(step);
}

std::optional<RunFolder::Checkpoint> RunFolder::NewestCheckpoint() const {
  const std::vector<Checkpoint> checkpoints = CheckpointsIn(path_);
  return checkpoints.empty() ? std::nullopt : std::optional(checkpoints.back());
}

void RunFolder::PruneCheckpoints(int keep) const {
  if (keep > 0) RemoveAllBut(keep, CheckpointsIn(path_));
}

Status RunFolder::OpenLogs(int64_t step) {
  const std::string path = path_ + "/metrics.jsonl";
  QT_ASSIGN(const std::vector<Json> lines, ReadLog(path));
  std::string kept;
  Scalars of_step;
  for (const Json& line : lines) {
    const auto logged = line.find("step");
    if (logged == line.end() || !logged->is_number() || *logged > step) continue;
    kept += json::Dump(line) + "\n";
    if (*logged == step) of_step = ScalarsOf(line);
  }
  if (fs::exists(path)) QT_TRY(WriteWholeFile(path, kept, Overwrite::kYes));
  QT_ASSIGN(metrics_, OpenForAppend(path));
  const auto from = resumed_ ? std::optional(step) : std::nullopt;
  QT_ASSIGN(events_, tensors::ScalarEventWriter::Create(path_, WallTime_s(), from));
  // What starts anew at a step makes readers drop that step, too.
  return of_step.empty() ? Ok() : events_->Write(step, WallTime_s(), of_step);
}

Status RunFolder::Log(int64_t step, const Scalars& scalars) {
  Json line = {{"step", step}};
  for (const auto& [name, value] : scalars) {
    // As many digits as a float32 has; not a number becomes null.
    char digits[32];
    std::snprintf(digits, sizeof(digits), "%.7g", static_cast<double>(value));
    line[name] = std::isfinite(value) ? Json(std::strtod(digits, nullptr)) : Json();
  }
  QT_TRY(metrics_->Write(AsBytes(json::Dump(line) + "\n")));
  QT_TRY(metrics_->Flush());
  return events_->Write(step, WallTime_s(), scalars);
}

}  // namespace qt::train
