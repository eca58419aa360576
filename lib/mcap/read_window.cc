#include "mcap/read_window.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"

namespace qt::mcap {
namespace {

constexpr size_t kReadBytes = 256 << 10;

}  // namespace

// Room for kReadBytes more: what was dropped makes way first, and then the buffer grows.
void ReadWindow::MakeRoom() {
  if (capacity_ - end_ >= kReadBytes) return;
  const size_t size = end_ - begin_;
  const bool grow = size + kReadBytes > capacity_ / 2;
  const size_t capacity = grow ? std::max(2 * capacity_, 4 * kReadBytes) : capacity_;
  std::unique_ptr<uint8_t[]> larger;
  if (grow) larger = std::make_unique_for_overwrite<uint8_t[]>(capacity);
  uint8_t* to = grow ? larger.get() : data_.get();
  if (size > 0) std::memmove(to, data_.get() + begin_, size);
  if (grow) data_ = std::move(larger);
  capacity_ = capacity;
  begin_ = 0;
  end_ = size;
}

Result<size_t> ReadWindow::Fill(size_t size) {
  while (end_ - begin_ < size && !at_end_) {
    MakeRoom();
    QT_ASSIGN(const size_t n, source_->Read({data_.get() + end_, capacity_ - end_}));
    end_ += n;
    at_end_ = n == 0;
  }
  return end_ - begin_;
}

void ReadWindow::Drop(size_t size) {
  QT_CHECK(size <= end_ - begin_, "size", size, "held", end_ - begin_);
  begin_ += size;
  offset_ += size;
}

}  // namespace qt::mcap
