// SPDX-License-Identifier: Apache-2.0
#include "base/file_version.h"

#include <sys/stat.h>

namespace qt {
namespace {

int64_t Nanoseconds(const timespec& time) {
  return int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

}  // namespace

std::optional<FileVersion> FileVersionOf(const std::string& path, Links links) {
  struct stat info = {};
  const int failed =
      links == Links::kFollow ? ::stat(path.c_str(), &info) : ::lstat(path.c_str(), &info);
  if (failed != 0) return std::nullopt;
  return FileVersion{.device = info.st_dev,
                     .inode = info.st_ino,
                     .size_bytes = info.st_size,
                     .modified_ns = Nanoseconds(info.st_mtim),
                     .changed_ns = Nanoseconds(info.st_ctim),
                     .is_regular = S_ISREG(info.st_mode)};
}

std::optional<FileVersion> RegularFileVersionOf(const std::string& path, Links links) {
  const std::optional<FileVersion> version = FileVersionOf(path, links);
  return version && version->is_regular ? version : std::nullopt;
}

}  // namespace qt
