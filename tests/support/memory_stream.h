// SPDX-License-Identifier: Apache-2.0
// A stream in memory, for tests of whatever reads a ByteSource or writes a ByteSink.
#pragma once

#include <algorithm>
#include <string>
#include <utility>

#include "base/file.h"

namespace qt {

// Gives its bytes in pieces of at most `piece_bytes`, as a pipe may.
class MemorySource : public ByteSource {
 public:
  explicit MemorySource(Bytes bytes, size_t piece_bytes = SIZE_MAX)
      : bytes_(std::move(bytes)), piece_bytes_(piece_bytes) {}

  Result<size_t> Read(std::span<uint8_t> bytes) override {
    const size_t n = std::min({bytes.size(), bytes_.size() - offset_, piece_bytes_});
    std::copy_n(bytes_.begin() + static_cast<ptrdiff_t>(offset_), n, bytes.begin());
    offset_ += n;
    return n;
  }
  const std::string& name() const override { return name_; }

 private:
  Bytes bytes_;
  size_t piece_bytes_;
  size_t offset_ = 0;
  std::string name_ = "memory";
};

// Keeps what is written; takes no more than `capacity_bytes`, then it is a closed pipe.
class MemorySink : public ByteSink {
 public:
  explicit MemorySink(size_t capacity_bytes = SIZE_MAX) : capacity_bytes_(capacity_bytes) {}

  Status Write(ByteSpan bytes) override {
    if (contents_.size() + bytes.size() > capacity_bytes_) {
      return Status(Code::kClosedPipe, "the reader went away");
    }
    contents_.insert(contents_.end(), bytes.begin(), bytes.end());
    return Ok();
  }
  Status Flush() override { return Ok(); }
  Status Commit() override { return Ok(); }
  const std::string& name() const override { return name_; }
  const Bytes& contents() const { return contents_; }

 private:
  size_t capacity_bytes_;
  Bytes contents_;
  std::string name_ = "memory";
};

// Appends what is written to *bytes, which outlives the sink.
class BytesSink : public ByteSink {
 public:
  explicit BytesSink(Bytes* bytes) : bytes_(bytes) {}
  Status Write(ByteSpan bytes) override {
    bytes_->insert(bytes_->end(), bytes.begin(), bytes.end());
    return Ok();
  }
  Status Flush() override { return Ok(); }
  Status Commit() override { return Ok(); }
  const std::string& name() const override { return name_; }

 private:
  Bytes* bytes_;
  std::string name_ = "memory";
};

}  // namespace qt
