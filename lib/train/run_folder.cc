#include "train/run_folder.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <system_error>

namespace qt::train {
namespace {

namespace fs = std::filesystem;

double WallTime_s() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

Status MakeFolders(const std::string& path) {
  std::error_code error;
  fs::create_directories(path + "/checkpoints", error);
  if (error) return Failed("cannot make this folder: " + error.message()).At(path);
  return Ok();
}

// The files of a run, and nothing else that a user may have put there.
void RemoveRun(const std::string& path) {
  std::error_code ignored;
  fs::remove_all(path + "/checkpoints", ignored);
  for (const char* name : {"config.json", "policy.safetensors", "metrics.jsonl"}) {
    fs::remove(path + "/" + name, ignored);
  }
  for (const auto& entry : fs::directory_iterator(path, ignored)) {
    if (entry.path().filename().string().starts_with("events.out.tfevents.")) {
      fs::remove(entry.path(), ignored);
    }
  }
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
  if (fs::exists(path + "/config.json")) RemoveRun(path);
  QT_TRY(MakeFolders(path));
  std::unique_ptr<RunFolder> folder(new RunFolder(path));
  folder->config_ = config;
  QT_TRY(WriteWholeFile(path + "/config.json", config.dump(2) + "\n", Overwrite::kYes));
  return folder;
}

Result<std::unique_ptr<RunFolder>> RunFolder::Resume(const std::string& path) {
  const std::string config_path = path + "/config.json";
  QT_ASSIGN(const std::string text, ReadWholeFile(config_path));
  std::unique_ptr<RunFolder> folder(new RunFolder(path));
  folder->config_ = Json::parse(text, nullptr, false);
  if (!folder->config_.is_object()) return Corrupt("this is not a JSON object").At(config_path);
  QT_TRY(MakeFolders(path));
  return folder;
}

std::string RunFolder::PolicyPath() const { return path_ + "/policy.safetensors"; }

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
    QT_ASSIGN(const std::string text, ReadWholeFile(path));
    std::string kept;
    for (size_t from = 0, end; (end = text.find('\n', from)) != std::string::npos; from = end + 1) {
      const std::string line = text.substr(from, end - from);
      const Json json = Json::parse(line, nullptr, false);
      if (json.is_object() && json.value("step", int64_t{0}) <= step) kept += line + "\n";
    }
    if (kept != text) QT_TRY(WriteWholeFile(path, kept, Overwrite::kYes));
  }
  QT_ASSIGN(metrics_, OpenForAppend(path));
  QT_ASSIGN(events_, record::ScalarEventWriter::Create(path_, WallTime_s()));
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
  QT_TRY(metrics_->Write(AsBytes(line.dump() + "\n")));
  QT_TRY(metrics_->Flush());
  return events_->Write(step, WallTime_s(), scalars);
}

}  // namespace qt::train
