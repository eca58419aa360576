// SPDX-License-Identifier: Apache-2.0
// The protocol buffers wire format, as far as reading a message field by field needs it. Nothing is
// copied and nothing allocated.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

#include "base/file.h"

namespace qt::rlds {

static_assert(std::endian::native == std::endian::little, "fixed numbers are taken as they are");

enum class ProtoType : uint8_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

struct ProtoField {
  uint64_t number = 0;
  ProtoType type = ProtoType::kVarint;
  uint64_t varint = 0;  // kVarint
  ByteSpan bytes;       // of all other types
};

// A cursor over one message. Once something is malformed, ok() is false and there are no more
// fields; check it after the last one.
class ProtoReader {
 public:
  explicit ProtoReader(ByteSpan message) : left_(message) {}

  bool ok() const { return ok_; }
  bool empty() const { return left_.empty(); }
  ByteSpan left() const { return left_; }

  // False at the end of the message or where it is malformed.
  bool Next(ProtoField* field) {
    if (left_.empty()) return false;
    const uint64_t tag = Varint();
    field->number = tag >> 3;
    field->type = static_cast<ProtoType>(tag & 7);
    field->bytes = {};
    if (field->number == 0 || field->number >> 29 != 0) ok_ = false;
    if (ok_) ReadValue(field);
    return ok_;
  }

  // Reads at most ten bytes; bits above 64 are dropped, as in other implementations.
  uint64_t Varint() {
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 70; shift += 7) {
      const ByteSpan byte = Take(1);
      if (!ok_) return 0;
      value |= shift < 64 ? static_cast<uint64_t>(byte[0] & 0x7F) << shift : 0;
      if (byte[0] < 0x80) return value;
    }
    ok_ = false;
    return 0;
  }

 private:
  void ReadValue(ProtoField* field) {
    switch (field->type) {
      case ProtoType::kVarint:
        field->varint = Varint();
        return;
      case ProtoType::kFixed64:
        field->bytes = Take(8);
        return;
      case ProtoType::kBytes:
        field->bytes = Take(Varint());
        return;
      case ProtoType::kFixed32:
        field->bytes = Take(4);
        return;
    }
    ok_ = false;  // groups, which nobody writes any more, and unknown types
  }

  ByteSpan Take(uint64_t size) {
    if (!ok_ || size > left_.size()) {
      ok_ = false;
      return {};
    }
    const ByteSpan bytes = left_.first(size);
    left_ = left_.subspan(size);
    return bytes;
  }

  ByteSpan left_;
  bool ok_ = true;
};

}  // namespace qt::rlds
