// SPDX-License-Identifier: Apache-2.0
#include "options.h"

#include "sim/sim_robot.h"

namespace qt::eval {
namespace {

// The settings that are not at their default; those of the protocols apart.
std::vector<std::string> Given(const Options& options) {
  std::vector<std::string> given;
  for (const Difference& each : Differences(EvaluationConfig(), options.config)) {
    given.push_back(each.name);
  }
  for (const Difference& each : Differences(OutputFiles(), options.files)) {
    given.push_back(each.name);
  }
  return given;
}

Status Check(const Options& options) {
  QT_TRY(options.protocols.Check(options.config, Given(options)));
  const OutputFiles& files = options.files;
  if (!files.run.empty() && files.report.empty()) {
    return Usage("--run adds a learning curve to --report, which is missing");
  }
  if (!files.sheet.empty() && !files.sheet.ends_with(".png")) {
    return Usage("--sheet needs a file that ends in .png, not '" + files.sheet + "'");
  }
  return Ok();
}

void AddExamples(cli::FlagTable& table) {
  table.AddExample("how often the released policy grasps", "qt-eval aligned-128 -n 200");
  table.AddExample("one number now", "qt-eval run/policy.safetensors -n 200");
  table.AddExample("empty five bins of 28 objects, as the paper does",
                   "qt-eval run/policy.safetensors --protocol bin");
  table.AddExample("promote a policy only if it is better",
                   "qt-eval new.safetensors --against best.safetensors -n 700 --require better "
                   "&& cp new.safetensors best.safetensors");
  table.AddExample("measure until the rate is known to two points",
                   "qt-eval run/policy.safetensors --until 0.02");
  table.AddExample("is it 80 % or 90 %? as few attempts as that takes",
                   "qt-eval run/policy.safetensors --sprt 0.8/0.9");
  table.AddExample("a page with charts, and pictures of what went wrong",
                   "qt-eval run/policy.safetensors --report report.html --run run "
                   "--sheet failures.png");
  table.AddExample("what each disturbance costs",
                   "qt-eval run/policy.safetensors --protocol disturb -n 200");
  table.AddExample("what a longer search is worth, undisturbed and disturbed",
                   "qt-eval run/policy.safetensors --protocol ablate --vary 'cem=64/6/2|64/6/4' "
                   "--vary 'disturb=none|knock' -n 200");
  table.AddExample("on a real robot: is the new one better? the two take turns",
                   "qt-eval new.safetensors --against best.safetensors -n 100 "
                   "--robot exec:./cell7_driver --objects-name tools --record trial.mcap");
  table.AddExample("which of these is best, by what is recorded already",
                   "qt-eval run/policy.safetensors --protocol offline --logged spool/");
}

}  // namespace

cli::FlagTable Describe(Options* options) {
  EvaluationConfig& config = options->config;
  cli::FlagTable table("qt-eval", "measure how often a policy grasps");
  table.AddPositional("POLICY", &config.policies,
                      "a policy (FILE.safetensors, or the name of a released one: aligned-128), "
                      "scripted, random, unix:PATH of a server, or exec:COMMAND; several with "
                      "--protocol ablate and offline");
  table.Add(options->protocols.choice());
  cli::AddFlags(table, config, {"num_episodes", "seed", "num_envs", "cem"});
  table.Get("num-envs").help =
      "environments at once; 0 is one for each core, of a robot behind a driver just one; never "
      "changes the result";
  table.BeginGroup("Scenes");
  cli::AddFlags(table, config.setup,
                {"objects", "object_scale", "fit_objects", "min_objects", "max_objects", "camera",
                 "camera_jitter", "camera_noise", "looks", "arm", "disturb", "shadows"});
  table.Get("objects").words = {"train", "h1", "h2", "h3", "test"};
  cli::AddOtherFlags(table, config.setup);
  for (const auto& protocol : options->protocols.all()) {
    const std::vector<Field> fields = protocol->fields();
    if (fields.empty()) continue;
    table.BeginGroup("Protocol " + protocol->name());
    cli::AddFlags(table, fields, {});
  }
  table.BeginGroup("Robot");
  cli::AddFlags(table, config.cell);
  table.BeginGroup("Answer");
  cli::AddFlags(table, config, {"against", "require", "until", "sprt", "confidence"});
  table.Get("against").words = {"scripted", "random"};
  table.Get("require").words = {"better"};
  cli::AddFlags(table, options->files, {"episodes", "record"});
  table.BeginGroup("To look at");
  cli::AddFlags(table, options->files, {"report", "run", "sheet", "video"});
  table.AddCheck([options] { return Check(*options); });
  AddExamples(table);
  table.AddLibraryVersion("MuJoCo", sim::MujocoVersion());
  return table;
}

}  // namespace qt::eval
