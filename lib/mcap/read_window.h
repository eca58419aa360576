// A window onto a stream: look ahead as far as needed, keep what may be looked at again, drop the
// rest. Memory is bounded by what is looked at.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>

#include "base/file.h"
#include "base/status.h"

namespace qt::mcap {

class ReadWindow {
 public:
  // `offset`: where in the input the source starts.
  explicit ReadWindow(std::unique_ptr<ByteSource> source, uint64_t offset = 0)
      : source_(std::move(source)), offset_(offset) {}

  // Reads until the window holds `size` bytes or the input ends; how many it holds then. Memory is
  // taken as the bytes arrive.
  Result<size_t> Fill(size_t size);
  // All bytes that the window holds; valid until the next Fill.
  ByteSpan bytes() const { return {data_.get() + begin_, end_ - begin_}; }
  // REQUIRES: the window holds `size` bytes.
  void Drop(size_t size);

  uint64_t offset() const { return offset_; }  // of the first byte of the window in the input
  bool at_end() const { return at_end_; }      // nothing comes after the window
  const std::string& name() const { return source_->name(); }

 private:
  void MakeRoom();

  std::unique_ptr<ByteSource> source_;
  std::unique_ptr<uint8_t[]> data_;
  size_t capacity_ = 0, begin_ = 0, end_ = 0;
  uint64_t offset_ = 0;
  bool at_end_ = false;
};

}  // namespace qt::mcap
