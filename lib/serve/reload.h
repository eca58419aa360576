// SPDX-License-Identifier: Apache-2.0
// Hot reload: looks at the policy's file and, when another one stands behind its name, has the
// service replace its model.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <thread>

#include "base/file_version.h"
#include "serve/service.h"

namespace qt::serve {

// How often to look, and to try again what could not be read.
struct ReloadTimes {
  std::chrono::milliseconds look{200};
  std::chrono::milliseconds first_retry{500};    // twice as long after each further failure,
  std::chrono::milliseconds last_retry{60'000};  // up to this
};

class Reloader {
 public:
  using Load = std::function<Result<ServedModel>()>;

  // `loaded`: the version that the service has. What is no policy, or may not replace the model, is
  // refused; what could not be read (permission, too many open files, a failing disk) is tried
  // again, less and less often, until it can be or another file is there. Either is counted as a
  // refused reload and told on standard error in one line, and the old model goes on. `service`
  // must outlive the object.
  Reloader(std::string path, std::optional<FileVersion> loaded, Load load, Service& service,
           ReloadTimes times = {});
  ~Reloader();
  Reloader(const Reloader&) = delete;
  Reloader& operator=(const Reloader&) = delete;

 private:
  using Clock = std::chrono::steady_clock;
  // What went wrong with the version that was seen last.
  struct Trouble {
    std::string why;  // empty: nothing
    std::chrono::milliseconds pause{0};
    std::optional<Clock::time_point> again;  // when to try again; never, if it is no policy
  };
  void Run(const std::stop_token& stop);
  void LookOnce();
  Status TakeUp(const FileVersion& version, bool* passing);
  void Note(const Status& status, bool passing);

  const std::string path_;
  const Load load_;
  Service& service_;
  const ReloadTimes times_;
  std::optional<FileVersion> seen_;
  Trouble trouble_;
  std::jthread thread_;
};

}  // namespace qt::serve
