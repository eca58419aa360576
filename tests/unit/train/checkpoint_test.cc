// SPDX-License-Identifier: Apache-2.0
#include "train/checkpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <limits>

#include "tensors/safetensors.h"
#include "unit/train/tiny_world.h"

namespace qt::train {
namespace {

using ::testing::HasSubstr;

class CheckpointTest : public TrainTest {
 protected:
  // A checkpoint of 8 steps, to be spoilt.
  void SetUp() override {
    ASSERT_TRUE(Train("run", 8, SmallConfig()).ok());
    file_ = *tensors::LoadSafetensors(path_);
  }
  tensors::Tensor& Find(const std::string& name) {
    for (tensors::Tensor& tensor : file_.tensors) {
      if (tensor.name == name) return tensor;
    }
    ADD_FAILURE() << name;
    return file_.tensors.front();
  }
  void Spoil(const std::string& name) {
    const float nan = std::numeric_limits<float>::quiet_NaN();
    std::memcpy(Find(name).bytes.data(), &nan, sizeof nan);
  }
  std::string LoadError() {
    EXPECT_TRUE(
        tensors::SaveSafetensors(path_, file_.tensors, file_.metadata, Overwrite::kYes).ok());
    TrainState state(SmallConfig());
    size_t num_dropped = 0;
    const Status status = LoadCheckpoint(path_, replay_, state, &num_dropped);
    return status.ok() ? "ok" : status.ToString();
  }

  const std::string path_ = dir_.path() + "/run/checkpoints/step-00000008.safetensors";
  tensors::SafetensorsFile file_;
};

TEST_F(CheckpointTest, NumbersThatAreNotFiniteAreRefusedByTheirTensor) {
  EXPECT_EQ(LoadError(), "ok");
  Spoil("adamw.second/conv1.weight");
  EXPECT_EQ(LoadError(), path_ + ": tensor \"adamw.second/conv1.weight\" holds NaN");
  Spoil("online/conv2.bias");
  EXPECT_EQ(LoadError(), path_ + ": tensor \"online/conv2.bias\" holds NaN");
}

TEST_F(CheckpointTest, ItsNumbersAreReadStrictly) {
  for (const auto& [key, text] :
       {std::pair("step", "1e3"), std::pair("published_step", "8 "),
        std::pair("lagged_steps", "0,"), std::pair("online_since", "x")}) {
    const std::string good = std::exchange(file_.metadata[key], text);
    EXPECT_THAT(LoadError(), HasSubstr("\"" + std::string(key) + "\" is '" + text + "'"));
    file_.metadata[key] = good;
  }
  file_.metadata.erase("online_since");  // older ones have none
  EXPECT_EQ(LoadError(), "ok");
}

TEST_F(CheckpointTest, APolicyIsNone) {
  file_.metadata["format"] = "qt-model/1";
  EXPECT_THAT(LoadError(), HasSubstr("not a training checkpoint"));
}

}  // namespace
}  // namespace qt::train
