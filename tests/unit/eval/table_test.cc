// SPDX-License-Identifier: Apache-2.0
// One table as text, JSON and HTML.
#include "eval/table.h"

#include <gtest/gtest.h>

#include "base/check.h"
#include "json/json.h"

namespace qt::eval {
namespace {

Table MadeTable() {
  return {{{"name", {"name"}},
           {"digest", {}, kInJson},
           {"count", {"count"}},
           {"rate", {"rate", "interval"}},
           {"reasons", {"ended by"}, kInJson | kInText}},
          {{Word{"a", "a & b"}, Word{"00ff", ""}, uint64_t{7}, stats::Rate{1, 2, 0.5, {0.25, 0.75}},
            Counts{{"rule", 2}, {"limit", 1}}},
           {Word{"c", "c"}, Word{"", ""}, uint64_t{12345}, std::monostate(), Counts{}}}};
}

TEST(Table, TextIsAligned) {
  EXPECT_EQ(ToText(MadeTable()),
            "name   count    rate          interval  ended by\n"
            "a & b      7  50.0 %  25.0 % to 75.0 %  rule 2, limit 1\n"
            "c      12345       -                 -  -\n");
}

TEST(Table, JsonHasTheKeysOfWhatThereIs) {
  EXPECT_EQ(RowToJson(MadeTable(), 0).dump(),
            R"({"name":"a","digest":"00ff","count":7,"rate":{"episodes":2,"successes":1,)"
            R"("rate":0.5,"interval":[0.25,0.75]},)"
            R"("reasons":{"rule":2,"limit":1}})");
  EXPECT_EQ(RowToJson(MadeTable(), 1).dump(),
            R"({"name":"c","digest":"","count":12345,"reasons":{}})");
}

TEST(Table, HtmlHasWhatIsOnThePageAndIsOnlyText) {
  EXPECT_EQ(ToHtml(MadeTable()),
            "<div class=\"wide\"><table>\n"
            "<tr><th>name</th><th>count</th><th>rate</th><th>interval</th></tr>\n"
            "<tr><td>a &amp; b</td><td>7</td><td>50.0 %</td><td>25.0 % to 75.0 %</td></tr>\n"
            "<tr><td>c</td><td>12345</td><td>-</td><td>-</td></tr>\n"
            "</table></div>\n");
}

TEST(Table, AColumnMovesWithItsCells) {
  Table table = MadeTable();
  table.Move("reasons", "name");
  EXPECT_EQ(table.columns[1].key, "reasons");
  EXPECT_EQ(table.columns[2].key, "digest");
  EXPECT_TRUE(std::holds_alternative<Counts>(table.rows[1][1]));
  EXPECT_THROW(table.Move("nothing", "name"), ContractError);
}

}  // namespace
}  // namespace qt::eval
