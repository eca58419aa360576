// SPDX-License-Identifier: Apache-2.0
// What a policy may be called.
#include "policy/policy_spec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "policy/released.h"

namespace qt::policy {
namespace {

TEST(PolicySpec, NamesOneOfOursOrAProcess) {
  EXPECT_EQ(PolicySpec().ToString(), "scripted");
  EXPECT_FALSE(PolicySpec::Parse("scripted")->is_process());
  EXPECT_EQ(PolicySpec::Parse("scripted:aimed")->mixture.aimed, 1);
  EXPECT_EQ(PolicySpec::Parse("random")->kind, PolicyKind::kRandom);
  const auto file = PolicySpec::Parse("no/such.safetensors");
  EXPECT_EQ(file->kind, PolicyKind::kFile);
  EXPECT_EQ(file->place, "no/such.safetensors");
  EXPECT_TRUE(file->is_process());
  const auto command = PolicySpec::Parse("exec:serve m.safetensors");
  EXPECT_EQ(command->kind, PolicyKind::kCommand);
  EXPECT_EQ(command->place, "serve m.safetensors");
  const auto socket = PolicySpec::Parse("unix:/run/m.safetensors");
  EXPECT_EQ(socket->kind, PolicyKind::kSocket);
  EXPECT_EQ(socket->place, "/run/m.safetensors");
  EXPECT_EQ(socket->ToString(), "unix:/run/m.safetensors");
}

TEST(PolicySpec, AReleasedPolicyHasAName) {
  EXPECT_THAT(ReleasedPolicies(), ::testing::ElementsAre("aligned-128", "aligned-64"));
  const auto released = PolicySpec::Parse("aligned-64");
  ASSERT_TRUE(released.ok());
  EXPECT_EQ(released->kind, PolicyKind::kFile);
  EXPECT_EQ(released->ToString(), "aligned-64");
  EXPECT_TRUE(std::filesystem::is_regular_file(released->place)) << released->place;
  EXPECT_EQ(PolicyFile("aligned-64"), released->place);
  for (const char* other : {"aligned-64.safetensors", "./aligned-64", "aligned", "../models"}) {
    EXPECT_EQ(PolicyFile(other), other);
  }
  EXPECT_EQ(PolicySpec::Parse("aligned").status().message(),
            "wants scripted, random, a .safetensors file, a released policy (aligned-128, "
            "aligned-64), unix:PATH or exec:COMMAND, not 'aligned'");
}

TEST(PolicySpec, WhatItIsNotIsAUsageError) {
  for (const char* bad : {"", "scripted:x", "skripted", "exec:", "unix:", "model.pt"}) {
    EXPECT_EQ(PolicySpec::Parse(bad).status().code(), Code::kUsage) << bad;
  }
  EXPECT_EQ(PolicySpec::Parse("scripted:x").status().message(),
            "scripted: wants uniform, aimed, aligned or noise, not 'x'");
}

}  // namespace
}  // namespace qt::policy
