// SPDX-License-Identifier: Apache-2.0
// tf.train.Example, the message in which TensorFlow data sets store their records: a map from a
// name to a list of strings, floats or integers.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "base/status.h"

namespace qt::rlds {

// One list, still as it stands in the record: a value is taken out only when it is asked for, so a
// record never needs more memory than what is used of it. Checked while parsing.
class TfFeature {
 public:
  enum class Kind : uint8_t { kNone, kBytes, kFloat, kInt };

  Kind kind() const { return kind_; }
  size_t size() const { return size_; }  // number of values
  // The values; empty if the list is of another kind. The strings point into the record.
  std::vector<ByteSpan> Strings() const;
  std::vector<float> Floats() const;
  std::vector<int64_t> Ints() const;

 private:
  friend Status ParseTfFeature(ByteSpan message, TfFeature* feature);
  Kind kind_ = Kind::kNone;
  size_t size_ = 0;
  ByteSpan list_;  // the BytesList, FloatList or Int64List
};

using TfExample = std::map<std::string, TfFeature, std::less<>>;

// Points into `message`, which must live as long. Packed and unpacked numbers are both understood;
// a name that stands twice counts as its last one; unknown fields are ignored.
Result<TfExample> ParseTfExample(ByteSpan message);

}  // namespace qt::rlds
