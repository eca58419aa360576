// Scalars for TensorBoard: an event file (TFRecords of the protobuf message Event).
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include "base/file.h"
#include "base/status.h"

namespace qt::tensors {

class ScalarEventWriter {
 public:
  // Makes DIR/events.out.tfevents.<seconds>.<host> and writes its version record. A run that is
  // resumed starts a further file; TensorBoard joins them.
  static Result<std::unique_ptr<ScalarEventWriter>> Create(const std::string& dir,
                                                           double wall_time_s);
  // Writes to any sink, such as a test's.
  ScalarEventWriter(std::unique_ptr<ByteSink> sink, double wall_time_s);

  // One event with all scalars of this step, flushed.
  Status Write(int64_t step, double wall_time_s,
               std::span<const std::pair<std::string, float>> scalars);
  const std::string& path() const { return sink_->name(); }

 private:
  std::unique_ptr<ByteSink> sink_;
  Bytes pending_;  // the version record, until the first Write
};

}  // namespace qt::tensors
