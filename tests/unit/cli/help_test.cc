// SPDX-License-Identifier: Apache-2.0
// The texts made from a table.

#include "cli/help.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/progress.h"
#include "json/json.h"

namespace qt::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

struct Options {
  std::vector<std::string> inputs;
  int steps = 2000;
  std::string mode = "fast", policy;
  bool careful = true;
  bool secret = false;
};

FlagTable Table(Options* options, const std::string& tool = "qt-x") {
  FlagTable table(tool, "do x with 'quotes' and 50% more");
  table.AddPositional("INPUT", &options->inputs, "what to read");
  table.BeginGroup("Work");
  Flag& steps = table.Add('n', "num-steps", &options->steps, "N", "how many steps");
  steps.min = 1;
  steps.max = 1e6;
  table.Add("mode", &options->mode, "MODE", "the mode").choices = {"fast", "slow"};
  table.Add("policy", &options->policy, "POLICY", "who acts").words = {"scripted", "random"};
  table.Add("careful", &options->careful, "", "be careful");
  table.Add("secret", &options->secret, "", "not shown").hidden = true;
  table.AddExample("do it", "qt-x -n 5 a.mcap");
  table.AddLibraryVersion("libx", "9.8");
  return table;
}

Described DescribedBy(const FlagTable& table) {
  return {table.tool(), table.summary(), {table}, false, {}, {}};
}

TEST(Help, ShowsEverythingButTheHidden) {
  Options options;
  const std::string text = HelpText(Table(&options));
  EXPECT_THAT(text, HasSubstr("Usage: qt-x [FLAG...] [INPUT...]\n"));
  EXPECT_THAT(text, HasSubstr("\nWork:\n"));
  EXPECT_THAT(text, HasSubstr("-n, --num-steps N"));
  EXPECT_THAT(text, HasSubstr("(default 2000; 1 to 1000000)"));
  EXPECT_THAT(text, HasSubstr("(default fast; one of fast, slow)"));
  EXPECT_THAT(text, HasSubstr("--[no-]careful"));
  EXPECT_THAT(text, HasSubstr("(default yes)"));
  EXPECT_THAT(text, HasSubstr("  # do it\n  qt-x -n 5 a.mcap\n"));
  EXPECT_THAT(text, HasSubstr("130"));
  EXPECT_THAT(text, Not(HasSubstr("secret")));
}

TEST(Help, TheShortOneHasTheFirstGroupAndSaysWhereTheRestIs) {
  Options options;
  FlagTable table = Table(&options);
  table.BeginGroup("More");
  bool more = false;
  table.Add("rare", &more, "", "rarely needed");
  const std::string text = HelpText(table, HelpLength::kShort);
  EXPECT_THAT(text, HasSubstr("INPUT "));
  EXPECT_THAT(text, HasSubstr("--num-steps"));
  EXPECT_THAT(text, HasSubstr("qt-x -n 5 a.mcap"));
  EXPECT_THAT(text, Not(HasSubstr("--rare")));
  EXPECT_THAT(text, ::testing::EndsWith("\nqt-x --help shows all 5 flags\n"));
}

TEST(Help, IsAsWideAsItIsToldAndCountsCharacters) {
  Options options;
  FlagTable table("qt-x", "x");
  table.Add("mode", &options.mode, "±W", std::string(30, 'a') + " " + std::string(30, 'b'));
  EXPECT_THAT(HelpText(table), HasSubstr("      --mode ±W             aaaa"));
  EXPECT_THAT(HelpText(table), HasSubstr("a b"));
  const std::string narrow = HelpText(table, HelpLength::kFull, 70);
  EXPECT_THAT(narrow, HasSubstr("a\n" + std::string(28, ' ') + "b"));
}

TEST(Help, UsageKeepsASpelledOutArgument) {
  Options options;
  FlagTable table("qt-x", "x");
  table.AddPositional("POLICY [EPISODES...]", &options.inputs, "both");
  EXPECT_EQ(UsageLine(table), "qt-x [FLAG...] POLICY [EPISODES...]");
}

TEST(Help, VersionNamesLibraries) {
  Options options;
  const std::string text = VersionText(Table(&options, "qt-x sub"));
  EXPECT_THAT(text, ::testing::StartsWith("qt-x "));
  EXPECT_THAT(text, Not(HasSubstr("sub")));
  EXPECT_THAT(text, HasSubstr("\nlibx 9.8\n"));
}

TEST(ManPage, HasItsSections) {
  Options options;
  const std::string page = ManPage(DescribedBy(Table(&options)), "");
  for (const char* part :
       {".TH QT-X 1", ".SH NAME\nqt\\-x \\- do x", ".SH SYNOPSIS", ".SH OPTIONS", ".SS Work",
        "\\fB\\-n\\fR, \\fB\\-\\-num\\-steps\\fR", ".SH EXAMPLES", ".SH EXIT STATUS"}) {
    EXPECT_THAT(page, HasSubstr(part));
  }
}

