// qt-eval after its flags have been parsed.
#pragma once

#include <vector>

#include "cli/tool.h"
#include "eval/opened_policy.h"
#include "options.h"

namespace qt::eval {

Status Run(const Options& options, cli::Io& io);

// The policies of the command line, each started once.
Result<std::vector<OpenedPolicy>> OpenPolicies(const Options& options);
// Protocol offline; see run_offline.cc.
Status RunOffline(const Options& options, cli::Io& io);

}  // namespace qt::eval
