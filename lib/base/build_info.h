// SPDX-License-Identifier: Apache-2.0
// What this build is, for --version, lineage records and checkpoints.
#pragma once

namespace qt {

const char* Version();    // "0.1.0"
const char* GitCommit();  // short commit, "+dirty" if changed, or "unknown"

}  // namespace qt
