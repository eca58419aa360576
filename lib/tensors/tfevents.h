// SPDX-License-Identifier: Apache-2.0
// Scalars for TensorBoard: an event file (TFRecords of the protobuf message Event).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/file.h"
#include "base/status.h"

namespace qt::tensors {

using Scalars = std::vector<std::pair<std::string, float>>;  // name and value

class ScalarEventWriter {
 public:
  // Makes DIR/events.out.tfevents.<seconds>.<host> and writes its version record. A run that is
  // resumed starts a further file, which TensorBoard joins to the others: with `resumed_step` it
  // says so, and readers drop what they have of this step and later ones.
  static Result<std::unique_ptr<ScalarEventWriter>> Create(
      const std::string& dir, double wall_time_s, std::optional<int64_t> resumed_step = {});
  // Writes to any sink, such as a test's.
  ScalarEventWriter(std::unique_ptr<ByteSink> sink, double wall_time_s,
                    std::optional<int64_t> resumed_step = {});

  // One event with all scalars of this step, flushed.
  Status Write(int64_t step, double wall_time_s,
               std::span<const std::pair<std::string, float>> scalars);
  const std::string& path() const { return sink_->name(); }

 private:
  std::unique_ptr<ByteSink> sink_;
  Bytes pending_;  // what begins the file, until the first Write
};

}  // namespace qt::tensors
