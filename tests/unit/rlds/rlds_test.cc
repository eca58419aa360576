// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cmath>

#include "rlds/rlds_import.h"
#include "support/rlds_sample.h"
#include "support/temp_dir.h"

namespace qt::rlds {
namespace {

using ::testing::ElementsAre;

RldsOrigin SampleOrigin() { return {"kuka", "0.1.0", "train", 3, "shard", 12, "qt-data"}; }

Result<Episode> Import(const ExampleBuilder& builder, const RldsFeatures& features = {},
                       RldsDropped* dropped = nullptr) {
  const Bytes message = builder.Build();
  QT_ASSIGN(const TfExample example, ParseTfExample(message));
  RldsDropped ignored;
  return EpisodeFromRlds(example, features, SampleOrigin(),
                         dropped == nullptr ? &ignored : dropped);
}

std::string ErrorOf(const ExampleBuilder& builder, const RldsFeatures& features = {}) {
  return Import(builder, features).status().message();
}

TEST(RldsEpisodeTest, EveryFieldGoesWhereItBelongs) {
  RldsDropped dropped;
  const auto episode = Import(KukaExample(), {}, &dropped);
  ASSERT_TRUE(episode.ok()) << episode.status().ToString();
  EXPECT_EQ(episode->id, "kuka/0.1.0/train/00003/12");
  EXPECT_EQ(episode->run_id, "kuka/0.1.0/train/00003");
  EXPECT_EQ(episode->index, 12u);
  EXPECT_EQ(episode->task, "kuka");
  EXPECT_EQ(episode->env, "kuka/0.1.0");
  EXPECT_EQ(
      episode->env_config,
      "{\"shard\":\"shard\",\"record\":12,\"workspace_bounds\":[1.0,1.0,1.0,1.0,1.0,1.0,1.0,1.0,"
      "1.0],\"task_id\":7.0,\"instruction\":\"pick\"}");
  EXPECT_EQ(episode->end_reason, EndReason::kTerminated);
  EXPECT_FALSE(episode->camera.valid());
  EXPECT_EQ(episode->camera.width_px, 16);
  ASSERT_EQ(episode->steps.size(), 3u);
  const Step& second = episode->steps[1];
  EXPECT_EQ(second.observation.image.bytes, SampleJpeg().bytes);
  EXPECT_EQ(second.observation.image.width_px, 16);
  EXPECT_EQ(second.observation.gripper.height_m, 0.125f);
  EXPECT_EQ(second.observation.gripper.x_m, 0.625f);
  EXPECT_NEAR(second.observation.gripper.yaw_rad, std::numbers::pi / 2, 1e-6);
  EXPECT_EQ(episode->steps[2].observation.gripper.opening, 0);
  EXPECT_FLOAT_EQ(second.action.dz_m, 0.06f);
  EXPECT_FLOAT_EQ(second.action.dyaw_rad(), -0.5f);
  EXPECT_EQ(second.stamp_ns - episode->steps[0].stamp_ns, 100'000'000);
  EXPECT_FALSE(second.is_terminal);
  EXPECT_TRUE(episode->steps[2].is_terminal);
  EXPECT_THAT(dropped, ElementsAre(std::pair("steps/observation/natural_language_embedding", 1u)));
}

TEST(RldsEpisodeTest, LabelsAndKeepsFailures) {
  for (bool success : {true, false}) {
    const auto episode = Import(KukaExample(success));
    ASSERT_TRUE(episode.ok());
    ASSERT_EQ(episode->labels.size(), 1u);
    const Label& label = episode->labels[0];
    EXPECT_EQ(label.source, "dataset:kuka/0.1.0");
    EXPECT_EQ(label.success, success);
    EXPECT_EQ(label.confidence, 1);
    EXPECT_THAT(label.reward, ElementsAre(0, 0, success ? 1 : 0));
    EXPECT_EQ(label.content_hash, 0u) << "which is left to the writer";
  }
  EXPECT_TRUE(Import(KukaExample().Without("success"))->labels[0].success);
  EXPECT_FALSE(Import(KukaExample(false).Without("success"))->labels[0].success);
  EXPECT_THAT(Import(KukaExample().Without("steps/reward"))->labels[0].reward,
              ElementsAre(0, 0, 1));
  EXPECT_TRUE(Import(KukaExample().Without("success").Without("steps/reward"))->labels.empty());
}

std::string Commands(const std::vector<float>& closedness, std::vector<float>* openings) {
  ExampleBuilder builder = KukaExample();
  builder.Without("steps/action/gripper_closedness_action")
      .Floats("steps/action/gripper_closedness_action", closedness)
      .Without("steps/observation/gripper_closed");
  const auto episode = Import(builder);
  std::string commands;
  openings->clear();
  for (const Step& step : episode->steps) {
    commands += "moct"[static_cast<int>(step.action.Kind())];
    openings->push_back(step.observation.gripper.opening);
  }
  return commands;
}

TEST(RldsEpisodeTest, RelativeGripperCommands) {
  std::vector<float> openings;
  EXPECT_EQ(Commands({0.1f, 0.2f, -0.2f}, &openings), "mct");  // the last one terminates
  EXPECT_THAT(openings, ElementsAre(1, 1, 0));
  EXPECT_EQ(Commands({-1, 0.05f, 1}, &openings), "omt");
  EXPECT_THAT(openings, ElementsAre(0, 1, 1));
  EXPECT_EQ(Commands({0, 0, 0}, &openings), "mmt");
  EXPECT_THAT(openings, ElementsAre(1, 1, 1));
}

TEST(RldsEpisodeTest, TerminateCountsAtTheEndOnlyAndIfItIsOneHot) {
  const auto last_kind = [](const std::vector<int64_t>& terminate) {
    return Import(KukaExample()
                      .Without("steps/action/terminate_episode")
                      .Ints("steps/action/terminate_episode", terminate))
        ->steps;
  };
  EXPECT_EQ(last_kind({1, 0, 0, 0, 1, 0, 0, 1, 0})[0].action.Kind(), ActionKind::kMove);
  EXPECT_EQ(last_kind({0, 1, 0, 0, 1, 0, 1, 1, 0})[2].action.Kind(), ActionKind::kMove);
  EXPECT_EQ(last_kind({0, 1, 0, 0, 1, 0, 1, 0, 0})[2].action.Kind(), ActionKind::kTerminate);
}

TEST(RldsEpisodeTest, CutOffEpisodesAreNotTerminal) {
  const auto episode =
      Import(KukaExample().Without("steps/is_terminal").Ints("steps/is_terminal", {0, 0, 0}));
  EXPECT_FALSE(episode->steps[2].is_terminal);
  EXPECT_EQ(episode->end_reason, EndReason::kLimit);
}

Bytes Raw(float value) {
  const std::vector<float> values = {value};
  const ByteSpan bytes = RawBytes(values);
  return {bytes.begin(), bytes.end()};
}

// One stored (not deflated) block.
Bytes Stored(float value) {
  uint32_t a = 1, b = 0;
  Bytes bytes = {0x78, 0x01, 0x01, 0x04, 0x00, 0xFB, 0xFF};
  for (uint8_t byte : Raw(value)) {
    bytes.push_back(byte);
    a += byte;
    b += a;
  }
  for (uint32_t sum : {b % 65521, a % 65521}) {
    bytes.push_back(static_cast<uint8_t>(sum >> 8));
    bytes.push_back(static_cast<uint8_t>(sum));
  }
  return bytes;
}

ExampleBuilder WithClosed(const std::vector<Bytes>& values) {
  const std::string name = "steps/observation/gripper_closed";
  return KukaExample().Without(name).Strings(name, values);
}

TEST(RldsEpisodeTest, EncodingsOfNumbers) {
  const std::string name = "steps/observation/gripper_closed";
  const auto opening = [](const Result<Episode>& episode) {
    return episode.ok() ? episode->steps[1].observation.gripper.opening : -1;
  };
  const ExampleBuilder zlib = WithClosed({Stored(0), Stored(0.75f), Stored(1)});
  const ExampleBuilder raw = WithClosed({Raw(0), Raw(0.75f), Raw(1)});
  EXPECT_EQ(opening(Import(zlib, {{name, {RldsEncoding::kZlib, "float32"}}})), 0.25f);
  EXPECT_EQ(opening(Import(raw, {{name, {RldsEncoding::kBytes, "float32"}}})), 0.25f);
  EXPECT_EQ(opening(Import(zlib)), 0.25f);
  EXPECT_EQ(opening(Import(raw)), 0.25f);
  EXPECT_EQ(opening(Import(zlib, {{name, {RldsEncoding::kNone, "float32"}}})), 0.25f);
  const ExampleBuilder bools = WithClosed({{0}, {1}, {1}});
  EXPECT_EQ(opening(Import(bools, {{name, {RldsEncoding::kBytes, "bool"}}})), 0);
  EXPECT_EQ(ErrorOf(zlib, {{name, {RldsEncoding::kBytes, "float32"}}}),
            "field \"" + name + "\": a string has 15 bytes instead of 4");
  EXPECT_EQ(ErrorOf(raw, {{name, {RldsEncoding::kZlib, "float32"}}}),
            "field \"" + name + "\": the compressed data are damaged");
  EXPECT_EQ(ErrorOf(raw, {{name, {RldsEncoding::kBytes, "bfloat16"}}}),
            "field \"" + name + "\": numbers of type bfloat16 are not supported");
}

TEST(RldsEpisodeTest, RefusesWhatDoesNotFit) {
  EXPECT_EQ(ErrorOf(KukaExample().Without("steps/is_first")),
            "field \"steps/is_first\": is missing; the data are no episodes of RLDS");
  EXPECT_EQ(ErrorOf(KukaExample().Without("steps/is_first").Ints("steps/is_first", {})),
            "the episode has no steps");
  EXPECT_EQ(ErrorOf(KukaExample().Without("steps/action/world_vector")),
            "field \"steps/action/world_vector\": is missing; the data are not laid out as kuka's");
  EXPECT_EQ(ErrorOf(KukaExample().Without("steps/reward").Floats("steps/reward", {0, 1})),
            "field \"steps/reward\": holds 2 values instead of 3");
  EXPECT_EQ(ErrorOf(KukaExample(true, {0x89, 'P', 'N', 'G'})), "the picture of step 0 is no JPEG");
  EXPECT_EQ(
      ErrorOf(KukaExample(), {{"steps/observation/image", {RldsEncoding::kNone, "", 640, 512}}}),
      "the picture of step 0 has 16x16 pixels, not what features.json says");
  EXPECT_EQ(ErrorOf(KukaExample()
                        .Without("steps/action/world_vector")
                        .Floats("steps/action/world_vector", Ramp(9, NAN, 0))),
            "the action of step 0 is not finite");
  EXPECT_EQ(ErrorOf(KukaExample().Without("steps/reward").Floats("steps/reward", {0, 0, INFINITY})),
            "field \"steps/reward\": a reward is not finite");
}

TEST(RldsFeaturesTest, Encodings) {
  const auto features = ParseRldsFeatures(R"({"featuresDict": {"features": {
    "success": {"tensor": {"shape": {}, "dtype": "bool", "encoding": "none"}},
    "steps": {"sequence": {"feature": {"featuresDict": {"features": {
      "observation": {"featuresDict": {"features": {
        "image": {"image": {"shape": {"dimensions": ["512", "640", "3"]}, "dtype": "uint8"}},
        "gripper_closed": {"tensor": {"dtype": "float32", "encoding": "zlib"}},
        "text": {"text": {}}}}}}}}}}}}})");
  ASSERT_TRUE(features.ok()) << features.status().ToString();
  EXPECT_EQ(features->at("success").encoding, RldsEncoding::kNone);
  EXPECT_EQ(features->at("success").dtype, "bool");
  EXPECT_EQ(features->at("steps/observation/gripper_closed").encoding, RldsEncoding::kZlib);
  EXPECT_EQ(features->at("steps/observation/image").width_px, 640);
  EXPECT_EQ(features->at("steps/observation/image").height_px, 512);
  EXPECT_EQ(features->size(), 4u);
  EXPECT_EQ(ParseRldsFeatures("[").status().message(), "is not valid JSON");
  EXPECT_EQ(ParseRldsFeatures(R"({"tensor": {"encoding": "lzma"}})").status().message(),
            "field \"\" has the unknown encoding \"lzma\"");
}

