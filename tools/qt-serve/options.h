// SPDX-License-Identifier: Apache-2.0
// What qt-serve can be told: the flag table and the struct it fills.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/setting.h"
#include "cem/cem.h"
#include "cli/flag_table.h"
#include "serve/server.h"
#include "serve/service.h"

namespace qt::serve {

struct Options {
  std::vector<std::string> model;  // exactly one
  bool stdio = false;
  ServerSettings server;
  PoolConfig pool{.max_delay_ms = 1000};
  When reload = When::kAuto;
  std::optional<CemConfig> cem;  // else the model's own
};

cli::FlagTable Describe(Options* options);

// Whether a replaced policy is loaded.
bool Reloads(const Options& options);

}  // namespace qt::serve
