// SPDX-License-Identifier: Apache-2.0
// What benchmarks share: the end of one that cannot measure, and a sink that
// keeps nothing.
#pragma once

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>

#include "base/file.h"
#include "base/status.h"

namespace qt::bench {

[[noreturn]] inline void Die(const Status& status) {
  std::fprintf(stderr, "%s: %s\n", program_invocation_short_name, status.ToString().c_str());
  std::exit(1);
}
inline void Must(const Status& status) {
  if (!status.ok()) Die(status);
}
template <typename T>
T Must(Result<T> result) {
  if (!result.ok()) Die(result.status());
  return std::move(result).value();
}

class NullSink : public ByteSink {
 public:
  Status Write(ByteSpan) override { return Ok(); }
  Status Flush() override { return Ok(); }
  Status Commit() override { return Ok(); }
  const std::string& name() const override { return name_; }

 private:
  std::string name_ = "null";
};

}  // namespace qt::bench
