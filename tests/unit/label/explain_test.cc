// SPDX-License-Identifier: Apache-2.0
#include "label/explain.h"

#include <gtest/gtest.h>

#include "pictures.h"

namespace qt::label {
namespace {

// Pixels that are brightly green: what has appeared.
int CountGreen(const RgbImage& image) {
  int count = 0;
  for (size_t i = 0; i < image.rgb_HWC.size(); i += 3) {
    const uint8_t* rgb = &image.rgb_HWC[i];
    count += rgb[1] == 255 && rgb[0] < 128 && rgb[2] < 128;
  }
  return count;
}

TEST(Explain, ShowsWhatHasAppeared) {
  for (const bool success : {true, false}) {
    const Episode episode = MakeEpisode("a", success);
    const Result<RgbImage> picture = Explain(episode, {}, *LabelEpisode(episode, {}));
    ASSERT_TRUE(picture.ok());
    EXPECT_EQ(CountGreen(*picture) > 0, success);
    EXPECT_GT(picture->width_px, 3 * 300);
  }
}

TEST(Explain, TheGrippersViewIsASecondRow) {
  const Episode one = MakeEpisode("a", false), two = MakeViewedEpisode("a", false, true);
  const Result<RgbImage> one_row = Explain(one, {}, *LabelEpisode(one, {}));
  const Result<RgbImage> two_rows = Explain(two, {}, *LabelEpisode(two, {}));
  ASSERT_TRUE(one_row.ok() && two_rows.ok());
  EXPECT_GT(two_rows->height_px, one_row->height_px + 300);
  EXPECT_EQ(CountGreen(*one_row), 0);
  EXPECT_GT(CountGreen(*two_rows), 0);
}

TEST(Explain, WithoutPicturesItHasTheWords) {
  Episode episode = MakeEpisode("a", true);
  episode.evidence.clear();
  LabelOptions fingers;
  fingers.labeller = "opening";
  const Result<RgbImage> picture = Explain(episode, fingers, *LabelEpisode(episode, fingers));
  ASSERT_TRUE(picture.ok());
  EXPECT_LT(picture->height_px, 120);
}

}  // namespace
}  // namespace qt::label
