// SPDX-License-Identifier: Apache-2.0
// Bytes that nobody changes and that several may hold: a picture as it came, alone or as a part of
// what it came in. A copy shares them; the last holder frees the whole.
#pragma once

#include <algorithm>
#include <initializer_list>
#include <memory>
#include <utility>

#include "base/check.h"
#include "base/file.h"

namespace qt {

class SharedBytes {
 public:
  SharedBytes() = default;
  SharedBytes(const SharedBytes&) = default;
  SharedBytes(SharedBytes&& other) noexcept
      : whole_(std::move(other.whole_)), bytes_(std::exchange(other.bytes_, {})) {}
  SharedBytes& operator=(SharedBytes other) noexcept {
    std::swap(whole_, other.whole_);
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  SharedBytes(Bytes bytes)  // NOLINT(google-explicit-constructor): takes them, copies nothing
      : whole_(std::make_shared<Bytes>(std::move(bytes))), bytes_(*whole_) {}
  SharedBytes(std::initializer_list<uint8_t> bytes) : SharedBytes(Bytes(bytes)) {}

  // A part of these, which keeps the whole. REQUIRES: `part` lies in them.
  SharedBytes Part(ByteSpan part) const {
    QT_CHECK(part.data() >= data() && part.data() + part.size() <= data() + size(), part.size());
    SharedBytes shared = *this;
    shared.bytes_ = part;
    return shared;
  }

  const uint8_t* data() const { return bytes_.data(); }
  size_t size() const { return bytes_.size(); }
  bool empty() const { return bytes_.empty(); }
  auto begin() const { return bytes_.begin(); }
  auto end() const { return bytes_.end(); }
  const uint8_t& operator[](size_t i) const { return bytes_[i]; }

  Bytes ToBytes() const { return Bytes(begin(), end()); }  // a copy
  // The bytes as a vector: without a copy if nobody else holds them, and they are the whole.
  Bytes Take() && {
    const SharedBytes taken = std::move(*this);
    const bool sole = taken.whole_.use_count() == 1 && taken.size() == taken.whole_->size();
    return sole ? std::move(*taken.whole_) : taken.ToBytes();
  }

  friend bool operator==(const SharedBytes& a, const SharedBytes& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end());
  }

 private:
  std::shared_ptr<Bytes> whole_;
  ByteSpan bytes_;
};

}  // namespace qt
