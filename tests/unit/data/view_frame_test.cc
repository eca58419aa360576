// SPDX-License-Identifier: Apache-2.0
#include "data/view_frame.h"

#include <gmock/gmock.h>

#include "unit/data/data_test_util.h"

namespace qt::data {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

using Pixel = std::array<uint8_t, 3>;

Pixel PixelAt(const RgbImage& image, int u_px, int v_px) {
  const uint8_t* p = &image.rgb_HWC[size_t(3) * size_t(v_px * image.width_px + u_px)];
  return {p[0], p[1], p[2]};
}

TEST(ViewFrameTest, ARowShowsTheFirstAndTheLastStepAndTheVerdict) {
  EXPECT_THAT(StepsOfRow(3, 8), ElementsAre(0, 1, 2, 3));
  EXPECT_THAT(StepsOfRow(9, 3), ElementsAre(0, 4, 8, 9));
  EXPECT_THAT(StepsOfRow(20, 1), ElementsAre(0, 20));
}

TEST(ViewFrameTest, APictureKeepsItsShape) {
  Episode episode = MakeEpisode("a", 1);
  episode.steps[0].observation.image = {ImageEncoding::kRgb8, 8, 4, Bytes(96, 100)};
  const FrameSize size = FrameSizeFor(episode, 100);
  EXPECT_EQ(size.picture_width_px, 100);
  EXPECT_EQ(size.picture_height_px, 50);
}

TEST(ViewFrameTest, ThePictureIsAboveALineInTheColourOfTheLabel) {
  const Episode episode = MakeEpisode("a", 2);
  const Label success = MakeLabel("sim", true, 2), failure = MakeLabel("sim", false, 2);
  const FrameSize size = FrameSizeFor(episode, 64);
  const auto line_of = [&](const Label* label) {
    const auto frame = DrawStep({episode, 0, label}, 0, size);
    EXPECT_TRUE(frame.ok());
    EXPECT_EQ(frame->height_px, size.height_px());
    EXPECT_EQ(PixelAt(*frame, 5, 5), (Pixel{1, 1, 1}));  // the shade of step 0
    return PixelAt(*frame, 5, size.picture_height_px);
  };
  EXPECT_GT(line_of(&success)[1], line_of(&success)[0]);
  EXPECT_GT(line_of(&failure)[0], line_of(&failure)[1]);
  EXPECT_EQ(line_of(nullptr)[0], line_of(nullptr)[1]);
}

TEST(ViewFrameTest, APictureThatCannotBeDecodedIsSaid) {
  Episode episode = MakeEpisode("a", 1);
  episode.steps[0].observation.image = {ImageEncoding::kJpeg, 4, 4, Bytes(10, 1)};
  const auto frame = DrawStep({episode, 0, nullptr}, 0, FrameSizeFor(episode, 64));
  EXPECT_EQ(frame.status().code(), Code::kCorrupt);
}

TEST(ContactSheetTest, RowsStandBelowEachOther) {
  const Episode one = MakeEpisode("a", 2), two = MakeEpisode("b", 4);
  ContactSheet sheet(64, 8);
  ASSERT_TRUE(sheet.Add({one, 0, nullptr}).ok());
  const RgbImage first = sheet.Draw();
  ASSERT_TRUE(sheet.Add({two, 1, nullptr}).ok());
  const RgbImage both = sheet.Draw();
  EXPECT_EQ(sheet.num_rows(), 2u);
  EXPECT_GT(both.width_px, first.width_px);
  EXPECT_NEAR(both.height_px, 2 * first.height_px, 4);
}

TEST(ContactSheetTest, TooLargeASheetIsRefused) {
  const Episode episode = MakeEpisode("a", 20);
  ContactSheet sheet(2048, 20);
  Status status;
  for (int i = 0; i < 4 && status.ok(); ++i) status = sheet.Add({episode, 0, nullptr});
  EXPECT_THAT(status.message(), HasSubstr("choose some with --episodes"));
}

}  // namespace
}  // namespace qt::data
