// SPDX-License-Identifier: Apache-2.0
// What goes with which protocol, the rows they make, and what `bin` says.
#include "eval/protocol.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "eval/attempts.h"
#include "json/json.h"
#include "unit/eval/made_report.h"

namespace qt::eval {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// Those of the table, with the named one chosen.
struct Chosen {
  explicit Chosen(const std::string& name) {
    EXPECT_TRUE(ParseInto(protocols.choice().target, {}, name).ok()) << name;
  }
  AttemptProtocol& attempts() {
    for (const auto& protocol : protocols.all()) {
      if (protocol.get() == &protocols.chosen()) {
        return dynamic_cast<AttemptProtocol&>(*protocol);
      }
    }
    throw std::logic_error("none is chosen");
  }
  // Of any protocol.
  void Set(const std::string& name, const std::string& value) {
    for (const auto& protocol : protocols.all()) {
      const std::vector<Field> fields = protocol->fields();
      if (FindField(fields, name) != nullptr) {
        EXPECT_TRUE(SetField(fields, name, value).ok()) << name;
      }
    }
  }
  Protocols protocols;
};

EvaluationConfig Asked(const std::vector<std::string>& policies) {
  EvaluationConfig config;
  config.policies = policies;
  return config;
}

TEST(Protocols, TheFirstIsTheDefaultAndAllAreInTheHelp) {
  Protocols protocols;
  const Field choice = protocols.choice();
  EXPECT_EQ(TextOf(choice.target), "grasp");
  EXPECT_EQ(protocols.chosen().name(), "grasp");
  for (const std::string& name : ChoicesOf(choice.target)) {
    EXPECT_THAT(choice.about.help, HasSubstr(name + ": "));
    EXPECT_TRUE(ParseInto(choice.target, {}, name).ok());
    EXPECT_EQ(protocols.chosen().name(), name);
  }
  EXPECT_THAT(ParseInto(choice.target, {}, "bins").message(), HasSubstr("did you mean 'bin'?"));
}

// Every sentence that refuses a setting names it and the protocol.
TEST(Protocols, WhatIsRefusedIsNamed) {
  const Protocols protocols;
  for (const auto& protocol : protocols.all()) {
    for (const Protocol::Refusal& refusal : protocol->refusals()) {
      std::string flag = refusal.setting;
      std::ranges::replace(flag, '_', '-');
      EXPECT_THAT(refusal.why, HasSubstr("--" + flag)) << protocol->name();
      EXPECT_THAT(refusal.why, HasSubstr("--protocol " + protocol->name())) << refusal.setting;
    }
    for (const Field& field : protocol->fields()) {
      EXPECT_THAT(protocol->elsewhere(), HasSubstr("--protocol " + protocol->name())) << field.name;
    }
  }
}

TEST(Protocols, TheSettingsOfOneDoNotGoWithAnother) {
  const auto check = [](const std::string& protocol, const std::string& setting,
                        const std::string& value) {
    Chosen chosen(protocol);
    chosen.Set(setting, value);
    return chosen.protocols.Check(Asked({"scripted"}), {}).message();
  };
  EXPECT_EQ(check("grasp", "attempts", "12"),
            "--bins, --attempts and --bin-objects are for --protocol bin");
  EXPECT_EQ(check("bin", "attempts", "12"), "");
  EXPECT_EQ(check("bin", "vary", "disturb=none|knock"),
            "--vary makes the rows of --protocol ablate");
  EXPECT_EQ(check("ablate", "vary", "disturb=none|knock"), "");
  EXPECT_EQ(check("disturb", "label", "sim"),
            "--logged, --measured and --label are for --protocol offline");
}

TEST(Protocols, WhatIsGivenMustGoWithTheChosen) {
  EXPECT_EQ(Chosen("grasp").protocols.Check(Asked({"scripted"}), {"against", "record"}).code(),
            Code::kOk);
  EXPECT_THAT(Chosen("bin").protocols.Check(Asked({"scripted"}), {"record"}).message(),
              HasSubstr("--record keeps drop tests"));
  EXPECT_FALSE(Chosen("grasp").protocols.Check(Asked({"scripted", "random"}), {}).ok());
  EXPECT_TRUE(Chosen("ablate").protocols.Check(Asked({"scripted", "random"}), {}).ok());
}

TEST(Protocols, BetterNeedsAnother) {
  EvaluationConfig config = Asked({"scripted"});
  config.question.require = Requirement{true, 0};
  EXPECT_FALSE(Chosen("grasp").protocols.Check(config, {}).ok());
  config.against = "random";
  EXPECT_TRUE(Chosen("grasp").protocols.Check(config, {}).ok());
}

std::vector<std::string> DisturbancesOf(const std::vector<NamedSetup>& setups) {
  std::vector<std::string> names;
  for (const NamedSetup& named : setups) names.emplace_back(EnumName(named.setup.scene.disturb));
  return names;
}

TEST(DisturbProtocol, TriesEachDisturbanceAfterNone) {
  Chosen disturb("disturb");
  EXPECT_THAT(DisturbancesOf(disturb.attempts().Setups(Asked({"scripted"})).value()),
              ElementsAre("none", "knock", "move", "light", "camera", "heavy"));
}

TEST(AblateProtocol, VariesAnySettingOfTheSetup) {
  Chosen ablate("ablate");
  ablate.Set("vary", "disturb=none|knock");
  const auto setups = ablate.attempts().Setups(Asked({"scripted"})).value();
  EXPECT_THAT(DisturbancesOf(setups), ElementsAre("none", "knock"));
  EXPECT_EQ(setups[1].name, "--disturb knock");
  ablate.Set("vary", "shadows=on|off");
  EXPECT_TRUE(ablate.attempts().Setups(Asked({"scripted"}))->front().setup.shadows);
  for (const char* no_setting : {"seed=1|2", "image-size=64|128", "max-steps=10|20"}) {
    ablate.Set("vary", no_setting);
    EXPECT_THAT(ablate.attempts().Setups(Asked({"scripted"})).status().message(),
                HasSubstr("--vary: there is no "))
        << no_setting;
  }
}

TEST(BinProtocol, CountsTheFirstAttemptsAtEachBin) {
  // Two bins of two objects, 12 attempts each at most; the first one is empty after four.
  Report report = MadeReport("fsfs");
  Chosen bin_protocol("bin");
  bin_protocol.Set("attempts", "12");
  bin_protocol.Set("bin_objects", "2");
  for (uint64_t i = 12; i < 24; ++i) {
    report.rows[0].result.outcomes.push_back(MadeOutcome(i, i == 23));
  }
  Json json;
  bin_protocol.attempts().AddTo(report, &json);
  const Json& bin = json.at("bin");
  ASSERT_EQ(bin.at("first").size(), 2u);
  EXPECT_EQ(bin.at("first")[0].at("attempts"), 10);
  EXPECT_EQ(bin.at("first")[0].at("episodes"), 14);
  EXPECT_EQ(bin.at("first")[0].at("count"), 2);
  EXPECT_EQ(bin.at("first")[1].at("attempts"), 12);
  EXPECT_EQ(bin.at("first")[1].at("count"), 3);
  EXPECT_EQ(bin.at("emptied"), 1);
  EXPECT_THAT(bin_protocol.attempts().MoreText(report),
              HasSubstr("first 12 attempts at each bin: 18.8 % of 16"));
}

}  // namespace
}  // namespace qt::eval
