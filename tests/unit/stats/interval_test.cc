// SPDX-License-Identifier: Apache-2.0
// lib/stats against published values (Newcombe 1998, table I: Wilson intervals) and binomial tails
// counted by hand.
#include "stats/interval.h"

#include <gtest/gtest.h>

#include "base/check.h"

namespace qt::stats {
namespace {

TEST(NormalQuantile, KnownValues) {
  EXPECT_NEAR(NormalQuantile(0.95), 1.959963984540054, 1e-12);
  EXPECT_NEAR(NormalQuantile(0.99), 2.575829303548901, 1e-12);
  EXPECT_NEAR(NormalQuantile(0.6826894921370859), 1.0, 1e-12);
  EXPECT_THROW(NormalQuantile(1), ContractError);
}

struct WilsonCase {
  uint64_t successes, total;
  double low, high;
};

class WilsonTable : public testing::TestWithParam<WilsonCase> {};

TEST_P(WilsonTable, MatchesNewcombe) {
  const auto& [successes, total, low, high] = GetParam();
  const Interval interval = Wilson(successes, total);
  EXPECT_NEAR(interval.low, low, 5e-5);
  EXPECT_NEAR(interval.high, high, 5e-5);
}

INSTANTIATE_TEST_SUITE_P(Newcombe, WilsonTable,
                         testing::Values(WilsonCase{81, 263, 0.2553, 0.3662},
                                         WilsonCase{15, 148, 0.0624, 0.1605},
                                         WilsonCase{0, 20, 0.0, 0.1611},
                                         WilsonCase{1, 29, 0.0061, 0.1718}));

TEST(Wilson, EndsAreExactAndMirrored) {
  EXPECT_EQ(Wilson(0, 7).low, 0.0);
  EXPECT_EQ(Wilson(7, 7).high, 1.0);
  const Interval few = Wilson(3, 40), many = Wilson(37, 40);
  EXPECT_NEAR(few.low, 1 - many.high, 1e-15);
  EXPECT_NEAR(few.high, 1 - many.low, 1e-15);
}

TEST(Wilson, NothingTriedSaysNothing) {
  EXPECT_EQ(Wilson(0, 0).low, 0.0);
  EXPECT_EQ(Wilson(0, 0).high, 1.0);
  EXPECT_EQ(MakeRate(0, 0).rate, 0.0);
}

TEST(Wilson, NarrowsWithTheSampleAndWidensWithConfidence) {
  const auto width = [](const Interval& i) { return i.high - i.low; };
  EXPECT_LT(width(Wilson(500, 1000)), width(Wilson(50, 100)));
  EXPECT_GT(width(Wilson(50, 100, 0.99)), width(Wilson(50, 100, 0.95)));
}

TEST(Wilson, MoreSuccessesThanTriesIsABrokenContract) { EXPECT_THROW(Wilson(2, 1), ContractError); }

TEST(PairedTable, CountsEachCell) {
  PairedTable table;
  table.Add(true, true);
  table.Add(true, false);
  table.Add(true, false);
  table.Add(false, true);
  table.Add(false, false);
  EXPECT_EQ(table.both, 1u);
  EXPECT_EQ(table.only_first, 2u);
  EXPECT_EQ(table.only_second, 1u);
  EXPECT_EQ(table.neither, 1u);
  EXPECT_EQ(table.total(), 5u);
}

TEST(McNemarExact, BinomialTails) {
  EXPECT_NEAR(McNemarExact({.only_first = 1, .only_second = 9}), 22.0 / 1024, 1e-12);
  EXPECT_NEAR(McNemarExact({.only_first = 6, .only_second = 0}), 2.0 / 64, 1e-12);
  EXPECT_EQ(McNemarExact({.only_first = 5, .only_second = 5}), 1.0);
  EXPECT_EQ(McNemarExact({.both = 50, .neither = 50}), 1.0);
}

TEST(McNemarExact, ConcordantPairsDoNotMatterAndSidesAreEqual) {
  const double p = McNemarExact({.only_first = 12, .only_second = 30});
  EXPECT_EQ(p, McNemarExact({.both = 900, .only_first = 12, .only_second = 30, .neither = 7}));
  EXPECT_EQ(p, McNemarExact({.only_first = 30, .only_second = 12}));
  EXPECT_LT(McNemarExact({.only_first = 1200, .only_second = 1800}), 1e-20);
}

TEST(ChangeOf, AgrestiAndMin) {
  // b = 4, c = 16 of 86: centre (4 - 16) / 88, variance (21 / 88 - centre^2) / 88.
  const PairedTable table = {.both = 44, .only_first = 4, .only_second = 16, .neither = 22};
  const PairedChange change = ChangeOf(table);
  EXPECT_NEAR(change.difference, -12.0 / 86, 1e-12);
  EXPECT_NEAR(change.interval.low, -0.234371, 5e-6);
  EXPECT_NEAR(change.interval.high, -0.038356, 5e-6);
  EXPECT_EQ(ChangeOf({}).interval.low, -1);
}

TEST(HolmAdjusted, StepsDown) {
  const std::vector<double> adjusted = HolmAdjusted({0.01, 0.04, 0.03, 0.5});
  EXPECT_NEAR(adjusted[0], 0.04, 1e-12);
  EXPECT_NEAR(adjusted[2], 0.09, 1e-12);
  EXPECT_NEAR(adjusted[1], 0.09, 1e-12) << "never below a smaller p-value's";
  EXPECT_EQ(adjusted[3], 0.5);
  EXPECT_TRUE(HolmAdjusted({}).empty());
}

TEST(Series, MeanAndDeviation) {
  Series series;
  for (double value : {2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0}) series.Add(value);
  EXPECT_DOUBLE_EQ(series.mean(), 5.0);
  EXPECT_NEAR(series.stddev(), 2.138089935299395, 1e-12);
  EXPECT_EQ(series.min(), 2.0);
  EXPECT_EQ(series.max(), 9.0);
  EXPECT_EQ(Series().stddev(), 0.0);
}

}  // namespace
}  // namespace qt::stats
