// SPDX-License-Identifier: Apache-2.0
#include "rlds/tf_example.h"

#include <bit>

#include "rlds/proto_reader.h"

namespace qt::rlds {
namespace {

constexpr size_t kMaxFeatures = 10'000;

bool IsBytes(const ProtoField& field, uint64_t number) {
  return field.number == number && field.type == ProtoType::kBytes;
}

// Calls `visit(bytes)` for each string of a BytesList.
template <typename Visit>
bool ForEachString(ByteSpan list, const Visit& visit) {
  ProtoReader reader(list);
  for (ProtoField field; reader.Next(&field);) {
    if (IsBytes(field, 1)) visit(field.bytes);
  }
  return reader.ok();
}

// Each number of a FloatList, packed or not.
template <typename Visit>
bool ForEachFloat(ByteSpan list, const Visit& visit) {
  ProtoReader reader(list);
  for (ProtoField field; reader.Next(&field);) {
    if (field.number != 1) continue;
    if (field.type != ProtoType::kBytes && field.type != ProtoType::kFixed32) return false;
    if (field.bytes.size() % sizeof(float) != 0) return false;
    for (size_t at = 0; at < field.bytes.size(); at += sizeof(float)) {
      float value;
      std::memcpy(&value, field.bytes.data() + at, sizeof value);
      visit(value);
    }
  }
  return reader.ok();
}

// Each number of an Int64List, packed or not.
template <typename Visit>
bool ForEachInt(ByteSpan list, const Visit& visit) {
  ProtoReader reader(list);
  for (ProtoField field; reader.Next(&field);) {
    if (field.number != 1) continue;
    if (field.type == ProtoType::kVarint) {
      visit(static_cast<int64_t>(field.varint));
      continue;
    }
    if (field.type != ProtoType::kBytes) return false;
    ProtoReader packed(field.bytes);
    while (!packed.empty() && packed.ok()) {
      const auto value = static_cast<int64_t>(packed.Varint());
      if (packed.ok()) visit(value);
    }
    if (!packed.ok()) return false;
  }
  return reader.ok();
}

}  // namespace

std::vector<ByteSpan> TfFeature::Strings() const {
  std::vector<ByteSpan> values;
  if (kind_ == Kind::kBytes) {
    values.reserve(size_);
    ForEachString(list_, [&](ByteSpan value) { values.push_back(value); });
  }
  return values;
}

std::vector<float> TfFeature::Floats() const {
  std::vector<float> values;
  if (kind_ == Kind::kFloat) {
    values.reserve(size_);
    ForEachFloat(list_, [&](float value) { values.push_back(value); });
  }
  return values;
}

std::vector<int64_t> TfFeature::Ints() const {
  std::vector<int64_t> values;
  if (kind_ == Kind::kInt) {
    values.reserve(size_);
    ForEachInt(list_, [&](int64_t value) { values.push_back(value); });
  }
  return values;
}

Status ParseTfFeature(ByteSpan message, TfFeature* feature) {
  ProtoReader reader(message);
  for (ProtoField field; reader.Next(&field);) {
    if (field.number < 1 || field.number > 3) continue;
    if (field.type != ProtoType::kBytes) return Corrupt("its value is no list");
    if (feature->kind_ != TfFeature::Kind::kNone) return Corrupt("it holds two lists");
    feature->kind_ = static_cast<TfFeature::Kind>(field.number);
    feature->list_ = field.bytes;
  }
  bool ok = reader.ok();
  const auto count = [feature](const auto&) { ++feature->size_; };
  if (feature->kind_ == TfFeature::Kind::kBytes) ok = ok && ForEachString(feature->list_, count);
  if (feature->kind_ == TfFeature::Kind::kFloat) ok = ok && ForEachFloat(feature->list_, count);
  if (feature->kind_ == TfFeature::Kind::kInt) ok = ok && ForEachInt(feature->list_, count);
  return ok ? Ok() : Corrupt("its list is malformed");
}

namespace {

// One entry of the map: 1 the name, 2 the feature.
Status ParseEntry(ByteSpan message, TfExample* example) {
  ProtoReader reader(message);
  std::string name;
  ByteSpan value;
  for (ProtoField field; reader.Next(&field);) {
    if (IsBytes(field, 1)) name.assign(field.bytes.begin(), field.bytes.end());
    if (IsBytes(field, 2)) value = field.bytes;
  }
  if (!reader.ok()) return Corrupt("a feature of the tf.Example is malformed");
  TfFeature feature;
  const Status parsed = ParseTfFeature(value, &feature);
  if (!parsed.ok()) return Corrupt("feature \"" + name + "\": " + parsed.message());
  (*example)[std::move(name)] = feature;
  if (example->size() <= kMaxFeatures) return Ok();
  return Corrupt("the tf.Example has more than " + std::to_string(kMaxFeatures) + " features");
}

}  // namespace

Result<TfExample> ParseTfExample(ByteSpan message) {
  TfExample example;
  ProtoReader reader(message);
  for (ProtoField field; reader.Next(&field);) {
    if (!IsBytes(field, 1)) continue;
    ProtoReader features(field.bytes);
    for (ProtoField entry; features.Next(&entry);) {
      if (IsBytes(entry, 1)) QT_TRY(ParseEntry(entry.bytes, &example));
    }
    if (!features.ok()) return Corrupt("the features of the tf.Example are malformed");
  }
  if (!reader.ok()) return Corrupt("is no tf.Example");
  return example;
}

}  // namespace qt::rlds
