// SPDX-License-Identifier: Apache-2.0
#include "base/talk_relay.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace qt {
namespace {

using testing::EndsWith;
using testing::HasSubstr;

// What is said when these pieces come and then nothing more.
std::string Said(const std::vector<std::string>& pieces) {
  testing::internal::CaptureStderr();
  {
    TalkRelay relay("driver");
    for (const std::string& piece : pieces) relay.Take(piece);
  }
  return testing::internal::GetCapturedStderr();
}

TEST(TalkRelay, EachLineSaysWhoSpeaks) {
  EXPECT_EQ(Said({"one\ntw", "o\r\n\n", "three"}),
            "qt: driver: one\nqt: driver: two\nqt: driver: three\n");
  EXPECT_EQ(Said({}), "");
}

TEST(TalkRelay, IsHarmlessToATerminal) {
  EXPECT_EQ(Said({"\x1b]0;title\x07\n"}), "qt: driver: \\x1b]0;title\\x07\n");
}

TEST(TalkRelay, ALongLineIsCut) {
  const std::string said = Said({std::string(100'000, 'x'), std::string(10, 'y'), "\nnext\n"});
  EXPECT_EQ(said.find('y'), std::string::npos);
  EXPECT_THAT(said, HasSubstr("x...\n"));
  EXPECT_THAT(said, EndsWith("qt: driver: next\n"));
  EXPECT_LT(said.size(), 500u);
}

TEST(TalkRelay, TooManyLinesAreCounted) {
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += "noise\n";
  const std::string said = Said({text});
  EXPECT_EQ(std::count(said.begin(), said.end(), '\n'), TalkRelay::kMaxLines + 1);
  EXPECT_THAT(said, EndsWith("19950 more lines are left out\n"));
}

}  // namespace
}  // namespace qt
