// SPDX-License-Identifier: Apache-2.0
#include "base/talk_relay.h"

#include <algorithm>
#include <utility>

#include "base/log.h"

namespace qt {

TalkRelay::~TalkRelay() {
  EndLine();
  TellLeftOut();
}

void TalkRelay::Take(std::string_view text) {
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    const size_t room = kMaxLineBytes - line_.size();
    line_.append(text.substr(0, std::min(end, room)));
    is_cut_ = is_cut_ || end > room;
    if (end == text.size()) return;
    EndLine();
    text.remove_prefix(end + 1);
  }
}

void TalkRelay::EndLine() {
  std::string line = std::exchange(line_, "");
  const bool is_cut = std::exchange(is_cut_, false);
  while (line.ends_with('\r')) line.pop_back();
  if (line.empty()) return;
  const auto now = Clock::now();
  if (now >= window_end_) {
    TellLeftOut();
    window_end_ =
        now + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(kWindow_s));
    num_shown_ = 0;
  }
  if (num_shown_ == kMaxLines) {
    ++num_left_out_;
    return;
  }
  ++num_shown_;
  LogError(who_ + ": " + line + (is_cut ? "..." : ""));
}

void TalkRelay::TellLeftOut() {
  if (num_left_out_ == 0) return;
  LogError(who_ + ": " + std::to_string(std::exchange(num_left_out_, 0)) +
           " more lines are left out");
}

}  // namespace qt
