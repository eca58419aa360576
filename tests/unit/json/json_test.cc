// SPDX-License-Identifier: Apache-2.0
#include "json/json.h"

#include <gtest/gtest.h>

#include "base/text.h"

namespace qt::json {
namespace {

TEST(Dump, IsValidUtf8WithoutControlCharacters) {
  const Json json = {{"caf\xe9",
                      "\x1b[2J\x7f\xc2\x9b"
                      "2J \u00a0\u00e9\u20ac"}};
  const std::string text = Dump(json);
  EXPECT_EQ(text, "{\"caf\ufffd\":\"\\u001b[2J\\u007f\\u009b2J \u00a0\u00e9\u20ac\"}");
  EXPECT_EQ(Printable(text), text);
  EXPECT_EQ(Json::parse(text)["caf\ufffd"],
            "\x1b[2J\x7f\xc2\x9b"
            "2J \u00a0\u00e9\u20ac");
}

TEST(Dump, CutOffTextStaysJson) {
  EXPECT_EQ(Dump(Json("\xc2")), "\"\ufffd\"");
  EXPECT_EQ(Dump(Json("a\xe2\x82")), "\"a\ufffd\"");
}

}  // namespace
}  // namespace qt::json
