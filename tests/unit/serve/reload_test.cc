// SPDX-License-Identifier: Apache-2.0
// Which files replace the model, which are refused, and which are tried again.
#include "serve/reload.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <functional>
#include <thread>

#include "base/file.h"
#include "fakes.h"
#include "support/temp_dir.h"

namespace qt::serve {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr ReloadTimes kFast = {
    .look = milliseconds(2), .first_retry = milliseconds(10), .last_retry = milliseconds(40)};

bool Eventually(const std::function<bool()>& condition) {
  for (int i = 0; i < 500; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(milliseconds(10));
  }
  return false;
}

// The served file's contents are a digest; "bad" is no policy, "throws" is more than memory holds.
class ReloadTest : public ::testing::Test {
 protected:
  ReloadTest() : service_(*Service::Create(BowlModel(), {})) { Put("d1"); }

  void Start() { reloader_.emplace(path_, FileVersionOf(path_), Loader(), *service_, kFast); }
  void Put(const std::string& digest) {
    ASSERT_TRUE(WriteWholeFile(path_, digest, Overwrite::kYes).ok());
  }
  Reloader::Load Loader() {
    return [this]() -> Result<ServedModel> {
      ++num_loads_;
      if (locked_) return Failed("permission denied").At(path_);
      QT_ASSIGN(const std::string digest, ReadWholeFile(path_));
      if (digest == "throws") throw std::runtime_error("thrown");
      if (digest.starts_with("bad")) return Corrupt("is no model");
      ServedModel model = BowlModel();
      if (digest == "wide") model.hello.image_width_px *= 2;
      model.hello.digest = digest;
      return model;
    };
  }
  bool Serves(const std::string& digest) {
    return Eventually([&] { return service_->hello().digest == digest; });
  }
  bool Counts(const std::string& result, int count) {
    const std::string line =
        "qt_reloads_total{result=\"" + result + "\"} " + std::to_string(count) + "\n";
    return Eventually([&] { return service_->MetricsText().find(line) != std::string::npos; });
  }

  TempDir dir_;
  const std::string path_ = dir_.File("m.safetensors");
  std::unique_ptr<Service> service_;
  std::atomic<bool> locked_ = false;
  std::atomic<int> num_loads_ = 0;
  std::optional<Reloader> reloader_;
};

TEST_F(ReloadTest, FollowsTheFileAndRefusesWhatIsNoPolicy) {
  Start();
  Put("d2");
  EXPECT_TRUE(Serves("d2"));
  testing::internal::CaptureStderr();
  Put("bad");
  EXPECT_TRUE(Counts("refused", 1));
  Put("throws");
  EXPECT_TRUE(Counts("refused", 2));
  const std::string said = testing::internal::GetCapturedStderr();
  EXPECT_THAT(said, HasSubstr("is no model; the old model goes on"));
  EXPECT_THAT(said, HasSubstr("thrown; the old model goes on"));
  EXPECT_EQ(std::count(said.begin(), said.end(), '\n'), 2) << said;
  EXPECT_EQ(service_->hello().digest, "d2");
  std::filesystem::remove(path_);
  std::this_thread::sleep_for(milliseconds(20));
  Put("d3");
  EXPECT_TRUE(Serves("d3"));
  EXPECT_TRUE(Counts("loaded", 2));
}

TEST_F(ReloadTest, WhatIsNoPolicyOrDoesNotFitIsNotReadAgain) {
  Start();
  Put("bad");
  EXPECT_TRUE(Counts("refused", 1));
  Put("wide");
  EXPECT_TRUE(Counts("refused", 2));
  const int num_loads = num_loads_;
  std::this_thread::sleep_for(milliseconds(100));
  EXPECT_EQ(num_loads_, num_loads);
  EXPECT_EQ(service_->hello().digest, "d1");
}

TEST_F(ReloadTest, WhatCannotBeReadForAWhileIsTriedAgainAndToldOnce) {
  Start();
  testing::internal::CaptureStderr();
  locked_ = true;
  Put("d2");
  EXPECT_TRUE(Eventually([&] { return num_loads_ >= 4; }));
  const std::string said = testing::internal::GetCapturedStderr();
  EXPECT_THAT(said, HasSubstr("m.safetensors: permission denied; the old model goes on (step 0) "
                              "until this can be read\n"));
  EXPECT_EQ(std::count(said.begin(), said.end(), '\n'), 1) << said;
  locked_ = false;
  EXPECT_TRUE(Serves("d2"));
  EXPECT_TRUE(Counts("refused", 1));
  EXPECT_TRUE(Counts("loaded", 1));
}

TEST_F(ReloadTest, APauseGrowsUpToItsLimit) {
  locked_ = true;
  Start();
  Put("d2");
  std::this_thread::sleep_for(milliseconds(400));
  EXPECT_LE(num_loads_, 14);  // 10, 20, then every 40 ms
  EXPECT_GE(num_loads_, 4);
}

TEST_F(ReloadTest, APipeIsRefusedWithoutWaitingForItsWriter) {
  Start();
  ASSERT_EQ(::mkfifo(dir_.File("pipe").c_str(), 0600), 0);
  std::filesystem::rename(dir_.File("pipe"), path_);
  EXPECT_TRUE(Counts("refused", 1));
  EXPECT_EQ(num_loads_, 0);
}

}  // namespace
}  // namespace qt::serve
