// qt-eval: a policy in, how often it grasps out.
#include "cli/tool.h"
#include "options.h"

int main(int argc, char** argv) {
  qt::eval::Options options;
  return qt::cli::RunTool(qt::eval::Describe(&options), {.writes = true}, argc, argv,
                          [&](qt::cli::Io& io) { return qt::eval::Run(options, io); });
}
