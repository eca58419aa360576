// SPDX-License-Identifier: Apache-2.0
#include "base/text.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace qt {
namespace {

TEST(Text, TellsValidUtf8) {
  for (const std::string text : {"", "plain", "caf\u00e9 \u20ac \U0001F916", "\x7f\xc2\x80\u07ff",
                                 "\xed\x9f\xbf\ue000\uffff", "\U00010000\U0010ffff"}) {
    EXPECT_TRUE(IsValidUtf8(text)) << text;
    EXPECT_EQ(ValidUtf8(text), text);
  }
  EXPECT_TRUE(IsValidUtf8(std::string_view("a\0b", 3)));
}

TEST(Text, ReplacesEachBrokenSequenceOnce) {
  struct Case {
    std::string text, valid;
  };
  const std::vector<Case> cases = {
      {"caf\xe9.safetensors", "caf\ufffd.safetensors"},  // Latin-1
      {"a\xff\xfe"
       "b",
       "a\ufffd\ufffd"
       "b"},                                             // never in UTF-8
      {"\x80", "\ufffd"},                                // a continuation alone
      {"\xc0\xaf", "\ufffd\ufffd"},                      // overlong "/"
      {"\xe0\x9f\xbf", "\ufffd\ufffd\ufffd"},            // overlong
      {"\xed\xa0\x80", "\ufffd\ufffd\ufffd"},            // a surrogate
      {"\xf4\x90\x80\x80", "\ufffd\ufffd\ufffd\ufffd"},  // above U+10FFFF
      {"\xe2\x82", "\ufffd"},                            // cut off
      {"\xf0\x9f\xa4x", "\ufffdx"},
      {"\xe2\x82\xe2\x82\xac", "\ufffd\u20ac"},
  };
  for (const Case& c : cases) {
    EXPECT_FALSE(IsValidUtf8(c.text));
    EXPECT_EQ(ValidUtf8(c.text), c.valid);
    EXPECT_TRUE(IsValidUtf8(ValidUtf8(c.text)));
  }
}

TEST(Text, IsHarmlessToATerminal) {
  struct Case {
    std::string text, shown;
  };
  const std::vector<Case> cases = {
      {"plain \\ text", "plain \\ text"},
      {"\u00e4 \u20ac \U0001F916", "\u00e4 \u20ac \U0001F916"},
      {"\x1b]0;title\x07", "\\x1b]0;title\\x07"},
      {"all is well\r", "all is well\\r"},
      {"two\nlines\t", "two\\nlines\\t"},
      {"\xc2\x9b"
       "2J",
       "\\u009b2J"},  // C1: the same as ESC [
      {"\x9b"
       "2J",
       "\\x9b"
       "2J"},  // the same in Latin-1
      {"caf\xe9", "caf\\xe9"},
      {"\x7f", "\\x7f"},
      {"gpj.\u202eexe", "gpj.\\u202eexe"},  // turns the direction
      {"\u2066x\u2069\u2028", "\\u2066x\\u2069\\u2028"},
      {std::string(1, '\0'), "\\x00"},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(Printable(c.text), c.shown);
    EXPECT_EQ(Printable(Printable(c.text)), c.shown);
  }
  EXPECT_EQ(PrintableLines("a\tb\nc\r\n\x1b[2J"), "a\tb\nc\\r\n\\x1b[2J");
}

}  // namespace
}  // namespace qt