TEST(RldsFeaturesTest, ManyKeysCostLinearTime) {
  std::string text = "{";
  for (int i = 0; i < 100'000; ++i) text += "\"" + std::to_string(i) + "\":0,";
  text += "\"splits\":[]}";
  const auto start = std::chrono::steady_clock::now();
  EXPECT_TRUE(ParseRldsInfo(text).ok());
  static_cast<void>(ParseRldsFeatures(text).ok());
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(4));
}

TEST(RldsFeaturesTest, Info) {
  const auto info = ParseRldsInfo(R"({"name": "kuka", "version": "0.1.0", "fileFormat": "tfrecord",
    "splits": [{"name": "train", "shardLengths": ["567", 568]}]})");
  ASSERT_TRUE(info.ok()) << info.status().ToString();
  EXPECT_EQ(info->version, "0.1.0");
  ASSERT_EQ(info->splits.size(), 1u);
  EXPECT_THAT(info->splits[0].shard_lengths, ElementsAre(567, 568));
  EXPECT_EQ(
      ParseRldsInfo(R"({"splits": [{"name": "a", "shardLengths": ["x"]}]})").status().message(),
      "a shard length of split a is no number");
}

// A folder with dataset_info.json: three shards of one, two and one episodes.
class RldsFolder {
 public:
  RldsFolder() {
    Write("dataset_info.json", R"({"name": "kuka", "version": "0.1.0", "fileFormat": "tfrecord",
      "splits": [{"name": "train", "shardLengths": ["1", "2", "1"]}]})");
    Write(Shard(0), ShardOf({KukaExample(true).Build()}));
    Write(Shard(1), ShardOf({KukaExample(false).Build(), KukaExample(true).Build()}));
    Write(Shard(2), ShardOf({KukaExample(false).Build()}));
  }
  static std::string Shard(int number) {
    return "kuka-train.tfrecord-0000" + std::to_string(number) + "-of-00003";
  }
  void Write(const std::string& name, const Bytes& bytes) {
    Write(name, std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
  }
  void Write(const std::string& name, std::string_view text) {
    ASSERT_TRUE(WriteWholeFile(dir_.File(name), text, Overwrite::kYes).ok());
  }
  void Remove(const std::string& name) { std::filesystem::remove(dir_.File(name)); }
  const std::string& path() const { return dir_.path(); }

  struct Read {
    std::vector<std::string> ids, damage;
    std::string error;
  };
  // Paths in messages are shortened to their last part.
  Read Import(const std::string& shards = "", std::vector<std::string> inputs = {}) {
    Read read;
    if (inputs.empty()) inputs = {path()};
    auto found = FindRldsShards(inputs, *NumberSet::Parse(shards));
    if (!found.ok()) return {{}, {}, Shorten(found.status().ToString())};
    RldsStream stream(std::move(found).value(), "test");
    for (;;) {
      const auto next = stream.Next();
      if (!next.ok()) read.error = Shorten(next.status().ToString());
      if (!next.ok() || !*next) break;
      read.ids.push_back((*next)->id);
    }
    for (const Status& status : stream.damage()) read.damage.push_back(Shorten(status.ToString()));
    return read;
  }

 private:
  std::string Shorten(std::string text) const {
    const size_t at = text.find(path());
    return at == std::string::npos ? text : text.erase(at, path().size());
  }
  TempDir dir_;
};

