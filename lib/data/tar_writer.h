// SPDX-License-Identifier: Apache-2.0
// A tar archive (POSIX ustar), written front to back: no seeking, nothing kept. The same
// entries give the same bytes.
#pragma once

#include <cstdint>
#include <string>

#include "base/file.h"
#include "base/status.h"

namespace qt::data {

class TarWriter {
 public:
  explicit TarWriter(ByteSink* sink) : sink_(sink) {}

  // A regular file of mode 644, owned by root. REQUIRES: a name of 1 to 100 bytes, less than 8 GiB.
  Status Add(const std::string& name, ByteSpan contents, int64_t changed_s);
  // The two empty blocks that end an archive.
  Status Finish();

 private:
  ByteSink* sink_;
};

}  // namespace qt::data
