#include "options.h"

#include <utility>

#include "cem/cem.h"
#include "cli/command.h"
#include "eval/offline.h"
#include "eval/vary.h"
#include "policy/make_policy.h"
#include "policy/server_link.h"

namespace qt::eval {
namespace {

constexpr uint64_t kDefaultAttempts = 100, kMostAttempts = 1'000'000;

bool IsTable(const Options& o) { return o.protocol == "disturb" || o.protocol == "ablate"; }

Status CheckPolicies(const Options& options) {
  if (options.protocol == "offline") {
    if (options.policy.empty()) return Usage("give a POLICY whose Q is to be judged");
  } else if (options.protocol == "ablate") {
    if (options.policy.empty() || (options.policy.size() < 2 && options.vary.empty())) {
      return Usage(
          "--protocol ablate compares policies or settings: give two POLICYs or more, or --vary");
    }
  } else if (options.policy.size() != 1) {
    return Usage("give one POLICY, a checkpoint or 'scripted'");
  }
  for (const std::string& spec : options.policy) QT_TRY(policy::CheckPolicySpec(spec));
  return options.against.empty() ? Ok() : policy::CheckPolicySpec(options.against);
}

// What does not go with the protocol.
Status CheckProtocol(const Options& options) {
  const std::string& protocol = options.protocol;
  if (protocol != "grasp" && !options.against.empty()) {
    return Usage("--against compares single attempts; it does not go with --protocol " + protocol);
  }
  if (protocol == "bin" && !options.record.empty()) {
    return Usage("--record keeps drop tests, which --protocol bin does not make");
  }
  for (const auto& [flag, value] : {std::pair("record", &options.record),
                                    {"sheet", &options.sheet},
                                    {"video", &options.video}}) {
    if (!IsTable(options) || value->empty()) continue;
    return Usage(std::string("--") + flag +
                 " keeps the attempts of one policy; it does not go "
                 "with --protocol " +
                 protocol);
  }
  if (protocol == "disturb" && options.scene.disturb != sim::Disturbance::kNone) {
    return Usage("--protocol disturb tries every disturbance; it does not go with --disturb");
  }
  return Ok();
}

// `offline` runs nothing: what asks for attempts does not go with it.
Status CheckOffline(const Options& options) {
  if (options.protocol != "offline") {
    if (options.logged.empty() && options.measured.empty() && options.label.empty()) return Ok();
    return Usage("--logged, --measured and --label are for --protocol offline");
  }
  if (options.logged.empty()) {
    return Usage("--protocol offline reads labelled episodes: name them with --logged");
  }
  for (const auto& [flag, value] : {std::pair("cem", &options.cem),
                                    {"until", &options.until},
                                    {"sprt", &options.sprt},
                                    {"require", &options.require},
                                    {"episodes", &options.episodes},
                                    {"record", &options.record},
                                    {"report", &options.report},
                                    {"sheet", &options.sheet},
                                    {"video", &options.video}}) {
    if (value->empty()) continue;
    return Usage(std::string("--") + flag +
                 " is about attempts, which --protocol offline does not make");
  }
  if (options.measured.empty()) return Ok();
  return ParseMeasured(options.measured, options.policy.size()).status();
}

Status CheckPictures(const Options& options) {
  if (!options.run.empty() && options.report.empty()) {
    return Usage("--run adds a learning curve to --report, which is missing");
  }
  if (!options.sheet.empty() && !options.sheet.ends_with(".png")) {
    return Usage("--sheet needs a file that ends in .png, not '" + options.sheet + "'");
  }
  return Ok();
}

Result<StoppingRule> RuleOf(const Options& options) {
  StoppingRule rule;
  rule.confidence = options.confidence;
  if (!options.until.empty()) {
    QT_ASSIGN(rule.half_width, ParseUntil(options.until));
  }
  if (!options.sprt.empty()) {
    QT_ASSIGN(rule.sprt, ParseSprt(options.sprt));
  }
  return rule;
}

Status CheckRule(const Options& options) {
  QT_ASSIGN(const StoppingRule rule, RuleOf(options));
  if (!rule.any()) return Ok();
  if (rule.half_width && rule.sprt) return Usage("give --until or --sprt, not both");
  if (options.protocol == "bin") {
    return Usage(
        "the attempts at one bin depend on each other; --until and --sprt do not go with "
        "--protocol bin");
  }
  if (rule.sprt && IsTable(options)) {
    return Usage(
        "--sprt tests one policy, or one --against another; it does not go with "
        "--protocol " +
        options.protocol);
  }
  return Ok();
}

// The search is that of checkpoints, which are told of it; a server has its own.
Status CheckSearch(const Options& options) {
  if (options.cem.empty()) return Ok();
  const Result<CemConfig> cem = CemConfig::Parse(options.cem);
  if (!cem.ok()) return Usage("--cem " + cem.status().message());
  std::vector<std::string> specs = options.policy;
  if (!options.against.empty()) specs.push_back(options.against);
  for (const std::string& spec : specs) {
    if (!policy::IsCheckpoint(spec)) {
      return Usage("--cem is the search of a checkpoint, which '" + spec + "' is not");
    }
  }
  return Ok();
}

// What --vary may change.
Status CheckSetting(const Options& options) {
  QT_TRY(CheckSearch(options));
  return sim::CheckScene(options.scene);
}

Status CheckVary(const Options& options) {
  if (!options.vary.empty() && options.protocol != "ablate") {
    return Usage("--vary makes the rows of --protocol ablate");
  }
  return SettingsOf(options).status();
}

Status Check(const Options& options) {
  QT_TRY(CheckPolicies(options));
  QT_TRY(CheckSetting(options));
  QT_TRY(CheckVary(options));
  QT_TRY(CheckProtocol(options));
  QT_TRY(CheckOffline(options));
  QT_TRY(CheckPictures(options));
  QT_TRY(CheckRule(options));
  if (options.require.empty()) return Ok();
  QT_ASSIGN(const Requirement requirement, ParseRequirement(options.require));
  if (requirement.better && options.against.empty()) {
    return Usage("--require better needs --against");
  }
  return CheckRequirementFits(requirement, *RuleOf(options));
}

void AddScene(cli::FlagTable& table, Options* o) {
  table.BeginGroup("Scenes");
  cli::AddFlags(table, o->scene,
                {"objects", "object_scale", "fit_objects", "min_objects", "max_objects", "camera",
                 "camera_jitter", "camera_noise", "looks"});
  table.Add("shadows", &o->shadows, "", "draw shadows");
  cli::AddFlags(table, o->scene, {"arm", "disturb"});
}

void AddSearch(cli::FlagTable& table, Options* o) {
  table.Add("cem", &o->cem, "N/M/K",
            "samples, elites and rounds of a checkpoint's search for the best action; by default "
            "what it says itself");
}

void AddOffline(cli::FlagTable& table, Options* o) {
  table.BeginGroup("Protocol offline");
  table.Add("logged", &o->logged, "FILE|DIR", "the labelled episodes; may be repeated");
  table.Add("label", &o->label, "SOURCE",
            "which label counts, as sim or human; the newest if missing");
  table.Add("measured", &o->measured, "RATE,RATE,...",
            "success of each POLICY when it ran, for the rank correlation");
}

void AddAnswer(cli::FlagTable& table, Options* o) {
  table.BeginGroup("Answer");
  table.Add("against", &o->against, "POLICY",
            "try the same scenes with this policy too, and compare the two in pairs");
  table.Add("require", &o->require, "RATE|better",
            "exit with 3 unless the lower end of the interval is at least RATE, or the policy is "
            "shown to be better than --against");
  table.Add("until", &o->until, "±W",
            "stop as soon as the interval reaches no further than W to either side, as in 0.02");
  table.Add("sprt", &o->sprt, "P0/P1",
            "stop as soon as a sequential test shows success of at most P0 or at least P1; with "
            "--against of the scenes in which only one succeeds the share that POLICY wins, as in "
            "0.5/0.65");
  table.Add("confidence", &o->confidence, "P", "of the intervals, --require better and --sprt")
      .Range(0.5, 0.9999);
  table.Add("episodes", &o->episodes, "FILE",
            "write one line of JSON an attempt, as they are done; - is stdout");
  table.Add("record", &o->record, "FILE", "write the attempts of POLICY as episodes");
}

void AddPictures(cli::FlagTable& table, Options* o) {
  table.BeginGroup("To look at");
  table.Add("report", &o->report, "FILE.html", "write the report as one page with charts");
  table.Add("run", &o->run, "DIR", "the learning curve of this run folder in --report");
  table.Add("sheet", &o->sheet, "FILE.png", "draw the failures of POLICY, the first 40 of them");
  table.Add("video", &o->video, "DIR",
            "a video of each attempt of POLICY, with action, Q and outcome (needs ffmpeg)");
}

// The options with the values of the setting.
Result<Options> With(const Options& options, const Setting& setting) {
  Options varied = options;
  cli::FlagTable table("qt-eval", "");
  AddSearch(table, &varied);
  AddScene(table, &varied);
  for (const FlagValue& each : setting) {
    const Status status = cli::SetFlag(table, each.flag, each.value);
    if (!status.ok()) return Usage("--vary: " + status.message());
  }
  QT_TRY(CheckSetting(varied));
  return varied;
}

}  // namespace

Result<std::vector<Varied>> SettingsOf(const Options& options) {
  QT_ASSIGN(const std::vector<Setting> settings, CombinationsOf(options.vary));
  std::vector<Varied> varied;
  for (const Setting& setting : settings) {
    QT_ASSIGN(Options with, With(options, setting));
    varied.push_back({ToString(setting), std::move(with)});
  }
  return varied;
}

sim::SceneConfig WorldOf(const Options& options) {
  sim::SceneConfig world = options.scene;
  world.shadows = options.shadows ? When::kOn : When::kOff;
  world.drop_test = !options.record.empty();
  if (options.protocol == "bin") {
    world.min_objects = world.max_objects = options.bin_objects;
    world.remove_held = true;
  }
  return world;
}

cli::FlagTable Describe(Options* options) {
  cli::FlagTable table("qt-eval", "measure how often a policy grasps");
  table.AddPositional(
      "POLICY", &options->policy,
      "a checkpoint (FILE.safetensors), scripted, random, unix:PATH of a server, or "
      "exec:COMMAND; several with --protocol ablate and offline");
  table
      .Add(
          "protocol", &options->protocol, "NAME",
          "grasp: single attempts, each in a fresh bin; bin: emptying bins, out of which goes what "
          "was grasped; disturb: each disturbance against none in the same scenes; ablate: several "
          "policies, or settings, against the first one in the same scenes; offline: nothing runs, "
          "Q of each "
          "policy is judged by logged episodes")
      .choices = {"grasp", "bin", "disturb", "ablate", "offline"};
  table.Add("bins", &options->bins, "N", "with --protocol bin: how many bins").Range(1, 1e6);
  table.Add("attempts", &options->attempts, "N", "with --protocol bin: attempts at each bin")
      .Range(1, 1e6);
  table.Add("bin-objects", &options->bin_objects, "N", "with --protocol bin: objects in a full bin")
      .Range(1, 32);
  table
      .Add('n', "num-episodes", &options->num_episodes, "N",
           "attempts, each in a fresh bin of its own; 0 is 100, or with --until and --sprt as many "
           "as "
           "it takes; with --protocol disturb and ablate of each row; with --protocol offline "
           "logged "
           "episodes, 0 is all")
      .Range(0, 1e9);
  table.Add("seed", &options->seed, "N",
            "which scenes: the same seed gives the same ones to any policy");
  table
      .Add("num-envs", &options->num_envs, "N",
           "environments at once; 0 is one for each core; never changes the result")
      .Range(0, 1024);
  AddSearch(table, options);
  table.Add(
      "vary", &options->vary, "NAME=VALUE|VALUE...",
      "with --protocol ablate: a row for each value of a flag of the scenes, or of --cem; may "
      "be repeated, for every combination");
  AddScene(table, options);
  AddOffline(table, options);
  AddAnswer(table, options);
  AddPictures(table, options);
  table.AddCheck([options] { return Check(*options); });
  table.AddExample("one number now", "qt-eval run/policy.safetensors -n 200");
  table.AddExample("empty five bins of 28 objects, as the paper does",
                   "qt-eval run/policy.safetensors --protocol bin");
  table.AddExample("promote a checkpoint only if it is better",
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
  table.AddExample("which of these is best, by what is recorded already",
                   "qt-eval run/policy.safetensors --protocol offline --logged spool/");
  table.AddLibraryVersion("MuJoCo", sim::MujocoVersion());
  return table;
}

uint64_t NumAttempts(const Options& options) {
  if (options.protocol == "bin") return uint64_t(options.bins) * uint64_t(options.attempts);
  if (options.num_episodes > 0) return options.num_episodes;
  return options.until.empty() && options.sprt.empty() ? kDefaultAttempts : kMostAttempts;
}

EvaluationConfig EvaluationOf(const Options& options) {
  EvaluationConfig config;
  config.rule = *RuleOf(options);
  config.run_description =
      options.scene.objects + " " + options.protocol + " " + std::to_string(NumAttempts(options));
  GraspConfig& grasp = config.grasp;
  grasp.num_episodes = NumAttempts(options);
  grasp.seed = options.seed;
  grasp.num_envs = options.num_envs;
  if (options.protocol == "bin") {
    grasp.attempts_per_bin = options.attempts;
    grasp.removed_objects = options.bin_objects;
  }
  return config;
}

Report EmptyReport(const Options& options) {
  Report report;
  report.protocol = options.protocol;
  if (options.protocol == "bin") {
    report.attempts_per_bin = options.attempts;
    report.bin_objects = options.bin_objects;
  }
  report.arm = EnumName(SettingsOf(options)->front().options.scene.arm);
  report.seed = options.seed;
  report.confidence = options.confidence;
  report.num_envs = options.num_envs;
  report.rule = *RuleOf(options);
  report.first.policy = options.policy[0];
  report.first.objects = options.scene.objects;
  report.first.disturb = EnumName(options.scene.disturb);
  if (!options.require.empty()) report.requirement = *ParseRequirement(options.require);
  return report;
}

}  // namespace qt::eval
