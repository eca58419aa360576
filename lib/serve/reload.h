// Hot reload: looks at the checkpoint's file and, when another one stands behind its name, has the
// service replace its model.
#pragma once

#include <sys/stat.h>

#include <functional>
#include <optional>
#include <string>
#include <thread>

#include "serve/service.h"

namespace qt::serve {

// Identity of a file's contents, as far as the file system tells without reading them.
struct FileVersion {
  dev_t device = 0;
  ino_t inode = 0;
  off_t size = 0;
  int64_t changed_ns = 0;
  bool operator==(const FileVersion&) const = default;
};
std::optional<FileVersion> VersionOf(const std::string& path);

class Reloader {
 public:
  using Load = std::function<Result<ServedModel>()>;

  // `loaded`: the version that the service has. What cannot be loaded, or may not replace the
  // model, is told on standard error in one line, and the old model goes on. `service` must
  // outlive the object.
  Reloader(std::string path, std::optional<FileVersion> loaded, Load load, Service& service,
           double interval_s = 0.2);
  ~Reloader();
  Reloader(const Reloader&) = delete;
  Reloader& operator=(const Reloader&) = delete;

 private:
  void Run(const std::stop_token& stop);
  void LookOnce();
  Status Reload();

  const std::string path_;
  std::optional<FileVersion> seen_;
  const Load load_;
  Service& service_;
  const double interval_s_;
  std::jthread thread_;
};

}  // namespace qt::serve
