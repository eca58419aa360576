// SPDX-License-Identifier: Apache-2.0
// What a server counts, and how Prometheus reads it (the text format, version 0.0.4). Counting is
// thread-safe and never waits for a reader.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string>
#include <variant>

#include "protocol/wire.h"

namespace qt::serve {

// What becomes of an act request.
using Outcome = std::variant<protocol::ActAnswer, protocol::WireError>;

// Counts durations in fixed buckets. Thread-safe.
class Histogram {
 public:
  void Add(double seconds);
  // One family in the text format; `help` says what it is.
  std::string Text(const std::string& name, const std::string& help) const;

 private:
  static constexpr std::array kBounds_s = {0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05,
                                           0.1,    0.2,   0.5,   1.0,   2.0,  5.0,  10.0};
  std::array<std::atomic<uint64_t>, kBounds_s.size() + 1> counts_ = {};
  std::atomic<uint64_t> sum_us_ = 0;
};

// Values at the moment of a scrape; others keep them.
struct Gauges {
  bool ready = false;
  size_t num_waiting = 0;
  protocol::ServerHello hello;
};

class Metrics {
 public:
  // An act request that took so long from its arrival to its answer or refusal.
  void Count(const Outcome& outcome, double seconds);
  // A request that was refused before it came that far.
  void CountRefusal(protocol::WireErrorCode code);
  void CountReload(bool loaded) { ++(loaded ? loaded_ : refused_models_); }
  void AddClients(const char* transport, int change);

  uint64_t num_answers() const { return answers_; }
  uint64_t num_refusals() const;
  std::string Text(const Gauges& gauges) const;

 private:
  static constexpr size_t kNumCodes = 16;
  std::atomic<uint64_t> answers_ = 0;
  std::array<std::atomic<uint64_t>, kNumCodes> refusals_ = {};
  std::atomic<uint64_t> loaded_ = 0, refused_models_ = 0;
  std::atomic<int64_t> unix_clients_ = 0, http_clients_ = 0;
  Histogram total_, wait_, compute_;
};

inline constexpr char kUnixTransport[] = "unix";
inline constexpr char kHttpTransport[] = "http";

}  // namespace qt::serve