TEST(RldsStreamTest, ReadsAFolderInOrder) {
  RldsFolder folder;
  const auto read = folder.Import();
  EXPECT_EQ(read.error, "");
  EXPECT_THAT(read.damage, ElementsAre());
  EXPECT_THAT(read.ids, ElementsAre("kuka/0.1.0/train/00000/0", "kuka/0.1.0/train/00001/0",
                                    "kuka/0.1.0/train/00001/1", "kuka/0.1.0/train/00002/0"));
  EXPECT_EQ(folder.Import("1").ids.size(), 2u);
  EXPECT_EQ(folder.Import("", {folder.path() + "/" + RldsFolder::Shard(2)}).ids.size(), 1u);
}

TEST(RldsStreamTest, SaysWhatIsMissing) {
  RldsFolder folder;
  folder.Remove(RldsFolder::Shard(1));
  EXPECT_THAT(folder.Import().damage,
              ElementsAre(": 1 of 3 shards of split train are missing (2 episode(s)): 1"));
  EXPECT_EQ(folder.Import().ids.size(), 2u);
  EXPECT_THAT(folder.Import("0,2").damage, ElementsAre());
  folder.Remove(RldsFolder::Shard(2));
  EXPECT_THAT(folder.Import().damage,
              ElementsAre(": 2 of 3 shards of split train are missing (3 episode(s)): 1-2"));
}

