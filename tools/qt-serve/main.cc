// qt-serve: a policy and observations in, actions out.
#include "cli/tool.h"
#include "options.h"
#include "run.h"

int main(int argc, char** argv) {
  qt::serve::Options options;
  return qt::cli::RunTool(qt::serve::Describe(&options), {.writes = false}, argc, argv,
                          [&](qt::cli::Io& io) { return qt::serve::Run(options, io); });
}
