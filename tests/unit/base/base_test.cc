// SPDX-License-Identifier: Apache-2.0
// Digests, random streams, Status and checks.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "base/check.h"
#include "base/digest.h"
#include "base/number_text.h"
#include "base/random.h"
#include "base/shared_bytes.h"
#include "base/status.h"

namespace qt {
namespace {

TEST(Digest, KnownValues) {
  EXPECT_EQ(Crc32(0, AsBytes("123456789")), 0xCBF43926u);
  EXPECT_EQ(Crc32(Crc32(0, AsBytes("1234")), AsBytes("56789")), 0xCBF43926u);
  EXPECT_EQ(Crc32(7, {}), 7u);
  Sha256 streamed;
  for (const char* part : {"a", "", "bc"}) streamed.Update(AsBytes(part));
  EXPECT_EQ(streamed.Hex(), Sha256Hex(AsBytes("abc")));
  EXPECT_EQ(Sha256Hex(AsBytes("abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(ContentHash().Value(), 0x2D06800538D394C2u);  // XXH3-64 of nothing
}

TEST(Digest, ContentHashIsStreamed) {
  ContentHash whole, parts;
  whole.Update(AsBytes("abcdef"));
  parts.Update(AsBytes("abc"));
  parts.Update(AsBytes("def"));
  EXPECT_EQ(whole.Value(), parts.Value());
}

TEST(Text, SizesSharesAndNumbers) {
  EXPECT_EQ(SizeText(640, 512), "640x512");
  EXPECT_EQ(HexText(0xAB), "00000000000000ab");
  EXPECT_EQ(Ratio(1, 4), 0.25);
  EXPECT_EQ(Ratio(0, 0), 0);
}

TEST(RandomStream, StreamsDependOnEveryPartOfTheirName) {
  const uint64_t first = RandomStream(1, "a", 2, 3).Next();
  EXPECT_EQ(RandomStream(1, "a", 2, 3).Next(), first);
  EXPECT_NE(RandomStream(2, "a", 2, 3).Next(), first);
  EXPECT_NE(RandomStream(1, "b", 2, 3).Next(), first);
  EXPECT_NE(RandomStream(1, "a", 3, 3).Next(), first);
  EXPECT_NE(RandomStream(1, "a", 2, 4).Next(), first);
  EXPECT_NE(RandomStream(1, "a", 3, 2).Next(), first);
}

TEST(RandomStream, RestoreContinuesExactly) {
  RandomStream rng(7, "x");
  rng.Normal();  // leaves a spare value
  const RandomStream::State state = rng.Save();
  const double normal = rng.Normal();
  const uint64_t next = rng.Next();
  RandomStream other(0);
  other.Restore(state);
  EXPECT_EQ(other.Normal(), normal);
  EXPECT_EQ(other.Next(), next);
}

TEST(RandomStream, DistributionsHaveTheRightMoments) {
  RandomStream rng(3, "moments");
  const int n = 100'000;
  double sum = 0, squares = 0, uniform = 0;
  for (int i = 0; i < n; ++i) {
    const double x = rng.Normal(2, 3);
    sum += x;
    squares += (x - 2) * (x - 2);
    uniform += rng.Uniform(-1, 3);
  }
  EXPECT_NEAR(sum / n, 2, 0.05);
  EXPECT_NEAR(std::sqrt(squares / n), 3, 0.05);
  EXPECT_NEAR(uniform / n, 1, 0.02);
}

TEST(RandomStream, BelowCoversItsRange) {
  RandomStream rng(5, "below");
  std::array<int, 5> counts{};
  for (int i = 0; i < 5000; ++i) ++counts.at(rng.Below(5));
  EXPECT_THAT(counts, ::testing::Each(::testing::AllOf(::testing::Gt(850), ::testing::Lt(1150))));
  EXPECT_THROW(rng.Below(0), ContractError);
}

TEST(Status, TheInnermostPlaceWins) {
  const Status status = Corrupt("bad").At("inner", 5).At("outer", 9);
  EXPECT_EQ(status.ToString(), "inner: bad (at byte 5)");
  EXPECT_EQ(Failed("bad").At("outer").ToString(), "outer: bad");
}

TEST(SharedBytes, AreSharedWholeAndInPart) {
  const SharedBytes whole = Bytes{1, 2, 3, 4};
  const SharedBytes copy = whole, part = whole.Part(ByteSpan(whole).subspan(1, 2));
  EXPECT_EQ(copy.data(), whole.data());
  EXPECT_EQ(part.data(), whole.data() + 1);
  EXPECT_EQ(part, SharedBytes({2, 3}));
  EXPECT_NE(part, whole);
  const Bytes elsewhere(2);
  EXPECT_THROW(static_cast<void>(whole.Part(elsewhere)), ContractError);
  EXPECT_TRUE(SharedBytes().empty());
}

TEST(SharedBytes, ASoleHolderTakesThemWithoutACopy) {
  SharedBytes bytes = Bytes{1, 2, 3};
  const uint8_t* data = bytes.data();
  SharedBytes moved = std::move(bytes);
  EXPECT_TRUE(bytes.empty());  // NOLINT(bugprone-use-after-move)
  const SharedBytes held = moved;
  EXPECT_NE(SharedBytes(moved).Take().data(), data) << "others hold them, too";
  SharedBytes last = Bytes{4, 5};
  data = last.data();
  EXPECT_EQ(std::move(last).Take().data(), data);
}

TEST(Status, GainsContextOnItsWayUp) {
  Status status = Corrupt("broken").At("a.mcap", 7).In("before_drop").In("episode a");
  EXPECT_EQ(status.ToString(), "episode a: before_drop: a.mcap: broken (at byte 7)");
  EXPECT_EQ(status.context(), "episode a: before_drop");
  EXPECT_EQ(status.path(), "a.mcap");
  EXPECT_EQ(Ok().In("anything").ToString(), "");
  EXPECT_EQ(Result<int>(Failed("no")).In("there").status().ToString(), "there: no");
  EXPECT_EQ(*Result<int>(3).In("there"), 3);
}

TEST(Status, ExitStatuses) {
  EXPECT_EQ(ExitStatus(Code::kOk), 0);
  EXPECT_EQ(ExitStatus(Code::kCorrupt), 1);
  EXPECT_EQ(ExitStatus(Code::kUsage), 2);
  EXPECT_EQ(ExitStatus(Code::kPartial), 3);
  EXPECT_EQ(ExitStatus(Code::kBusy), 75);
  EXPECT_EQ(ExitStatus(Code::kInterrupted), 130);
  EXPECT_EQ(ExitStatus(Code::kClosedPipe), 0);
}

Result<int> Half(int x) {
  if (x % 2 != 0) return Failed("odd");
  return x / 2;
}
Result<int> Quarter(int x) {
  QT_ASSIGN(const int half, Half(x));
  return Half(half);
}

TEST(Result, PropagatesErrors) {
  EXPECT_EQ(*Quarter(8), 2);
  EXPECT_EQ(Quarter(6).status().message(), "odd");
  EXPECT_TRUE(Quarter(8).status().ok());
}

TEST(Check, NamesTheValues) {
  try {
    const int n = -3;
    QT_CHECK(n > 0, "n", n);
    FAIL();
  } catch (const ContractError& error) {
    EXPECT_THAT(error.what(), ::testing::HasSubstr("requires n > 0 | n | -3"));
  }
}

}  // namespace
}  // namespace qt
