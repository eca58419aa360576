// SPDX-License-Identifier: Apache-2.0
// Structs of settings as flags.
#include "cli/flag_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/check.h"
#include "cli/help.h"
#include "cli/parse.h"

namespace qt::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

enum class Colour : uint8_t { kRed, kGreen };
constexpr auto NamesOf(Colour) { return std::array{"red", "green"}; }

struct Inner {
  int max_depth = 3;
};
template <class V>
void Visit(V&& visit, Inner& c) {
  visit("max_depth", c.max_depth, {"N", "how deep", 1, 9});
}

struct Config {
  bool loud = false;
  Colour colour = Colour::kGreen;
  std::optional<double> floor;
  Inner inner;
};
template <class V>
void Visit(V&& visit, Config& c) {
  visit("loud", c.loud, {.help = "say it", .negatable = false});
  visit("colour", c.colour,
        {.metavar = "NAME", .help = "which", .short_name = 'c', .alias = "old_colour"});
  visit("floor", c.floor, {"R", "no less"});
  visit("inner", c.inner, {});
}

std::vector<std::string> NamesIn(const FlagTable& table) {
  std::vector<std::string> names;
  for (const Flag& flag : table.flags()) names.push_back(flag.name);
  return names;
}

TEST(AddFlags, TakesAllOrThoseNamed) {
  Config config;
  FlagTable all("tool", ""), some("tool", "");
  AddFlags(all, config);
  EXPECT_THAT(NamesIn(all), ElementsAre("loud", "colour", "floor", "max-depth"));
  AddFlags(some, config, {"max_depth", "colour"});
  EXPECT_THAT(NamesIn(some), ElementsAre("max-depth", "colour"));
  EXPECT_THROW(AddFlags(some, config, {"no_such"}), ContractError);
  AddOtherFlags(some, config, {"loud"});
  EXPECT_THAT(NamesIn(some), ElementsAre("max-depth", "colour", "floor"));
}

TEST(AddFlags, HelpAndValuesFollowFromTheStruct) {
  Config config;
  FlagTable table("tool", "");
  AddFlags(table, config);
  EXPECT_EQ(FlagNotes(table.Get("colour")), "default green; one of red, green");
  EXPECT_EQ(FlagNotes(table.Get("max-depth")), "default 3; 1 to 9");
  EXPECT_EQ(FlagNotes(table.Get("floor")), "");
  EXPECT_THAT(Completion({"tool", "", {table}, false, {}, {}}, Shell::kBash),
              HasSubstr("compgen -W 'red green'"));
  const auto run = [&table](const std::vector<std::string>& words) {
    return Store(table, *Split(table, words), "", "");
  };
  ASSERT_TRUE(run({"--old-colour", "red", "--loud", "--floor=-0.5", "--max-depth", "4"}).ok());
  EXPECT_EQ(config.colour, Colour::kRed);
  EXPECT_TRUE(config.loud);
  EXPECT_EQ(config.floor, -0.5);
  EXPECT_EQ(config.inner.max_depth, 4);
  EXPECT_EQ(run({"-c", "blue"}).message(), "--colour is one of red, green, not 'blue'");
}

}  // namespace
}  // namespace qt::cli
