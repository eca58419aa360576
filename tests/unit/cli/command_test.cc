// SPDX-License-Identifier: Apache-2.0
#include "cli/command.h"

#include <gtest/gtest.h>

namespace qt::cli {
namespace {

struct Values {
  int count = 3;
  double share = 0.5;
  bool loud = true;
  std::string name = "x";
  std::vector<std::string> tags{}, files{};
  int threads = 1;
};

FlagTable TableOf(Values* values) {
  FlagTable table("qt-test", "test");
  table.AddPositional("FILE", &values->files, "files");
  table.Add('n', "count", &values->count, "N", "how many");
  table.Add("share", &values->share, "X", "how much");
  table.Add("loud", &values->loud, "", "say it");
  table.Add("name", &values->name, "NAME", "called");
  table.Add("tag", &values->tags, "TAG", "tags");
  table.Add("threads", &values->threads, "N", "at once");
  return table;
}

std::string CommandFor(const Values& given) {
  Values values;
  FlagTable table = TableOf(&values);
  table.MarkIncidental({"threads"});
  values = given;
  return CommandOf(table);
}

TEST(CommandOf, NamesOnlyWhatDiffersFromTheDefaults) {
  EXPECT_EQ(CommandFor({}), "qt-test");
  EXPECT_EQ(CommandFor({.count = 4, .share = 0.25, .loud = false, .name = "y", .tags = {"a", "b"}}),
            "qt-test --count 4 --share 0.25 --no-loud --name y --tag a --tag b");
}

TEST(CommandOf, QuotesAndLeavesOutArgumentsAndWhatIsIncidental) {
  EXPECT_EQ(CommandFor({.name = "a b", .files = {"c d", "e"}, .threads = 7}),
            "qt-test --name 'a b'");
}

TEST(FlagText, IsTheFlagThatGivesASetting) {
  EXPECT_EQ(FlagText({"image_size", {"640x512"}, false}), " --image-size 640x512");
  EXPECT_EQ(FlagText({"drop_test", {"false"}, true}), " --no-drop-test");
}

}  // namespace
}  // namespace qt::cli
