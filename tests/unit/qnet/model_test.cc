// SPDX-License-Identifier: Apache-2.0
#include "qnet/model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <limits>
#include <thread>

#include "base/digest.h"
#include "support/temp_dir.h"
#include "unit/qnet/policy_file.h"

namespace qt::qnet {
namespace {

using ::testing::HasSubstr;

class ModelTest : public ::testing::Test {
 protected:
  ModelTest() { AppendNetwork("policy", 1, tensors_); }

  std::string Save() {
    SavePolicyFile(path_, tensors_, metadata_);
    return path_;
  }
  std::string LoadError() {
    const auto model = LoadModel(Save());
    return model.ok() ? "ok" : model.status().ToString();
  }
  void Set(const std::string& name, float value) {
    for (tensors::Tensor& tensor : tensors_) {
      if (tensor.name == name) std::memcpy(tensor.bytes.data() + 100, &value, sizeof value);
    }
  }

  TempDir dir_;
  std::string path_ = dir_.File("some-policy.safetensors");
  std::vector<tensors::Tensor> tensors_;
  tensors::TensorMetadata metadata_ = PolicyMetadata();
};

TEST_F(ModelTest, HasTheNameAndTheDigestOfItsFile) {
  const auto model = LoadModel(Save());
  ASSERT_TRUE(model.ok()) << model.status().ToString();
  EXPECT_EQ(model->info.name, "some-policy");
  EXPECT_EQ(model->info.step, 7);
  EXPECT_EQ(model->info.digest, Sha256Hex(AsBytes(*ReadWholeFile(path_))));
}

TEST_F(ModelTest, RefusesNumbersThatAreNotFiniteByTheirTensor) {
  Set("policy/conv2.weight", std::numeric_limits<float>::quiet_NaN());
  EXPECT_EQ(LoadError(), path_ + ": tensor \"policy/conv2.weight\" holds NaN");
  Set("policy/conv2.weight", -std::numeric_limits<float>::infinity());
  EXPECT_EQ(LoadError(), path_ + ": tensor \"policy/conv2.weight\" holds an infinite number");
}

TEST_F(ModelTest, ReadsTheNumbersOfItsHeaderStrictly) {
  metadata_["step"] = "1e30";
  EXPECT_THAT(LoadError(), HasSubstr("\"step\" is '1e30', not a whole number"));
  metadata_["step"] = "7";
  metadata_["cem"] = "64/6";
  EXPECT_THAT(LoadError(), HasSubstr("wants SAMPLES/ELITES/ROUNDS"));
  EXPECT_EQ(LoadModel(path_).status().code(), Code::kCorrupt);
}

TEST_F(ModelTest, ItsSettingsAreJsonInBoundedTime) {
  std::string many = "{\"0\":0";
  for (int i = 1; i < 100'000; ++i) many += ",\"" + std::to_string(i) + "\":0";
  metadata_["training"] = many + "}";
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(LoadError(), "ok");
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
  metadata_["training"] = std::string(1'000'000, '[');
  EXPECT_THAT(LoadError(), HasSubstr("metadata are malformed: nests too deep"));
  metadata_["training"] = "{";
  EXPECT_THAT(LoadError(), HasSubstr("metadata are malformed: is not valid JSON"));
  metadata_.erase("training");
  EXPECT_THAT(LoadError(), HasSubstr("metadata are malformed"));
}

// A trainer publishes by rename at any moment.
TEST_F(ModelTest, TheDigestIsThatOfTheWeightsWhateverIsRenamedMeanwhile) {
  std::vector<std::string> digests;
  for (const char* step : {"0", "1"}) {
    metadata_["step"] = step;
    const std::string contents = *ReadWholeFile(Save());
    digests.push_back(Sha256Hex(AsBytes(contents)));
    ASSERT_TRUE(WriteWholeFile(dir_.File(step), contents, Overwrite::kYes).ok());
  }
  std::atomic<bool> done = false;
  std::thread publisher([&] {
    for (int i = 0; !done; ++i) {
      std::filesystem::remove(dir_.File("new"));
      std::filesystem::create_hard_link(dir_.File(std::to_string(i % 2)), dir_.File("new"));
      std::filesystem::rename(dir_.File("new"), path_);
    }
  });
  for (int i = 0; i < 100; ++i) {
    const auto model = LoadModel(path_);
    ASSERT_TRUE(model.ok()) << model.status().ToString();
    EXPECT_EQ(model->info.digest, digests[static_cast<size_t>(model->info.step)]);
  }
  done = true;
  publisher.join();
}

}  // namespace
}  // namespace qt::qnet
