// SPDX-License-Identifier: Apache-2.0
#include "train/run_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <sstream>

#include "tensors/tfrecord.h"
#include "unit/train/tiny_world.h"

namespace qt::train {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class RunFolderTest : public TrainTest {
 protected:
  void Put(const std::string& name) {
    ASSERT_TRUE(WriteWholeFile(path_ + "/checkpoints/" + name, "x", Overwrite::kNo).ok());
  }
  const std::string path_ = dir_.path() + "/run";
};

TEST_F(RunFolderTest, ACheckpointIsAStepInDigitsAndTheGreatestNumberIsTheNewest) {
  auto folder = *RunFolder::Create(path_, Json::object(), false);
  EXPECT_FALSE(folder->NewestCheckpoint());
  for (const char* name :
       {"step-00000020.safetensors", "step-00000009.safetensors", "step-100000000.safetensors",
        "step-best.safetensors", "step-.safetensors", "step--5.safetensors", "step-7x.safetensors",
        "step-99999999999999999999.safetensors", "step-00000030.safetensors.old"}) {
    Put(name);
  }
  ASSERT_TRUE(folder->NewestCheckpoint());
  EXPECT_EQ(folder->NewestCheckpoint()->step, 100000000);
  EXPECT_THAT(folder->NewestCheckpoint()->path, HasSubstr("/step-100000000.safetensors"));
  folder->PruneCheckpoints(2);
  EXPECT_FALSE(fs::exists(folder->CheckpointPath(9)));
  EXPECT_TRUE(fs::exists(folder->CheckpointPath(20)));
  EXPECT_TRUE(fs::exists(path_ + "/checkpoints/step-best.safetensors"));
}

TEST_F(RunFolderTest, KeepsTheNewestPoliciesAndTakesThemAwayWithTheRun) {
  auto folder = *RunFolder::Create(path_, Json::object(), false);
  for (const int64_t step : {0, 50, 100}) {
    ASSERT_TRUE(WriteWholeFile(folder->PolicyPath(), std::to_string(step), Overwrite::kYes).ok());
    ASSERT_TRUE(folder->KeepPolicy(step, 2).ok());
  }
  EXPECT_FALSE(fs::exists(path_ + "/policies/step-00000000.safetensors"));
  EXPECT_EQ(Read("run/policies/step-00000050.safetensors"), "50");
  EXPECT_EQ(Read("run/policies/step-00000100.safetensors"), "100");
  ASSERT_TRUE(WriteWholeFile(path_ + "/policies/mine", "x", Overwrite::kNo).ok());
  folder.reset();
  ASSERT_TRUE(RunFolder::Create(path_, Json::object(), true).ok());
  EXPECT_FALSE(fs::exists(path_ + "/policies/step-00000100.safetensors"));
  EXPECT_TRUE(fs::exists(path_ + "/policies/mine"));
}

TEST_F(RunFolderTest, ANewRunRefusesTheCheckpointsOfAnother) {
  fs::create_directories(path_ + "/checkpoints");
  Put("step-00000040.safetensors");
  Put("mine.safetensors");
  EXPECT_THAT(RunFolder::CheckFree(path_, false).ToString(), HasSubstr("already holds a run"));
  EXPECT_FALSE(RunFolder::Create(path_, Json::object(), false).ok());
  const auto folder = RunFolder::Create(path_, Json::object(), true);
  ASSERT_TRUE(folder.ok());
  EXPECT_FALSE((*folder)->NewestCheckpoint());
  EXPECT_TRUE(fs::exists(path_ + "/checkpoints/mine.safetensors"));
}

TEST_F(RunFolderTest, APlaceThatThePolicyCannotTakeIsSaidBeforeTheWork) {
  fs::create_directories(path_ + "/policy.safetensors/mine");
  EXPECT_THAT(RunFolder::Create(path_, Json::object(), true).status().ToString(),
              HasSubstr("policy.safetensors: is a folder"));
  ASSERT_TRUE(WriteWholeFile(path_ + "/config.json", "{}", Overwrite::kNo).ok());
  EXPECT_THAT(RunFolder::Resume(path_).status().ToString(),
              HasSubstr("policy.safetensors: is a folder"));
}

// Bytes of a name that is not UTF-8 come from the user's folders.
TEST_F(RunFolderTest, TextThatIsNotUtf8IsWrittenAsReplacementCharacters) {
  auto folder = *RunFolder::Create(path_, {{"label", "sp\xe9"}}, false);
  EXPECT_THAT(Read("run/config.json"), HasSubstr("sp\xef\xbf\xbd"));
  ASSERT_TRUE(WriteWholeFile(folder->CandidatePath(), "weights", Overwrite::kNo).ok());
  EXPECT_TRUE(folder->Promote({{"objects", "sp\xe9"}}).ok());
}

TEST_F(RunFolderTest, EventsOfAResumedRunSayFromWhichStepAndRepeatThatStep) {
  ASSERT_TRUE(Train("run", 10, SmallConfig()).ok());
  for (const auto& entry : fs::directory_iterator(path_)) {  // or both are of the same second
    if (entry.path().filename().string().starts_with("events.")) fs::remove(entry.path());
  }
  ASSERT_TRUE(Train("run", 15, SmallConfig()).ok());
  std::string file;
  for (const auto& entry : fs::directory_iterator(path_)) {
    if (entry.path().filename().string().starts_with("events.")) file = entry.path();
  }
  tensors::TfRecordReader reader(*OpenFile(file));
  std::vector<std::string> events;
  for (auto record = reader.Next(); record.ok() && *record; record = reader.Next()) {
    events.emplace_back((*record)->data.begin() + 9, (*record)->data.end());  // after the time
  }
  ASSERT_EQ(events.size(), 4u);
  EXPECT_EQ(events[1], std::string("\x10\x0a\x3a\x02\x08\x01"));  // step 10, session_log: START
  EXPECT_TRUE(events[2].starts_with("\x10\x0a\x2a"));             // step 10, summary
  EXPECT_THAT(events[2], HasSubstr("td_error"));
  EXPECT_TRUE(events[3].starts_with("\x10\x0f\x2a"));  // step 15
}

TEST_F(RunFolderTest, ResumingLogsEachStepOnce) {
  const TrainConfig config = SmallConfig();
  ASSERT_TRUE(Train("run", 10, config).ok());
  // A crash after the checkpoint: the log is ahead of it.
  auto log = OpenForAppend(dir_.path() + "/run/metrics.jsonl");
  ASSERT_TRUE((*log)->Write(AsBytes("{\"step\":15,\"loss\":1}\n{\"step\":2")).ok());
  ASSERT_TRUE((*log)->Flush().ok());
  log->reset();
  ASSERT_TRUE(Train("run", 20, config).ok());
  std::vector<int> steps;
  std::istringstream lines(Read("run/metrics.jsonl"));
  for (std::string line; std::getline(lines, line);) steps.push_back(Json::parse(line).at("step"));
  EXPECT_THAT(steps, ::testing::ElementsAre(5, 10, 15, 20));
}

TEST_F(RunFolderTest, AFolderWithARunIsNotOverwritten) {
  const TrainConfig config = SmallConfig();
  ASSERT_TRUE(Train("run", 2, config).ok());
  const std::string path = dir_.path() + "/run";
  EXPECT_FALSE(RunFolder::Create(path, json::Write(config), false).ok());
  EXPECT_TRUE(RunFolder::Create(path, json::Write(config), true).ok());
  EXPECT_FALSE(fs::exists(path + "/policy.safetensors"));
}

TEST_F(RunFolderTest, KeepsOnlyTheNewestCheckpoints) {
  const TrainConfig config = SmallConfig();
  auto folder = *RunFolder::Create(dir_.path() + "/run", json::Write(config), false);
  LoopOptions options;
  options.config.steps = 10;
  options.config.checkpoint_steps = 2;
  options.config.keep = 2;
  ASSERT_TRUE(RunTraining(config, options, replay_, *folder).ok());
  EXPECT_FALSE(fs::exists(folder->CheckpointPath(6)));
  EXPECT_TRUE(fs::exists(folder->CheckpointPath(8)));
  EXPECT_EQ(folder->NewestCheckpoint()->path, folder->CheckpointPath(10));
}

TEST_F(RunFolderTest, TheCandidateBecomesTheBestPolicy) {
  auto folder = *RunFolder::Create(dir_.path() + "/run", Json::object(), false);
  EXPECT_TRUE(folder->Best().is_null());
  ASSERT_TRUE(WriteWholeFile(folder->CandidatePath(), "weights", Overwrite::kNo).ok());
  ASSERT_TRUE(folder->Promote({{"success_low", 0.5}}).ok());
  EXPECT_EQ(folder->Best().at("success_low"), 0.5);
  EXPECT_EQ(*ReadWholeFile(dir_.path() + "/run/best.safetensors"), "weights");
  EXPECT_FALSE(fs::exists(folder->CandidatePath()));
}

TEST_F(RunFolderTest, IsOpenOnceAtATime) {
  const std::string path = dir_.path() + "/run";
  auto folder = *RunFolder::Create(path, Json::object(), false);
  EXPECT_EQ(RunFolder::Resume(path).status().code(), Code::kBusy);
  EXPECT_EQ(RunFolder::Create(path, Json::object(), true).status().code(), Code::kBusy);
  EXPECT_TRUE(fs::exists(path + "/config.json"));
  folder.reset();
  EXPECT_TRUE(RunFolder::Resume(path).ok());
}

TEST_F(RunFolderTest, ResumingSweepsUpWhatAKilledRunLeft) {
  const std::string path = dir_.path() + "/run";
  auto folder = *RunFolder::Create(path, Json::object(), false);
  for (const std::string& name :
       {folder->CandidatePath(), path + "/.policy.safetensors.1-2.tmp",
        path + "/checkpoints/.step-00000007.safetensors.1-3.tmp", path + "/mine.txt"}) {
    ASSERT_TRUE(WriteWholeFile(name, "half", Overwrite::kNo).ok());
  }
  const std::string candidate = folder->CandidatePath();
  folder.reset();
  ASSERT_TRUE(RunFolder::Resume(path).ok());
  EXPECT_FALSE(fs::exists(candidate));
  EXPECT_TRUE(fs::is_empty(path + "/checkpoints"));
  EXPECT_FALSE(fs::exists(path + "/.policy.safetensors.1-2.tmp"));
  EXPECT_TRUE(fs::exists(path + "/mine.txt"));
}

}  // namespace
}  // namespace qt::train
