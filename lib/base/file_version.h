// SPDX-License-Identifier: Apache-2.0
// Which file stands behind a name and whether it has changed, as far as the file system tells:
// noticed without reading a byte of it.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>

namespace qt {

struct FileVersion {
  dev_t device = 0;
  ino_t inode = 0;
  off_t size_bytes = 0;
  int64_t modified_ns = 0;  // of the contents
  int64_t changed_ns = 0;   // of the contents, the name or the permissions
  bool is_regular = false;

  bool SameFile(const FileVersion& other) const {
    return device == other.device && inode == other.inode;
  }
  bool SameContents(const FileVersion& other) const {
    return SameFile(other) && size_bytes == other.size_bytes && modified_ns == other.modified_ns;
  }
  bool operator==(const FileVersion&) const = default;
};

enum class Links { kFollow, kStay };

// Nothing if there is no such file.
std::optional<FileVersion> FileVersionOf(const std::string& path, Links links = Links::kFollow);
// Nothing if there is no such file or it is not a regular one.
std::optional<FileVersion> RegularFileVersionOf(const std::string& path,
                                                Links links = Links::kFollow);

}  // namespace qt
