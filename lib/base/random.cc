// SPDX-License-Identifier: Apache-2.0
#include "base/random.h"

#include <bit>
#include <cmath>

#include "base/check.h"

namespace qt {
namespace {

uint64_t SplitMix64(uint64_t& x) {
  uint64_t z = (x += 0x9E3779B97F4A7C15u);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return z ^ (z >> 31);
}

uint64_t Fnv1a(std::string_view text) {
  uint64_t h = 0xCBF29CE484222325u;
  for (unsigned char c : text) h = (h ^ c) * 0x100000001B3u;
  return h;
}

}  // namespace

uint64_t DeriveSeed(uint64_t seed, std::string_view purpose, uint64_t index, uint64_t index2) {
  uint64_t x = seed;
  uint64_t h = SplitMix64(x);
  for (uint64_t part : {Fnv1a(purpose), index, index2}) {
    x = h ^ part;
    h = SplitMix64(x);
  }
  return h;
}

RandomStream::RandomStream(uint64_t seed) {
  for (auto& word : s_) word = SplitMix64(seed);
}

RandomStream::RandomStream(uint64_t seed, std::string_view purpose, uint64_t index, uint64_t index2)
    : RandomStream(DeriveSeed(seed, purpose, index, index2)) {}

uint64_t RandomStream::Next() {
  const uint64_t result = std::rotl(s_[0] + s_[3], 23) + s_[0];
  const uint64_t t = s_[1] << 17;
  s_[2] ^= s_[0];
  s_[3] ^= s_[1];
  s_[1] ^= s_[2];
  s_[0] ^= s_[3];
  s_[2] ^= t;
  s_[3] = std::rotl(s_[3], 45);
  return result;
}

double RandomStream::Uniform() { return static_cast<double>(Next() >> 11) * 0x1p-53; }

double RandomStream::Uniform(double low, double high) { return low + (high - low) * Uniform(); }

double RandomStream::Normal() {
  if (has_spare_) {
    has_spare_ = false;
    return spare_;
  }
  // Marsaglia's polar method.
  double u, v, r2;
  do {
    u = Uniform(-1, 1);
    v = Uniform(-1, 1);
    r2 = u * u + v * v;
  } while (r2 >= 1 || r2 == 0);
  const double scale = std::sqrt(-2 * std::log(r2) / r2);
  spare_ = v * scale;
  has_spare_ = true;
  return u * scale;
}

uint64_t RandomStream::Below(uint64_t n) {
  QT_CHECK(n > 0);
  const uint64_t limit = UINT64_MAX - UINT64_MAX % n;  // rejects the uneven tail
  uint64_t x;
  do x = Next();
  while (x >= limit);
  return x % n;
}

RandomStream::State RandomStream::Save() const {
  return {s_[0], s_[1], s_[2], s_[3], has_spare_, std::bit_cast<uint64_t>(spare_)};
}

void RandomStream::Restore(const State& state) {
  for (int i = 0; i < 4; ++i) s_[i] = state[i];
  has_spare_ = state[4] != 0;
  spare_ = std::bit_cast<double>(state[5]);
}

}  // namespace qt