TEST(RldsStreamTest, DamageCostsAsLittleAsPossible) {
  RldsFolder folder;
  Bytes shard = ShardOf({KukaExample().Build(), KukaExample().Build()});
  const size_t size = shard.size() / 2;
  shard[100] ^= 1;
  folder.Write(RldsFolder::Shard(1), shard);
  auto read = folder.Import();
  EXPECT_EQ(read.ids.size(), 3u);
  EXPECT_THAT(read.damage, ElementsAre("/" + RldsFolder::Shard(1) +
                                       ": the checksum of record 0 does not match; it is skipped "
                                       "(at byte 0)"));
  shard[100] ^= 1;
  shard[size] ^= 1;  // a length
  folder.Write(RldsFolder::Shard(1), shard);
  read = folder.Import();
  EXPECT_EQ(read.ids.size(), 3u);
  EXPECT_THAT(read.damage, ElementsAre("/" + RldsFolder::Shard(1) +
                                       ": the length of record 1 is damaged; what follows in this "
                                       "file is lost; 1 episode(s) lost (at byte " +
                                       std::to_string(size) + ")"));
  folder.Write(RldsFolder::Shard(1), ShardOf({KukaExample().Build()}));
  EXPECT_THAT(folder.Import().damage, ElementsAre("/" + RldsFolder::Shard(1) +
                                                  ": holds 1 records; dataset_info.json says 2"));
  folder.Write(RldsFolder::Shard(1), ShardOf({{1, 2, 3}, KukaExample().Build()}));
  EXPECT_THAT(folder.Import().damage, ElementsAre("/" + RldsFolder::Shard(1) +
                                                  ": record 0: is no tf.Example; it is skipped (at "
                                                  "byte 0)"));
}

