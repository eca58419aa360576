// SPDX-License-Identifier: Apache-2.0
// Passes on what another program says on its standard error: line by line, each with a word before
// it that says who speaks, and not more of it than a person can read.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

namespace qt {

// Not thread-safe.
class TalkRelay {
 public:
  static constexpr size_t kMaxLineBytes = 400;
  static constexpr int kMaxLines = 50;  // in so many seconds; the others are counted
  static constexpr double kWindow_s = 5;

  explicit TalkRelay(std::string who) : who_(std::move(who)) {}
  ~TalkRelay();  // the line that has not ended, and how many were left out
  TalkRelay(const TalkRelay&) = delete;
  TalkRelay& operator=(const TalkRelay&) = delete;

  void Take(std::string_view text);  // in any pieces

 private:
  using Clock = std::chrono::steady_clock;
  void EndLine();
  void TellLeftOut();

  const std::string who_;
  std::string line_;     // at most kMaxLineBytes of it
  bool is_cut_ = false;  // there was more
  int num_shown_ = 0;    // in this window
  int num_left_out_ = 0;
  Clock::time_point window_end_;
};

}  // namespace qt