TEST(ManPage, ACommandHasAPageOfItsOwnThatNamesItsTool) {
  Options options;
  const std::string page = ManPage(DescribedBy(Table(&options, "qt-x sub")), "");
  EXPECT_THAT(page, HasSubstr(".TH QT-X-SUB 1"));
  EXPECT_THAT(page, HasSubstr(".SH NAME\nqt\\-x\\-sub \\- do x"));
  EXPECT_THAT(page, HasSubstr(".SH SYNOPSIS\n\\fBqt\\-x sub\\fR"));
  EXPECT_THAT(page, HasSubstr(".SH SEE ALSO\n\\fBqt\\-x\\fR(1)\n"));
}

TEST(ManPage, OfAToolWithCommandsListsTheirPages) {
  Options options;
  Described described = DescribedBy(Table(&options, "qt-x sub"));
  described.tool = "qt-x";
  described.has_commands = true;
  described.command_names = {"sub"};
  described.command_summaries = {"do a part of x"};
  const std::string page = ManPage(described, "");
  EXPECT_THAT(page, HasSubstr(".SH COMMANDS\n.TP\n\\fBqt\\-x\\-sub\\fR(1)\ndo a part of x.\n"));
  EXPECT_THAT(page, Not(HasSubstr("num\\-steps")));
}

TEST(ManPage, ProseBecomesRoff) {
  Options options;
  const std::string page =
      ManPage(DescribedBy(Table(&options)),
              "# qt-x\n\n## Description\n\nFirst line with `--flag`\n"
              "and *more*.\n\n<!-- not shown -->\n\n* a **point**\n* another\n\n### Deeper\n\n"
              "```\n.code \\ here\n```\n\n.starts with a dot, 2 * 3\n");
  EXPECT_THAT(page, HasSubstr(".SH DESCRIPTION\n.PP\nFirst line with \\fB\\-\\-flag\\fR and "
                              "\\fImore\\fR.\n"));
  EXPECT_THAT(page, HasSubstr(".IP \\(bu 2\na \\fBpoint\\fR\n.IP \\(bu 2\nanother\n"));
  EXPECT_THAT(page, HasSubstr(".SS Deeper\n"));
  EXPECT_THAT(page, HasSubstr(".nf\n\\&.code \\e here\n.fi\n"));
  EXPECT_THAT(page, HasSubstr("\\&.starts with a dot, 2 * 3\n"));
  EXPECT_THAT(page, Not(HasSubstr("not shown")));
}

TEST(Completion, OffersFlagsAndChoices) {
  Options options;
  const Described described = DescribedBy(Table(&options));
  const std::string bash = Completion(described, Shell::kBash);
  EXPECT_THAT(bash, HasSubstr("--no-careful"));
  EXPECT_THAT(bash, HasSubstr("--mode) COMPREPLY=($(compgen -W 'fast slow'"));
  EXPECT_THAT(bash, HasSubstr("--policy) COMPREPLY=($(compgen -f -W 'scripted random'"));
  EXPECT_THAT(bash, HasSubstr("complete -o filenames -F _qt_x qt-x\n"));
  const std::string zsh = Completion(described, Shell::kZsh);
  EXPECT_THAT(zsh, ::testing::StartsWith("#compdef qt-x\n"));
  EXPECT_THAT(zsh, HasSubstr("'--mode=[the mode]:MODE:(fast slow)'"));
  EXPECT_THAT(zsh, HasSubstr("POLICY:{compadd -- scripted random; _files}'"));
  const std::string fish = Completion(described, Shell::kFish);
  EXPECT_THAT(fish, HasSubstr("-l policy -r -F -a 'scripted random'"));
  EXPECT_THAT(fish, HasSubstr("complete -c qt-x -l num-steps -s n -x -d 'how many steps'\n"));
  for (const std::string& text : {bash, zsh, fish}) EXPECT_THAT(text, Not(HasSubstr("secret")));
}

TEST(FlagsJson, DescribesTheTable) {
  Options options;
  const Json json = FlagsJson(Table(&options));
  ASSERT_EQ(json["flags"].size(), 5u);  // without the hidden one
  EXPECT_EQ(json["flags"][1]["name"], "num-steps");
  EXPECT_EQ(json["flags"][1]["short"], "n");
  EXPECT_EQ(json["flags"][1]["default"], "2000");
  EXPECT_TRUE(json["flags"][0]["positional"].get<bool>());
  EXPECT_TRUE(json["flags"][4]["negatable"].get<bool>());
}

TEST(Progress, TextHasRateAndEta) {
  EXPECT_EQ(ProgressText("episodes", 100, 500, 20, "34% success", 100),
            "100/500 episodes 20% 5/s ETA 1m20s 34% success");
  EXPECT_EQ(ProgressText("episodes", 100, 0, 2, "", 100), "100 episodes 50/s");
  EXPECT_EQ(ProgressText("episodes", 0, 500, 1, "", 100), "0/500 episodes 0%");
  EXPECT_EQ(ProgressText("episodes", 500, 500, 1, "", 10), "500/500 ep");
}

TEST(Progress, Durations) {
  EXPECT_EQ(DurationText(0.4), "0s");
  EXPECT_EQ(DurationText(59.4), "59s");
  EXPECT_EQ(DurationText(60), "1m00s");
  EXPECT_EQ(DurationText(3599.6), "1h00m");
  EXPECT_EQ(DurationText(90061), "25h01m");
}

}  // namespace
}  // namespace qt::cli
