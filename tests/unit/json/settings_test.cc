// SPDX-License-Identifier: Apache-2.0
// Structs of settings as JSON: keys, types, ranges, what is missing and what is wrong.
#include "json/settings.h"

#include <gtest/gtest.h>

#include "json/mdp_json.h"

namespace qt::json {
namespace {

enum class Colour : uint8_t { kRed, kGreen };
constexpr auto NamesOf(Colour) { return std::array{"red", "green"}; }

struct Inner {
  int depth = 3;
  std::optional<double> floor{};
};
template <class V>
void Visit(V&& visit, Inner& c) {
  visit("depth", c.depth, {.metavar = "N", .min = 1, .max = 9, .alias = "old_depth"});
  visit("floor", c.floor, {});
}

struct Config {
  bool loud = false;
  uint64_t seed = 0;
  double share = 0.5;
  std::string name = "x";
  std::vector<std::string> tags = {"a"};
  Colour colour = Colour::kGreen;
  std::optional<Colour> shade{};
  Inner inner{};
};
template <class V>
void Visit(V&& visit, Config& c) {
  visit("loud", c.loud, {});
  visit("seed", c.seed, {});
  visit("share", c.share, {"P", "", 0, 1});
  visit("name", c.name, {});
  visit("tags", c.tags, {});
  visit("colour", c.colour, {});
  visit("shade", c.shade, {});
  visit("inner", c.inner, {});
}

std::string ErrorOf(const char* text) {
  Config config;
  const Status status = Read(Json::parse(text), &config);
  EXPECT_EQ(status.code(), Code::kCorrupt) << text;
  return status.message();
}

TEST(Settings, AreWrittenInTheOrderOfTheVisit) {
  EXPECT_EQ(Dump(Write(Config{})),
            R"({"loud":false,"seed":0,"share":0.5,"name":"x","tags":["a"],"colour":"green",)"
            R"("inner":{"depth":3}})");
  EXPECT_EQ(Dump(Write(Config{}, {"depth", "seed"})), R"({"depth":3,"seed":0})");
}

TEST(Settings, ComeBackAsTheyWere) {
  Config config{true, UINT64_MAX, 0.1, "a b", {}, Colour::kRed, Colour::kGreen, {9, -0.05}};
  Config read;
  ASSERT_TRUE(Read(Json::parse(Dump(Write(config))), &read).ok());
  EXPECT_TRUE(Differences(config, read).empty());
  EXPECT_EQ(read.seed, UINT64_MAX);
  EXPECT_EQ(read.inner.floor, -0.05);
}

TEST(Settings, WhatIsMissingStaysAndWhatIsUnknownIsPassedOver) {
  Config config;
  config.share = 0.25;
  ASSERT_TRUE(Read(Json::parse(R"({"later": 1, "inner": {"old_depth": 5.0}})"), &config).ok());
  EXPECT_EQ(config.share, 0.25);
  EXPECT_EQ(config.inner.depth, 5);
}

TEST(Settings, WrongTypesAndRangesAreNamed) {
  EXPECT_EQ(ErrorOf("[]"), "the settings must be an object");
  EXPECT_EQ(ErrorOf(R"({"inner": 1})"), "'inner' must be an object");
  EXPECT_EQ(ErrorOf(R"({"loud": 1})"), "'loud' must be true or false");
  EXPECT_EQ(ErrorOf(R"({"seed": -1})"), "'seed' must be a whole number");
  EXPECT_EQ(ErrorOf(R"({"seed": 1e30})"), "'seed' must be a whole number");
  EXPECT_EQ(ErrorOf(R"({"share": "0.5"})"), "'share' must be a number");
  EXPECT_EQ(ErrorOf(R"({"share": 1.5})"), "'share' must be from 0 to 1, not 1.5");
  EXPECT_EQ(ErrorOf(R"({"name": 1})"), "'name' must be a string");
  EXPECT_EQ(ErrorOf(R"({"tags": ["a", 1]})"), "'tags' must be a list of strings");
  EXPECT_EQ(ErrorOf(R"({"colour": 1})"), "'colour' must be a string");
  EXPECT_EQ(ErrorOf(R"({"colour": "blue"})"), "'colour' is one of red, green, not 'blue'");
  EXPECT_EQ(ErrorOf(R"({"inner": {"depth": 10}})"), "'inner.depth' must be from 1 to 9, not 10");
  EXPECT_EQ(ErrorOf(R"({"inner": {"depth": 2.5}})"), "'inner.depth' must be a whole number");
}

TEST(Settings, ATaskHasTheKeysOfEveryFormat) {
  EXPECT_EQ(Dump(ToJson(TaskConfig{})),
            R"({"name":"qt-bin/1","max_dxy_m":0.1,"max_dz_m":0.16,)"
            R"("max_dyaw_rad":1.5707963267948966,"workspace_xy_m":0.105,"min_height_m":0.008,)"
            R"("max_height_m":0.2,"max_steps":20,"step_reward":-0.05,"discount":0.9,)"
            R"("terminate_height_m":0.13,"termination":"rule"})");
  EXPECT_EQ(TaskFromJson(Json::parse(R"({"termination": "learned"})"))->termination,
            Termination::kLearned);
  EXPECT_EQ(TaskFromJson(Json::parse(R"({"name": "another"})")).status().message(),
            "'name' must be qt-bin/1, not 'another'");
}

}  // namespace
}  // namespace qt::json
