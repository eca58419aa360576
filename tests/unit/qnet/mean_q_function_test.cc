// SPDX-License-Identifier: Apache-2.0
#include "qnet/mean_q_function.h"

#include <gtest/gtest.h>

#include "support/fake_q_function.h"
#include "support/sample_observation.h"
#include "support/temp_dir.h"
#include "unit/qnet/policy_file.h"

namespace qt::qnet {
namespace {

const Action kActions[] = {Action::Close(), Action::Move(0.05, 0, -0.1, 0), Action::Open()};

std::unique_ptr<QFunction> Constant(float q) {
  return std::make_unique<test::FakeQFunction>(
      [q](const Observation&, const Action&) { return q; });
}

TEST(MeanQFunctionTest, IsTheMeanOfItsMembers) {
  std::vector<std::unique_ptr<QFunction>> members;
  for (const float q : {0.25f, 0.5f, 0.9f}) members.push_back(Constant(q));
  const MeanQFunction mean(std::move(members));
  const auto state = mean.EmbedImage({}, {});
  ASSERT_TRUE(state.ok());
  float q[3] = {7, 7, 7};
  mean.Score(**state, kActions, q);
  for (const float value : q) EXPECT_FLOAT_EQ(value, 0.55f);
}

class EnsembleFileTest : public testing::Test {
 protected:
  // Saves a policy whose network i has the weights of seed i under prefixes[i].
  std::string Save(const std::vector<std::string>& prefixes, const std::string& networks) {
    std::vector<tensors::Tensor> tensors;
    for (size_t i = 0; i < prefixes.size(); ++i) AppendNetwork(prefixes[i], i, tensors);
    tensors::TensorMetadata metadata = PolicyMetadata();
    if (!networks.empty()) metadata["networks"] = networks;
    const std::string path = dir_.path() + "/policy.safetensors";
    SavePolicyFile(path, tensors, metadata);
    return path;
  }

  static std::vector<float> ScoreOf(const Model& model) {
    const auto state = model.q_function->Embed(test::SampleObservation(50));
    EXPECT_TRUE(state.ok());
    std::vector<float> q(std::size(kActions));
    model.q_function->Score(**state, kActions, q);
    return q;
  }

  TempDir dir_;
};

TEST_F(EnsembleFileTest, QIsTheMeanOfItsNetworks) {
  const auto both = LoadModel(Save({"policy.0", "policy.1"}, "2"));
  ASSERT_TRUE(both.ok()) << both.status().message();
  EXPECT_EQ(both->info.networks, 2);
  const auto first = LoadModel(Save({"policy"}, ""));
  const auto second = LoadModel(Save({"unused", "policy"}, ""));
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_EQ(first->info.networks, 1);
  const std::vector<float> mean = ScoreOf(*both), one = ScoreOf(*first), two = ScoreOf(*second);
  for (size_t i = 0; i < mean.size(); ++i) {
    EXPECT_NEAR(mean[i], (one[i] + two[i]) / 2, 1e-6);
    EXPECT_NE(one[i], two[i]);
  }
}

TEST_F(EnsembleFileTest, WhatIsMissingOrOutOfRangeIsNamed) {
  const auto missing = LoadModel(Save({"policy.0", "policy.1"}, "3"));
  ASSERT_FALSE(missing.ok());
  EXPECT_NE(missing.status().message().find("'policy.2/"), std::string::npos);
  EXPECT_NE(missing.status().ToString().find("policy.safetensors"), std::string::npos);
  for (const char* networks : {"0", "65"}) {
    const auto wrong = LoadModel(Save({"policy.0"}, networks));
    ASSERT_FALSE(wrong.ok()) << networks;
    EXPECT_NE(wrong.status().message().find("networks, not 1 to 64"), std::string::npos);
  }
  for (const char* networks : {"many", "-1", "2 or 3", "1e1"}) {
    const auto wrong = LoadModel(Save({"policy.0"}, networks));
    ASSERT_FALSE(wrong.ok()) << networks;
    EXPECT_NE(wrong.status().message().find("\"networks\" is"), std::string::npos);
  }
}

}  // namespace
}  // namespace qt::qnet
