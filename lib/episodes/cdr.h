// SPDX-License-Identifier: Apache-2.0
// CDR, the encoding of ROS 2 message bodies: little-endian XCDR1 with natural alignment counted
// from after the four header bytes. Every length is checked before anything is allocated.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/file.h"

namespace qt::episodes {

static_assert(std::endian::native == std::endian::little, "numbers are copied as they are");

// Appends one message body to `out`.
class CdrWriter {
 public:
  explicit CdrWriter(Bytes* out) : out_(out) {
    out_->insert(out_->end(), {0, 1, 0, 0});
    start_ = out_->size();
  }

  template <typename Number>
  requires std::is_arithmetic_v<Number>
  void Put(Number value) {
    Align(sizeof(Number));
    const auto* bytes = reinterpret_cast<const uint8_t*>(&value);
    out_->insert(out_->end(), bytes, bytes + sizeof(Number));
  }
  void Put(std::string_view text) {
    Put(static_cast<uint32_t>(text.size() + 1));
    out_->insert(out_->end(), text.begin(), text.end());
    out_->push_back(0);
  }
  // Time: int32 seconds (rounded down), uint32 nanoseconds.
  void PutTime(int64_t stamp_ns) {
    const int64_t second = 1'000'000'000;
    const int64_t sec = stamp_ns / second - (stamp_ns % second < 0 ? 1 : 0);
    Put(static_cast<int32_t>(sec));
    Put(static_cast<uint32_t>(stamp_ns - sec * second));
  }
  void PutCount(size_t count) { Put(static_cast<uint32_t>(count)); }
  void PutBytes(ByteSpan bytes) {  // uint8[]
    PutCount(bytes.size());
    out_->insert(out_->end(), bytes.begin(), bytes.end());
  }
  template <typename Number>
  void PutAll(std::span<const Number> values) {  // Number[N]
    for (Number value : values) Put(value);
  }

 private:
  void Align(size_t size) {
    while ((out_->size() - start_) % size != 0) out_->push_back(0);
  }
  Bytes* out_;
  size_t start_;
};

// Reads one message body. After the first error every further read gives a zero value and error()
// says what was wrong, so that a message is read first and checked once.
class CdrReader {
 public:
  explicit CdrReader(ByteSpan body) {
    if (body.size() < 4) {
      Fail("it is shorter than a CDR header");
    } else if (body[0] != 0 || body[1] != 1) {
      Fail("it is no little-endian CDR");
    } else {
      data_ = body.subspan(4);
    }
  }

  template <typename Number>
  requires std::is_arithmetic_v<Number> Number Get() {
    Align(sizeof(Number));
    const ByteSpan bytes = Take(sizeof(Number));
    Number value{};
    if (!bytes.empty()) std::memcpy(&value, bytes.data(), sizeof(Number));
    return value;
  }
  // The message ends before such a number.
  template <typename Number>
  bool Ends() const {
    const size_t aligned = (position_ + sizeof(Number) - 1) / sizeof(Number) * sizeof(Number);
    return error_.empty() && aligned + sizeof(Number) > data_.size();
  }
  // A field that was appended to the message later: absent in older files.
  template <typename Number>
  Number GetOr(Number fallback) {
    return Ends<Number>() ? fallback : Get<Number>();
  }
  bool GetBool() { return Get<uint8_t>() != 0; }
  std::string GetString() { return std::string(GetText()); }
  // The same without a copy: valid as long as the body.
  std::string_view GetText() {
    const ByteSpan bytes = Take(Get<uint32_t>());
    if (!error_.empty()) return {};
    if (bytes.empty() || bytes.back() != 0) {
      Fail("a string has no end");
      return {};
    }
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size() - 1};
  }
  int64_t GetTime() {
    const int64_t sec = Get<int32_t>();
    const int64_t nanosec = Get<uint32_t>();
    if (nanosec >= 1'000'000'000) Fail("a time has too many nanoseconds");
    return sec * 1'000'000'000 + nanosec;
  }
  // The count of a sequence whose items have at least `item_bytes` bytes; checked against what is
  // left before anyone allocates.
  size_t GetCount(size_t item_bytes) {
    const size_t count = Get<uint32_t>();
    if (count <= (data_.size() - position_) / item_bytes) return count;
    Fail("an array is longer than the message");
    return 0;
  }
  ByteSpan GetBytes() { return Take(GetCount(1)); }
  template <typename Number, size_t kSize>
  void GetAll(std::array<Number, kSize>* values) {
    for (Number& value : *values) value = Get<Number>();
  }

  // Empty if everything was well.
  std::string_view error() const { return error_; }

 private:
  void Fail(const char* message) {
    if (error_.empty()) error_ = message;
  }
  void Align(size_t size) {
    position_ = std::min(data_.size(), (position_ + size - 1) / size * size);
  }
  ByteSpan Take(size_t size) {
    if (size > data_.size() - position_) Fail("it ends too early");
    if (!error_.empty()) return {};
    const ByteSpan bytes = data_.subspan(position_, size);
    position_ += size;
    return bytes;
  }

  ByteSpan data_;
  size_t position_ = 0;
  std::string_view error_;  // a literal
};

}  // namespace qt::episodes
