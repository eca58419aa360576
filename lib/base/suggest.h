// SPDX-License-Identifier: Apache-2.0
// Which name was probably meant: the suggestions in messages about wrong flags, keys and choices.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace qt {

// The candidate that `word` was probably meant to be, or "" if none is near.
std::string Nearest(std::string_view word, const std::vector<std::string>& candidates);

// ", did you mean 'X'?" or "".
std::string DidYouMean(std::string_view word, const std::vector<std::string>& candidates,
                       std::string_view prefix = "");

}  // namespace qt