TEST(RldsStreamTest, WhatIsNoShardIsANoteAmongOthersAndAnErrorAlone) {
  RldsFolder folder;
  folder.Write(RldsFolder::Shard(1), "version https://git-lfs.github.com/spec/v1\n");
  const auto read = folder.Import();
  EXPECT_EQ(read.ids.size(), 2u);
  ASSERT_EQ(read.damage.size(), 1u);
  EXPECT_THAT(read.damage[0], ::testing::HasSubstr("is a pointer of Git LFS, not the data"));
  EXPECT_THAT(folder.Import("1").error, ::testing::HasSubstr("is a pointer of Git LFS"));
}

// Nobody says how many it should hold, but a shard of none is an upload that has failed.
TEST(RldsStreamTest, AnEmptyShardIsNamed) {
  RldsFolder folder;
  folder.Remove("dataset_info.json");
  folder.Write(RldsFolder::Shard(1), "");
  const auto read = folder.Import();
  EXPECT_EQ(read.ids.size(), 2u);
  EXPECT_THAT(read.damage, ElementsAre("/" + RldsFolder::Shard(1) + ": is empty"));
}

TEST(RldsStreamTest, InputsThatAreNone) {
  RldsFolder folder;
  TempDir empty;
  EXPECT_THAT(folder.Import("", {empty.path()}).error, ::testing::HasSubstr("holds no shards"));
  EXPECT_EQ(folder.Import("", {"no/such"}).error, "no/such: no such file or folder");
  folder.Write("features.json", "words");
  EXPECT_EQ(folder.Import().error, "/features.json: is not valid JSON (at byte 0)");
}

}  // namespace
}  // namespace qt::rlds
