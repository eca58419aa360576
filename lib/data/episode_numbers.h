// SPDX-License-Identifier: Apache-2.0
// Numbers that conditions and statistics of episodes share. NaN: not known.
#pragma once

#include <limits>

#include "mdp/episode.h"

namespace qt::data {

inline constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

double ReturnOf(const Label& label);  // sum of the rewards, not discounted
// Mean, first and last over the actions whose Q value is known.
double MeanQValue(const Episode& episode);
double FirstQValue(const Episode& episode);
double LastQValue(const Episode& episode);
int FirstImageWidth(const Episode& episode);  // px; 0 without steps
int FirstImageHeight(const Episode& episode);

}  // namespace qt::data
