#include "serve/reload.h"

#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <utility>

#include "base/log.h"

namespace qt::serve {
namespace {

Result<ServedModel> LoadSafely(const Reloader::Load& load) {
  try {
    return load();
  } catch (const std::exception& error) {
    return Failed(error.what());
  }
}

std::string StepText(const protocol::ServerHello& hello) {
  return "step " + std::to_string(hello.model_step);
}

}  // namespace

std::optional<FileVersion> VersionOf(const std::string& path) {
  struct stat info;
  if (::stat(path.c_str(), &info) != 0) return std::nullopt;
  return FileVersion{info.st_dev, info.st_ino, info.st_size,
                     info.st_mtim.tv_sec * 1'000'000'000 + info.st_mtim.tv_nsec};
}

Reloader::Reloader(std::string path, std::optional<FileVersion> loaded, Load load, Service& service,
                   double interval_s)
    : path_(std::move(path)),
      seen_(loaded),
      load_(std::move(load)),
      service_(service),
      interval_s_(interval_s),
      thread_([this](const std::stop_token& stop) { Run(stop); }) {}

Reloader::~Reloader() = default;

void Reloader::Run(const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any stopped;
  std::unique_lock lock(mutex);
  while (!stop.stop_requested()) {
    LookOnce();
    stopped.wait_for(lock, stop, std::chrono::duration<double>(interval_s_), [] { return false; });
  }
}

void Reloader::LookOnce() {
  const std::optional<FileVersion> version = VersionOf(path_);
  if (!version || version == seen_) return;
  seen_ = version;
  const Status status = Reload();
  if (status.ok()) return;
  if (VersionOf(path_) != version) return;  // it was being written, or replaced again: once more
  LogWarning(Status(status).At(path_).ToString() + "; the old model goes on (" +
             StepText(service_.hello()) + ")");
}

Status Reloader::Reload() {
  const std::optional<FileVersion> before = seen_;
  QT_ASSIGN(const ServedModel model, LoadSafely(load_));
  if (VersionOf(path_) != before) return Ok();  // half of one, half of another: the next look
  if (model.hello.digest == service_.hello().digest) return Ok();
  QT_TRY(service_.Replace(model));
  LogInfo(path_ + ": loaded, " + StepText(model.hello));
  return Ok();
}

}  // namespace qt::serve
