// SPDX-License-Identifier: Apache-2.0
#include "rlds/rlds_columns.h"

#include <cstring>

#include "base/inflate.h"

namespace qt::rlds {
namespace {

size_t BytesOf(const std::string& dtype) {
  if (dtype.empty() || dtype == "float32" || dtype == "int32" || dtype == "uint32") return 4;
  if (dtype == "float64" || dtype == "int64" || dtype == "uint64") return 8;
  if (dtype == "bool" || dtype == "uint8" || dtype == "int8") return 1;
  return 0;
}

template <typename Number>
float LoadAs(const uint8_t* bytes) {
  Number number;
  std::memcpy(&number, bytes, sizeof number);
  return static_cast<float>(number);
}

float LoadNumber(const std::string& dtype, const uint8_t* bytes) {
  if (dtype == "int32") return LoadAs<int32_t>(bytes);
  if (dtype == "uint32") return LoadAs<uint32_t>(bytes);
  if (dtype == "float64") return LoadAs<double>(bytes);
  if (dtype == "int64") return LoadAs<int64_t>(bytes);
  if (dtype == "uint64") return LoadAs<uint64_t>(bytes);
  if (dtype == "int8") return LoadAs<int8_t>(bytes);
  if (dtype == "bool" || dtype == "uint8") return bytes[0];
  return LoadAs<float>(bytes);
}

Status BadField(const std::string& name, const std::string& what) {
  return Corrupt("field \"" + name + "\": " + what);
}

Status CheckCount(const std::string& name, size_t have, size_t want) {
  if (have == want) return Ok();
  return BadField(name,
                  "holds " + std::to_string(have) + " values instead of " + std::to_string(want));
}

// Whether the strings of the field are deflated. What a description calls plain numbers and is yet
// a string has been deflated by hand, or not.
bool IsDeflated(const RldsField& field, ByteSpan value, size_t raw_bytes) {
  if (field.encoding == RldsEncoding::kZlib) return true;
  if (field.encoding == RldsEncoding::kBytes) return false;
  return value.size() != raw_bytes && LooksLikeZlib(value);
}

Status DecodeRow(const RldsField& field, ByteSpan value, Bytes* raw) {
  if (IsDeflated(field, value, raw->size())) return InflateZlib(value, *raw);
  if (value.size() != raw->size()) {
    return Corrupt("a string has " + std::to_string(value.size()) + " bytes instead of " +
                   std::to_string(raw->size()));
  }
  std::memcpy(raw->data(), value.data(), raw->size());
  return Ok();
}

Result<std::vector<float>> DecodeStrings(const RldsField& field,
                                         const std::vector<ByteSpan>& strings, size_t width) {
  const size_t item_bytes = BytesOf(field.dtype);
  if (item_bytes == 0) return Corrupt("numbers of type " + field.dtype + " are not supported");
  std::vector<float> values;
  values.reserve(strings.size() * width);
  Bytes raw(width * item_bytes);
  for (ByteSpan value : strings) {
    QT_TRY(DecodeRow(field, value, &raw));
    for (size_t i = 0; i < width; ++i) {
      values.push_back(LoadNumber(field.dtype, raw.data() + i * item_bytes));
    }
  }
  return values;
}

}  // namespace

bool RldsColumns::Has(std::string_view name) const { return example_.find(name) != example_.end(); }

Result<std::vector<float>> RldsColumns::Decode(const std::string& name, size_t num_rows,
                                               size_t width) {
  const auto found = example_.find(name);
  if (found == example_.end()) return std::vector<float>();
  Use(name);
  const TfFeature& feature = found->second;
  const auto described = features_.find(name);
  const RldsField field = described == features_.end() ? RldsField() : described->second;
  const bool strings = feature.kind() == TfFeature::Kind::kBytes;
  QT_TRY(CheckCount(name, feature.size(), strings ? num_rows : num_rows * width));
  if (strings) {
    Result<std::vector<float>> values = DecodeStrings(field, feature.Strings(), width);
    return values.ok() ? std::move(values) : BadField(name, values.status().message());
  }
  if (feature.kind() == TfFeature::Kind::kFloat) return feature.Floats();
  const std::vector<int64_t> ints = feature.Ints();
  return std::vector<float>(ints.begin(), ints.end());
}

Result<std::vector<float>> RldsColumns::Numbers(const std::string& name, size_t width) {
  return Decode(name, num_steps_, width);
}

Result<std::vector<float>> RldsColumns::NeededNumbers(const std::string& name, size_t width) {
  if (!Has(name)) return BadField(name, "is missing; the data are not laid out as kuka's");
  return Decode(name, num_steps_, width);
}

Result<std::vector<float>> RldsColumns::Scalar(const std::string& name) {
  return Decode(name, 1, 1);
}

Result<std::vector<ByteSpan>> RldsColumns::Strings(const std::string& name) {
  const auto found = example_.find(name);
  if (found == example_.end()) return std::vector<ByteSpan>();
  Use(name);
  if (found->second.kind() != TfFeature::Kind::kBytes) return BadField(name, "holds no strings");
  QT_TRY(CheckCount(name, found->second.size(), num_steps_));
  return found->second.Strings();
}

std::vector<std::string> RldsColumns::Unused() const {
  std::vector<std::string> names;
  for (const auto& [name, feature] : example_) {
    if (feature.kind() != TfFeature::Kind::kNone && used_.find(name) == used_.end()) {
      names.push_back(name);
    }
  }
  return names;
}

}  // namespace qt::rlds
