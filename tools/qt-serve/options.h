// What qt-serve can be told: the flag table and the struct it fills.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "base/setting.h"
#include "cem/cem.h"
#include "cli/flag_table.h"

namespace qt::serve {

struct Options {
  std::vector<std::string> model;  // exactly one
  bool stdio = false;
  std::string socket, socket_mode;
  int http_port = -1;
  std::string listen, token_file;
  When reload = When::kAuto;
  std::optional<CemConfig> cem;  // else the model's own
  int num_threads = 1;
  int max_queue = 64;
  double max_delay_ms = 1000;
  int max_clients = 256;
};

cli::FlagTable Describe(Options* options);

// "0660" as the rights of a file.
Result<mode_t> ParseMode(const std::string& text);

// Whether a replaced policy is loaded.
bool Reloads(const Options& options);

}  // namespace qt::serve
