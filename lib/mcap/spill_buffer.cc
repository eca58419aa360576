// SPDX-License-Identifier: Apache-2.0
#include "mcap/spill_buffer.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <string>

#include "base/log.h"

namespace qt::mcap {
namespace {

constexpr size_t kPieceBytes = 64 << 10;

std::string TemporaryFolder() {
  const char* folder = std::getenv("TMPDIR");
  return folder != nullptr && *folder != '\0' ? folder : "/tmp";
}

// A file that is gone with its descriptor; -1 and errno if there can be none.
int OpenNameless() {
  std::string path = TemporaryFolder() + "/qt-index-XXXXXX";
  const int fd = ::mkostemp(path.data(), O_CLOEXEC);
  if (fd >= 0) ::unlink(path.c_str());
  return fd;
}

// 0 or the error.
int WriteAllAt(int fd, uint64_t offset, ByteSpan bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (n < 0 && errno != EINTR) return errno;
    if (n <= 0) continue;
    offset += static_cast<uint64_t>(n);
    bytes = bytes.subspan(static_cast<size_t>(n));
  }
  return 0;
}

}  // namespace

SpillBuffer::~SpillBuffer() {
  if (fd_ >= 0) ::close(fd_);
}

void SpillBuffer::Append(ByteSpan bytes) {
  memory_.insert(memory_.end(), bytes.begin(), bytes.end());
  if (memory_.size() > memory_bytes_ && may_spill_) Spill();
}

// What a failed attempt has written lies behind the end of what counts.
void SpillBuffer::Spill() {
  if (fd_ < 0) fd_ = OpenNameless();
  const int error = fd_ < 0 ? errno : WriteAllAt(fd_, spilled_bytes_, memory_);
  if (error != 0) {
    may_spill_ = false;
    const Status status =
        FromErrno(error, "cannot keep the index of the output here").At(TemporaryFolder());
    return LogWarning(status.ToString() + "; it stays in memory, and nothing is lost");
  }
  spilled_bytes_ += memory_.size();
  memory_.clear();
}

Status SpillBuffer::Read(const std::function<Status(ByteSpan)>& take) const {
  Bytes piece(size_t(std::min<uint64_t>(spilled_bytes_, kPieceBytes)));
  for (uint64_t at = 0; at < spilled_bytes_;) {
    const size_t wanted = size_t(std::min<uint64_t>(spilled_bytes_ - at, piece.size()));
    const ssize_t n = ::pread(fd_, piece.data(), wanted, static_cast<off_t>(at));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0)
      return FromErrno(n < 0 ? errno : EIO, "cannot read the index back").At(TemporaryFolder());
    QT_TRY(take(ByteSpan(piece).first(static_cast<size_t>(n))));
    at += static_cast<uint64_t>(n);
  }
  return take(memory_);
}

}  // namespace qt::mcap
