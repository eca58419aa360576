// SPDX-License-Identifier: Apache-2.0
// The columns of one record: the values of all its steps, field by field, whatever their encoding.
// A column of another length than the steps want is an error that names it.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "base/status.h"
#include "rlds/rlds_features.h"
#include "rlds/tf_example.h"

namespace qt::rlds {

class RldsColumns {
 public:
  // Both must outlive the columns. `num_steps` is the length that every column of steps must have.
  RldsColumns(const TfExample& example, const RldsFeatures& features, size_t num_steps)
      : example_(example), features_(features), num_steps_(num_steps) {}

  bool Has(std::string_view name) const;
  // `width` numbers a step, of whatever type they are. Empty if there is no such field.
  Result<std::vector<float>> Numbers(const std::string& name, size_t width);
  // Fails if there is no such field.
  Result<std::vector<float>> NeededNumbers(const std::string& name, size_t width);
  // One string a step. Empty if there is no such field.
  Result<std::vector<ByteSpan>> Strings(const std::string& name);
  // A field outside of the steps, as it stands in the record: one number.
  Result<std::vector<float>> Scalar(const std::string& name);

  // Says that nothing of the field is lost. Reading it does, too.
  void Use(std::string_view name) { used_.insert(std::string(name)); }
  // The fields of the record that were neither read nor named.
  std::vector<std::string> Unused() const;

 private:
  Result<std::vector<float>> Decode(const std::string& name, size_t num_rows, size_t width);

  const TfExample& example_;
  const RldsFeatures& features_;
  size_t num_steps_;
  std::set<std::string, std::less<>> used_;
};

}  // namespace qt::rlds
