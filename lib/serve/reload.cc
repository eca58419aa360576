// SPDX-License-Identifier: Apache-2.0
#include "serve/reload.h"

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <utility>

#include "base/log.h"

namespace qt::serve {
namespace {

std::string StepText(const protocol::ServerHello& hello) {
  return "step " + std::to_string(hello.model_step);
}

}  // namespace

Reloader::Reloader(std::string path, std::optional<FileVersion> loaded, Load load, Service& service,
                   ReloadTimes times)
    : path_(std::move(path)),
      load_(std::move(load)),
      service_(service),
      times_(times),
      seen_(loaded),
      thread_([this](const std::stop_token& stop) { Run(stop); }) {}

Reloader::~Reloader() = default;

void Reloader::Run(const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any stopped;
  std::unique_lock lock(mutex);
  while (!stop.stop_requested()) {
    LookOnce();
    stopped.wait_for(lock, stop, times_.look, [] { return false; });
  }
}

void Reloader::LookOnce() {
  const std::optional<FileVersion> version = FileVersionOf(path_);
  if (!version) return;
  if (version != seen_) {
    seen_ = version;
    trouble_ = {};
  } else if (!trouble_.again || Clock::now() < *trouble_.again) {
    return;
  }
  bool passing = false;
  const Status status = TakeUp(*version, &passing);
  if (!status.ok()) return Note(status, passing);
  trouble_ = {};
}

// *passing: the same file may do at another time.
Status Reloader::TakeUp(const FileVersion& version, bool* passing) {
  if (!version.is_regular) return Failed("is not a regular file");
  try {
    const Result<ServedModel> model = load_();
    // It was being written, or replaced again: perhaps half of one and half of another.
    if (FileVersionOf(path_) != version) return Ok();
    if (!model.ok()) {
      const Code code = model.status().code();
      *passing = code == Code::kFailed || code == Code::kNotFound;
      return model.status();
    }
    if (model->hello.digest == service_.hello().digest) return Ok();
    QT_TRY(service_.Replace(*model));
    service_.metrics().CountReload(true);
    LogInfo(path_ + ": loaded, " + StepText(model->hello));
    return Ok();
  } catch (const std::exception& error) {  // of a library, or out of memory
    *passing = true;
    return Failed(error.what());
  }
}

void Reloader::Note(const Status& status, bool passing) {
  const std::string why = Status(status).At(path_).ToString();
  const bool is_new_version = trouble_.why.empty();
  if (why != trouble_.why) {
    LogWarning(why + "; the old model goes on (" + StepText(service_.hello()) + ")" +
               (passing ? " until this can be read" : ""));
  }
  if (is_new_version) service_.metrics().CountReload(false);
  trouble_.why = why;
  trouble_.again.reset();
  if (!passing) return;
  trouble_.pause = std::clamp(2 * trouble_.pause, times_.first_retry, times_.last_retry);
  trouble_.again = Clock::now() + trouble_.pause;
}

}  // namespace qt::serve
