#include "cli/command.h"

#include <gtest/gtest.h>

namespace qt::cli {
namespace {

struct Values {
  int count = 3;
  double share = 0.5;
  bool loud = true;
  std::string name = "x";
  std::vector<std::string> files;
};

FlagTable TableOf(Values* values) {
  FlagTable table("qt-test", "test");
  table.AddPositional("FILE", &values->files, "files");
  table.Add('n', "count", &values->count, "N", "how many");
  table.Add("share", &values->share, "X", "how much");
  table.Add("loud", &values->loud, "", "say it");
  table.Add("name", &values->name, "NAME", "called");
  return table;
}

std::string CommandFor(Values values, const std::set<std::string>& without = {}) {
  Values defaults;
  return CommandOf(TableOf(&values), TableOf(&defaults), without);
}

TEST(CommandOf, NamesOnlyWhatDiffersFromTheDefaults) {
  EXPECT_EQ(CommandFor({}), "qt-test");
  EXPECT_EQ(CommandFor({.count = 4, .share = 0.25, .loud = false, .name = "y", .files = {}}),
            "qt-test --count 4 --share 0.25 --no-loud --name y");
}

TEST(CommandOf, QuotesAndLeavesOut) {
  const Values values{.count = 4, .share = 0.5, .loud = true, .name = "a b", .files = {"c d", "e"}};
  EXPECT_EQ(CommandFor(values, {"count"}), "qt-test 'c d' e --name 'a b'");
}

TEST(SetFlag, StoresAsTheCommandLineDoes) {
  Values values;
  const FlagTable table = TableOf(&values);
  EXPECT_TRUE(SetFlag(table, "count", "7").ok());
  EXPECT_TRUE(SetFlag(table, "loud", "off").ok());
  EXPECT_TRUE(SetFlag(table, "name", "a b").ok());
  EXPECT_EQ(values.count, 7);
  EXPECT_FALSE(values.loud);
  EXPECT_EQ(values.name, "a b");
  EXPECT_EQ(SetFlag(table, "count", "many").code(), Code::kUsage);
  EXPECT_EQ(SetFlag(table, "cuont", "1").message(),
            "there is no flag '--cuont' here, did you mean '--count'?");
}

}  // namespace
}  // namespace qt::cli
