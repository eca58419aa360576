// SPDX-License-Identifier: Apache-2.0
// Records of the published QT-Opt data, made for tests: laid out as kuka's, with every field set to
// something of its own.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/file.h"
#include "support/sample_episode.h"
#include "tensors/tfrecord.h"

namespace qt {

// The protocol buffers wire format, as far as a tf.Example needs it.
class ProtoWriter {
 public:
  ProtoWriter& Varint(uint64_t value) {
    for (; value >= 0x80; value >>= 7) bytes_.push_back(static_cast<uint8_t>(value | 0x80));
    bytes_.push_back(static_cast<uint8_t>(value));
    return *this;
  }
  ProtoWriter& Tag(uint64_t number, unsigned type) { return Varint(number << 3 | type); }
  ProtoWriter& Field(uint64_t number, ByteSpan value) {
    Tag(number, 2).Varint(value.size());
    return Raw(value);
  }
  ProtoWriter& Raw(ByteSpan value) {
    bytes_.insert(bytes_.end(), value.begin(), value.end());
    return *this;
  }
  const Bytes& bytes() const { return bytes_; }

 private:
  Bytes bytes_;
};

template <typename Number>
ByteSpan RawBytes(const std::vector<Number>& numbers) {
  return {reinterpret_cast<const uint8_t*>(numbers.data()), numbers.size() * sizeof(Number)};
}

// Features of a tf.Example, in the order in which they are added.
class ExampleBuilder {
 public:
  ExampleBuilder& Strings(const std::string& name, const std::vector<Bytes>& values) {
    ProtoWriter list;
    for (const Bytes& value : values) list.Field(1, value);
    return Feature(name, 1, list.bytes());
  }
  ExampleBuilder& Floats(const std::string& name, const std::vector<float>& values) {
    return Feature(name, 2, ProtoWriter().Field(1, RawBytes(values)).bytes());
  }
  ExampleBuilder& Ints(const std::string& name, const std::vector<int64_t>& values) {
    ProtoWriter packed;
    for (int64_t value : values) packed.Varint(static_cast<uint64_t>(value));
    return Feature(name, 3, ProtoWriter().Field(1, packed.bytes()).bytes());
  }
  // A list as it is, of kind 1 strings, 2 floats, 3 integers.
  ExampleBuilder& Feature(const std::string& name, uint64_t kind, const Bytes& list) {
    const Bytes feature = ProtoWriter().Field(kind, list).bytes();
    entries_.emplace_back(name, ProtoWriter().Field(1, AsBytes(name)).Field(2, feature).bytes());
    return *this;
  }
  ExampleBuilder& Without(const std::string& name) {
    std::erase_if(entries_, [&](const auto& entry) { return entry.first == name; });
    return *this;
  }
  Bytes Build() const {
    ProtoWriter features;
    for (const auto& [name, entry] : entries_) features.Field(1, entry);
    return ProtoWriter().Field(1, features.bytes()).bytes();
  }

 private:
  std::vector<std::pair<std::string, Bytes>> entries_;
};

// Numbers first, first + step, ... of which there are `count`.
inline std::vector<float> Ramp(size_t count, float first, float step) {
  std::vector<float> values;
  for (size_t i = 0; i < count; ++i) values.push_back(first + step * static_cast<float>(i));
  return values;
}

// Three steps: moves, closes, lifts and terminates. Observations are plain numbers.
inline ExampleBuilder KukaExample(bool success = true,
                                  const Bytes& jpeg = BytesFromHex(kSampleJpegHex)) {
  const std::string observation = "steps/observation/", action = "steps/action/";
  ExampleBuilder example;
  example.Strings(observation + "image", {jpeg, jpeg, jpeg});
  example.Strings(observation + "natural_language_instruction",
                  std::vector<Bytes>(3, Bytes{'p', 'i', 'c', 'k'}));
  example.Floats(observation + "natural_language_embedding", Ramp(3 * 4, 0, 1));
  example.Floats(observation + "gripper_closed", {0, 0, 1});
  example.Floats(observation + "height_to_bottom", {0.25f, 0.125f, 0.0625f});
  example.Floats(observation + "task_id", {7, 7, 7});
  example.Floats(
      observation + "clip_function_input/base_pose_tool_reached",
      {0.5f,   0.25f, 0.1f, 0, 0, 0,           1,  //
       0.625f, 0.25f, 0.1f, 0, 0, 0.70710678f, 0.70710678f, 0.75f, 0.5f, 0.1f, 0, 0, 1, 0});
  example.Floats(observation + "clip_function_input/workspace_bounds", Ramp(27, 1, 0));
  example.Floats(action + "world_vector", Ramp(9, 0.01f, 0.01f));
  example.Floats(action + "rotation_delta", {0, 0, 0.5f, 0, 0, -0.5f, 0, 0, 0});
  example.Floats(action + "gripper_closedness_action", {0, 1, 0});
  example.Floats(action + "base_displacement_vector", Ramp(6, 0, 0));
  example.Floats(action + "base_displacement_vertical_rotation", {0, 0, 0});
  example.Ints(action + "terminate_episode", {0, 1, 0, 0, 1, 0, 1, 0, 0});
  example.Ints("steps/is_first", {1, 0, 0});
  example.Ints("steps/is_last", {0, 0, 1});
  example.Ints("steps/is_terminal", {0, 0, 1});
  example.Floats("steps/reward", {0, 0, success ? 1.0f : 0.0f});
  example.Ints("success", {success ? 1 : 0});
  return example;
}

inline Bytes ShardOf(const std::vector<Bytes>& records) {
  Bytes shard;
  for (const Bytes& record : records) {
    const Bytes framed = tensors::FrameTfRecord(record);
    shard.insert(shard.end(), framed.begin(), framed.end());
  }
  return shard;
}

}  // namespace qt
