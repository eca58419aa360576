// qt-serve: a policy and observations in, actions out.
#include <cstdlib>

#include "cli/tool.h"
#include "options.h"
#include "run.h"

int main(int argc, char** argv) {
  qt::serve::Options options;
  // Not by way of exit(): libraries of ours wait there for threads of theirs, for ever if memory or
  // threads are short. All that was written has been flushed.
  std::quick_exit(qt::cli::RunTool(qt::serve::Describe(&options), {.writes = false}, argc, argv,
                                   [&](qt::cli::Io& io) { return qt::serve::Run(options, io); }));
}
