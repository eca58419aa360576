#include "train/run_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include "base/digest.h"

namespace qt::train {
namespace {

namespace fs = std::filesystem;

constexpr char kCandidateName[] = "candidate.safetensors";

double WallTime_s() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

// The files of a run, and nothing else that a user may have put there.
void RemoveRun(const std::string& path) {
  std::error_code ignored;
  fs::remove_all(path + "/checkpoints", ignored);
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

// Files that were being written when their writer died (CreateFile's temporaries, the candidate).
void SweepUp(const std::string& path) {
  std::error_code ignored;
  for (const std::string& folder : {path, path + "/checkpoints"}) {
    std::vector<fs::path> leftovers;
    for (const auto& entry : fs::directory_iterator(folder, ignored)) {
      const std::string name = entry.path().filename().string();
      const bool temporary = name.starts_with('.') && name.ends_with(".tmp");
      if (temporary || name == kCandidateName) leftovers.push_back(entry.path());
    }
    for (const fs::path& leftover : leftovers) fs::remove(leftover, ignored);
  }
}

// The complete lines of a log that are JSON objects; none if there is no such file.
Result<std::vector<Json>> ReadLog(const std::string& path) {
  std::vector<Json> lines;
  if (!fs::exists(path)) return lines;
  QT_ASSIGN(const std::string text, ReadWholeFile(path));
  for (size_t from = 0, end; (end = text.find('\n', from)) != std::string::npos; from = end + 1) {
    Json line = Json::parse(text.begin() + static_cast<ptrdiff_t>(from),
                            text.begin() + static_cast<ptrdiff_t>(end), nullptr, false);
    if (line.is_object()) lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace

Status RunFolder::CheckFree(const std::string& path, bool replace) {
  if (replace || !fs::exists(path + "/config.json")) return Ok();
  return Failed("this folder already holds a run; --resume goes on with it, --force replaces it")
      .At(path);
}

Result<std::unique_ptr<RunFolder>> RunFolder::Create(const std::string& path, const Json& config,
                                                     bool replace) {
  QT_TRY(CheckFree(path, replace));
  QT_TRY(MakeFolder(path + "/checkpoints"));
  std::unique_ptr<RunFolder> folder(new RunFolder(path));
  QT_TRY(folder->Lock());
  if (fs::exists(path + "/config.json")) RemoveRun(path);
  QT_TRY(MakeFolder(path + "/checkpoints"));
  folder->config_ = config;
  QT_TRY(WriteWholeFile(path + "/config.json", json::Dump(config, 2) + "\n", Overwrite::kYes));
  return folder;
}

Result<std::unique_ptr<RunFolder>> RunFolder::Resume(const std::string& path) {
  const std::string config_path = path + "/config.json";
  QT_ASSIGN(const std::string text, ReadWholeFile(config_path));
  std::unique_ptr<RunFolder> folder(new RunFolder(path));
  folder->config_ = Json::parse(text, nullptr, false);
  if (!folder->config_.is_object()) return Corrupt("this is not a JSON object").At(config_path);
  QT_TRY(folder->Lock());
  QT_TRY(MakeFolder(path + "/checkpoints"));
  SweepUp(folder->path_);
  return folder;
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
  const Json best = Json::parse(*text, nullptr, false);
  return best.is_object() ? best : Json();
}

std::string RunFolder::CheckpointPath(int64_t step) const {
  char name[64];
  std::snprintf(name, sizeof(name), "/checkpoints/step-%08lld.safetensors",
                static_cast<long long>(step));
  return path_ + name;
}

std::vector<std::string> RunFolder::Checkpoints() const {
  std::vector<std::string> paths;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(path_ + "/checkpoints", ignored)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with("step-") && name.ends_with(".safetensors")) paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

std::string RunFolder::NewestCheckpoint() const {
  const std::vector<std::string> paths = Checkpoints();
  return paths.empty() ? "" : paths.back();
}

void RunFolder::PruneCheckpoints(int keep) const {
  const std::vector<std::string> paths = Checkpoints();
  if (keep <= 0) return;
  std::error_code ignored;
  for (size_t i = 0; i + static_cast<size_t>(keep) < paths.size(); ++i)
    fs::remove(paths[i], ignored);
}

Status RunFolder::OpenLogs(int64_t step) {
  const std::string path = path_ + "/metrics.jsonl";
  if (fs::exists(path)) {
    QT_ASSIGN(const std::vector<Json> lines, ReadLog(path));
    std::string kept;
    for (const Json& line : lines) {
      if (line.value("step", int64_t{0}) <= step) kept += json::Dump(line) + "\n";
    }
    QT_TRY(WriteWholeFile(path, kept, Overwrite::kYes));
  }
  QT_ASSIGN(metrics_, OpenForAppend(path));
  QT_ASSIGN(events_, tensors::ScalarEventWriter::Create(path_, WallTime_s()));
  return Ok();
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
