// SPDX-License-Identifier: Apache-2.0
#include "base/status.h"

#include <cstring>

namespace qt {

int ExitStatus(Code code) {
  switch (code) {
    case Code::kOk:
    case Code::kClosedPipe:
      return 0;
    case Code::kFailed:
    case Code::kNotFound:
    case Code::kCorrupt:
      return 1;
    case Code::kUsage:
      return 2;
    case Code::kPartial:
      return 3;
    case Code::kBusy:
      return 75;
    case Code::kInterrupted:
      return 130;
  }
  return 1;
}

Status&& Status::At(std::string_view path) && {
  if (path_.empty()) path_ = path;
  return std::move(*this);
}

Status&& Status::At(std::string_view path, uint64_t offset_bytes) && {
  if (path_.empty()) path_ = path;
  if (!offset_bytes_) offset_bytes_ = offset_bytes;
  return std::move(*this);
}

Status&& Status::In(std::string_view what) && {
  if (ok()) return std::move(*this);
  context_ = context_.empty() ? std::string(what) : std::string(what) + ": " + context_;
  return std::move(*this);
}

std::string Status::ToString() const {
  std::string text = context_.empty() ? "" : context_ + ": ";
  text += path_.empty() ? message_ : path_ + ": " + message_;
  if (offset_bytes_) text += " (at byte " + std::to_string(*offset_bytes_) + ")";
  return text;
}

Status FromErrno(int errno_value, std::string_view what) {
  return Failed(std::string(what) + ": " + std::strerror(errno_value));
}

}  // namespace qt
