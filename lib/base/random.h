// SPDX-License-Identifier: Apache-2.0
// Named random streams: every purpose draws from its own stream, derived from (seed, purpose,
// index), so that a result does not depend on how many workers there are or in which order they
// run. No other source of randomness is used in this project.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace qt {

// xoshiro256++ (Blackman and Vigna 2019), seeded by SplitMix64. Own distributions, because those of
// the standard library differ between implementations.
class RandomStream {
 public:
  explicit RandomStream(uint64_t seed);
  RandomStream(uint64_t seed, std::string_view purpose, uint64_t index = 0, uint64_t index2 = 0);

  uint64_t Next();
  double Uniform();                         // [0, 1)
  double Uniform(double low, double high);  // [low, high)
  double Normal();                          // mean 0, standard deviation 1
  double Normal(double mean, double sigma) { return mean + sigma * Normal(); }
  uint64_t Below(uint64_t n);  // 0..n-1; REQUIRES: n > 0
  bool Chance(double probability) { return Uniform() < probability; }

  // The whole state, for checkpoints (exact resume).
  using State = std::array<uint64_t, 6>;
  State Save() const;
  void Restore(const State& state);

 private:
  std::array<uint64_t, 4> s_;
  bool has_spare_ = false;
  double spare_ = 0;
};

// The seed that stream (seed, purpose, index) starts from; to hand on to another component.
uint64_t DeriveSeed(uint64_t seed, std::string_view purpose, uint64_t index = 0,
                    uint64_t index2 = 0);

}  // namespace qt
