// SPDX-License-Identifier: Apache-2.0
// What the fuzz targets share: the input as a file. Used by tests/fuzz/*_fuzz.cc.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <string>

#include "base/check.h"
#include "base/file.h"

namespace qt::fuzz {

// The input as a regular file in memory, for readers that want a path.
class InputFile {
 public:
  explicit InputFile(ByteSpan bytes) : fd_(::memfd_create("fuzz", MFD_CLOEXEC)) {
    QT_ASSERT(fd_ >= 0);
    QT_ASSERT(::write(fd_, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
  }
  ~InputFile() { ::close(fd_); }
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;

  std::string path() const { return "/proc/self/fd/" + std::to_string(fd_); }

 private:
  int fd_;
};

}  // namespace qt::fuzz
