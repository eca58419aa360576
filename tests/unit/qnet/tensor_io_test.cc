// SPDX-License-Identifier: Apache-2.0
#include "qnet/tensor_io.h"

#include <gtest/gtest.h>

#include <limits>

#include "qnet/network.h"

namespace qt::qnet {
namespace {

TEST(TensorIoTest, ParametersRoundTripAndErrorsNameTheTensor) {
  const NetworkPtr from = MakeNetwork({}), to = MakeNetwork({});
  std::vector<tensors::Tensor> tensors;
  AppendParameters("policy", *from, tensors);
  NamedTensors named = *ToNamed(tensors);
  ASSERT_TRUE(LoadParameters("policy", named, *to).ok());
  const auto a = from->parameters(), b = to->parameters();
  for (size_t i = 0; i < a.size(); ++i) EXPECT_TRUE(torch::equal(a[i], b[i]));

  NamedTensors wrong_shape = named;
  wrong_shape["policy/linear3.bias"] = torch::zeros({2});
  EXPECT_NE(LoadParameters("policy", wrong_shape, *to).message().find("policy/linear3.bias"),
            std::string::npos);
  named.erase("policy/conv2.weight");
  EXPECT_NE(LoadParameters("policy", named, *to).message().find("policy/conv2.weight"),
            std::string::npos);
}

TEST(TensorIoTest, NumbersThatAreNotFiniteAreNamed) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float infinity = std::numeric_limits<float>::infinity();
  EXPECT_TRUE(CheckFinite("x", torch::tensor({1.0f, -3e38f})).ok());
  EXPECT_TRUE(CheckFinite("x", torch::empty({0})).ok());
  EXPECT_EQ(CheckFinite("x", torch::tensor({1.0f, nan})).message(), "tensor \"x\" holds NaN");
  EXPECT_EQ(CheckFinite("x", torch::tensor({-infinity})).message(),
            "tensor \"x\" holds an infinite number");
}

}  // namespace
}  // namespace qt::qnet
