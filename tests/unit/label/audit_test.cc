// SPDX-License-Identifier: Apache-2.0
#include "label/audit.h"

#include <gtest/gtest.h>

#include "json/json.h"

namespace qt::label {
namespace {

Episode Labelled(bool label, bool truth, double held_size_m = 0.025) {
  Episode episode;
  Label of_truth;
  of_truth.source = kTruthSource;
  of_truth.success = truth;
  of_truth.config = Json({{"held_size_m", held_size_m}}).dump();
  Label of_pictures;
  of_pictures.revision = 1;
  of_pictures.source = "vote/1";
  of_pictures.success = label;
  of_pictures.confidence = 0.9f;
  episode.labels = {of_truth, of_pictures};
  return episode;
}

TEST(Audit, CountsTheConfusionMatrix) {
  Audit audit("", kTruthSource);
  for (int i = 0; i < 90; ++i) audit.Add(Labelled(true, true));
  for (int i = 0; i < 106; ++i) audit.Add(Labelled(false, false, 0));
  for (int i = 0; i < 3; ++i) audit.Add(Labelled(true, false, 0));
  audit.Add(Labelled(false, true, 0.01));
  audit.Add(Episode());
  const Json json = audit.ToJson();
  EXPECT_EQ(json["episodes"], 201);
  EXPECT_EQ(json["without_label"], 1);
  EXPECT_EQ(json["agreement"]["compared"], 200);
  EXPECT_DOUBLE_EQ(json["agreement"]["rate"], 0.98);
  EXPECT_LT(json["agreement"]["interval"][0], 0.98);
  EXPECT_GT(json["agreement"]["interval"][1], 0.98);
  EXPECT_EQ(json["agreement"]["false_success"], 3);
  EXPECT_EQ(json["agreement"]["false_failure"], 1);
  EXPECT_DOUBLE_EQ(json["agreement"]["false_success_rate"]["rate"], 3.0 / 109);
  EXPECT_DOUBLE_EQ(json["agreement"]["false_failure_rate"]["rate"], 1.0 / 91);
  EXPECT_EQ(json["by"]["size"]["below 20 mm"]["false_failure"], 1);
  EXPECT_EQ(json["by"]["size"]["nothing held"]["compared"], 109);
  EXPECT_EQ(json["by"]["disturbance"]["none"]["compared"], 200);
}

TEST(Audit, GroupsByDisturbance) {
  Audit audit("", kTruthSource);
  Episode episode = Labelled(true, true);
  episode.env_config = R"({"disturbance": {"kind": "knock", "applied": true}})";
  audit.Add(episode);
  EXPECT_EQ(audit.ToJson()["by"]["disturbance"]["knock"]["compared"], 1);
}

TEST(Audit, ComparesAnySourceWithAnyOther) {
  Episode episode = Labelled(true, false);
  Label human;
  human.source = "human:ada";
  human.success = true;
  episode.labels.push_back(human);
  Audit audit("vote/1", "human:ada");
  audit.Add(episode);
  EXPECT_EQ(audit.agreement().both_success, 1u);
  Audit none("opening/1", "human:ada");
  none.Add(episode);
  EXPECT_EQ(none.agreement().total(), 0u);
}

TEST(Audit, TheTextHasEveryCount) {
  Audit audit("", kTruthSource);
  audit.Add(Labelled(true, false));
  const std::string text = audit.ToText();
  EXPECT_NE(text.find("false success  100.00 % ["), std::string::npos) << text;
  EXPECT_NE(text.find("by size"), std::string::npos);
  EXPECT_EQ(text.back(), '\n');
}

TEST(Audit, SizesStandInTheOrderOfTheirNumbers) {
  Audit audit("", kTruthSource);
  for (const double size_m : {0.05, 0.035, 0.01, 0.025, 0.0}) {
    audit.Add(Labelled(true, true, size_m));
  }
  const std::string text = audit.ToText();
  size_t last = text.find("by size");
  for (const char* bucket :
       {"nothing held", "below 20 mm", "20 to 30 mm", "30 to 45 mm", "45 mm"}) {
    const size_t at = text.find(bucket);
    EXPECT_LT(last, at) << bucket;
    last = at;
  }
}

TEST(Audit, ForeignConfigurationsDoNotMatter) {
  Audit audit("", kTruthSource);
  Episode episode = Labelled(true, true);
  episode.env_config = "no json [";
  episode.labels[0].config = "[1, 2]";
  audit.Add(episode);
  EXPECT_EQ(audit.ToJson()["by"]["size"]["not recorded"]["compared"], 1);
}

}  // namespace
}  // namespace qt::label
