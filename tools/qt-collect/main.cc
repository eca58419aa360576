// SPDX-License-Identifier: Apache-2.0
// qt-collect: a policy and a robot in, episodes out.
#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <optional>
#include <random>
#include <string_view>
#include <utility>

#include "base/log.h"
#include "base/number_text.h"
#include "base/text.h"
#include "cli/tool.h"
#include "discard_key.h"
#include "episodes/episode_sink.h"
#include "image/png.h"
#include "json/json.h"
#include "options.h"
#include "policy/followed_policy.h"
#include "policy/make_policy.h"
#include "robot/driver_check.h"
#include "robot/robot_driver.h"
#include "sim/families.h"
#include "sim/preview.h"
#include "sim/sim_robot.h"

namespace qt::collect {
namespace {

using episodes::EpisodeSink;
using rollout::CollectorConfig;
using rollout::CollectStats;

// --- What it says ------------------------------------------------------------------------------

Json TextOrNull(const std::string& text) { return text.empty() ? Json() : Json(text); }

// formats/report/SPEC.md. What is in the scene of a driver, and what its simulator does if it is
// one, are not known here.
Json Summary(const Options& options, const CollectorConfig& config, const CollectStats& stats) {
  Json success = {{"rate", nullptr}, {"count", stats.successes}, {"judged", stats.judged}};
  if (stats.judged > 0) success["rate"] = Ratio(stats.successes, stats.judged);
  // The objects of a robot are its driver's affair; they have a name if somebody gave them one.
  const bool is_sim = options.robot.command.empty();
  const std::string objects = is_sim ? options.scene.objects : options.driver.objects_name;
  const auto of_sim = [is_sim](const auto& value) { return is_sim ? Json(value) : Json(); };
  return {{"episodes", stats.episodes},
          {"success", success},
          {"steps", stats.steps},
          {"policy", options.policy.text},
          {"objects", objects.empty() ? Json() : Json(objects)},
          {"seed", config.seed},
          {"run_id", config.run_id},
          {"num_envs", config.num_envs},
          {"discarded_bins", stats.discarded_bins},
          {"robot", options.robot.ToString()},
          {"driver", TextOrNull(stats.driver)},
          {"env", TextOrNull(stats.env)},
          {"robot_failures", stats.robot_failures},
          {"physics_steps", of_sim(stats.sim.physics_steps)},
          {"settle_steps", of_sim(stats.sim.settle_steps)},
          {"renders", of_sim(stats.sim.renders)},
          {"seconds", stats.seconds}};
}

// "success 29.1 %"; empty if nobody has judged (a real robot).
std::string RateText(const CollectStats& stats) {
  if (stats.judged == 0) return "";
  char text[48];
  std::snprintf(text, sizeof text, "success %.1f %%", 100 * Ratio(stats.successes, stats.judged));
  return text;
}

std::string SummaryText(const CollectStats& stats) {
  char seconds[32];
  std::snprintf(seconds, sizeof seconds, "%.1f s", stats.seconds);
  const std::string rate = RateText(stats);
  std::string text = std::to_string(stats.episodes) + " episodes, ";
  if (!rate.empty()) text += rate + ", ";
  text += std::string(seconds) + ", " + std::to_string(stats.discarded_bins) + " discarded bins";
  if (stats.robot_failures > 0)
    text += ", " + std::to_string(stats.robot_failures) + " robot failures";
  return text;
}

// --- Robots ------------------------------------------------------------------------------------

// The simulator, or drivers (--robot).
robot::RobotFactory RobotsOf(const Options& options, const std::string& client) {
  if (options.robot.command.empty()) return sim::SimRobotFactory(options.scene);
  robot::RemoteRobotConfig config = options.driver;
  config.command = options.robot.command;
  config.client = client;
  config.task = options.scene.task;
  config.drop_test = options.scene.drop_test;
  config.gripper_view = options.scene.gripper_view;
  return [config](const robot::RobotContext& context) -> Result<std::unique_ptr<robot::Robot>> {
    return std::unique_ptr<robot::Robot>(std::make_unique<robot::RemoteRobot>(config, context));
  };
}

// --serve-robot: until the client stops or goes away.
Status ServeRobot(const Options& options, cli::Io& io) {
  if (io.json()) return Usage("--json and --serve-robot both want stdout");
  const auto new_robot =
      [&options](const protocol::RobotClientHello& hello) -> Result<std::unique_ptr<robot::Robot>> {
    sim::SceneConfig config = options.scene;
    config.task = hello.task;
    config.drop_test = hello.drop_test;
    config.gripper_view = hello.gripper_view;
    return sim::SimRobotFactory(config)({});
  };
  const std::unique_ptr<ByteSource> in = StdinSource();
  const std::unique_ptr<ByteSink> out = StdoutSink();
  Status status = robot::DriveRobot(io.tool_version(), new_robot, *in, *out);
  // Asked to stop, and stopped: the simulated robot stands still by itself.
  return status.code() == Code::kInterrupted ? Ok() : status;
}

std::string TableOf(const robot::DriverReport& report) {
  std::string text;
  for (const robot::CheckedRule& rule : report.rules) {
    char line[160];
    std::snprintf(line, sizeof line, "%-13s %-12s ", std::string(rule.name).c_str(),
                  robot::ToString(rule.verdict));
    text += line + std::string(rule.text);
    if (!rule.detail.empty()) text += ": " + Printable(rule.detail);
    text += "\n";
  }
  return text;
}

// formats/report/SPEC.md
Json CheckJson(const std::string& robot, const robot::DriverReport& report) {
  Json rules = Json::array();
  for (const robot::CheckedRule& rule : report.rules) {
    rules.push_back({{"rule", rule.name},
                     {"verdict", robot::ToString(rule.verdict)},
                     {"text", rule.text},
                     {"detail", rule.detail}});
  }
  return {{"robot", robot},
          {"driver", TextOrNull(report.driver)},
          {"failed", report.Count(robot::Verdict::kFails)},
          {"rules", rules}};
}

// --check-robot: a table of rules instead of episodes.
Status CheckRobotDriver(const Options& options, cli::Io& io) {
  QT_ASSIGN(const robot::RobotSpec spec, robot::RobotSpec::Parse(options.check_robot));
  const robot::DriverCheckConfig config{spec.command, io.tool_version(), options.scene.task,
                                        options.driver.timeout_s,
                                        [&io] { return io.stop().load(); }};
  const std::string plan = robot::DescribeDriverCheck(config);
  if (io.dry_run()) {
    io.Report({{"robot", options.check_robot}, {"plan", plan}}, plan);
    return Ok();
  }
  LogInfo(plan);
  const Result<robot::DriverReport> report = robot::CheckDriver(config);
  if (!report.ok() && report.status().code() == Code::kInterrupted) return io.Interrupted();
  QT_TRY(report.status());
  io.Report(CheckJson(options.check_robot, *report), TableOf(*report), /*text_is_data=*/true);
  const size_t failed = report->Count(robot::Verdict::kFails);
  return failed == 0 ? Ok() : Partial(std::to_string(failed) + " rule(s) do not hold");
}

// --preview: a sheet of the objects instead of episodes.
Status WritePreview(const Options& options, cli::Io& io) {
  QT_ASSIGN(const std::unique_ptr<ByteSink> sink,
            io.OpenOutput(options.preview, /*binary=*/true, "preview", "objects", ".png"));
  sim::ObjectSet set;
  if (options.scene.library) {
    set = sim::OwnObjects(options.scene.library);
  } else {
    QT_ASSIGN(set, sim::ParseObjectSet(options.scene.objects));
  }
  QT_ASSIGN(const sim::Preview preview,
            sim::DrawPreview(set, options.seed < 0 ? 0 : uint64_t(options.seed)));
  QT_TRY(WritePng(*sink, preview.sheet));
  const size_t refused = options.scene.library ? options.scene.library->refused.size() : 0;
  io.Report({{"objects", options.scene.objects},
             {"preview", options.preview},
             {"drawn", preview.num_objects},
             {"refused", refused}},
            std::to_string(preview.num_objects) + " object(s) drawn, " + std::to_string(refused) +
                " file(s) cannot be used");
  return refused == 0 ? Ok() : Partial(std::to_string(refused) + " file(s) cannot be used");
}

// --- Collecting --------------------------------------------------------------------------------

// --start-time, else SOURCE_DATE_EPOCH, else 0 for a run that is to be repeatable, else now.
Result<int64_t> StartTime_s(const Options& options) {
  if (options.start_time_s >= 0) return options.start_time_s;
  const char* epoch = std::getenv("SOURCE_DATE_EPOCH");
  if (epoch == nullptr || *epoch == 0) return options.seed < 0 ? int64_t(std::time(nullptr)) : 0;
  const std::string_view text = epoch;
  int64_t time_s = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), time_s);
  if (error != std::errc() || end != text.data() + text.size() || time_s < 0 ||
      time_s > kLatest_s) {
    return Usage("SOURCE_DATE_EPOCH is '" + std::string(text) +
                 "', not a number of seconds since 1970");
  }
  return time_s;
}

// What is drawn or read off the clock becomes a setting, so that the reproducing command names it.
Status FixChance(Options& options) {
  QT_ASSIGN(options.start_time_s, StartTime_s(options));
  if (options.seed < 0) options.seed = std::random_device{}();
  return Ok();
}

CollectorConfig ConfigOf(const Options& options, const cli::Io& io) {
  CollectorConfig config = options.collect;
  config.task = options.scene.task;
  config.num_episodes = NumEpisodes(options);
  // Two drivers on one arm would be two masters, so a robot is several only if that is said.
  const bool one = config.num_envs == 0 && !options.robot.command.empty();
  config.num_envs = one ? 1 : rollout::NumEnvs(config.num_envs);
  config.seed = uint64_t(options.seed);
  config.start_stamp_ns = options.start_time_s * 1'000'000'000;
  config.tool = io.tool_version();
  return config;
}

// Differs between runs that may differ: in the command, the seed or the policy behind a name.
Result<std::string> RunId(const Options& options, policy::PolicySource& source, const cli::Io& io) {
  QT_ASSIGN(const std::unique_ptr<Policy> policy, source.NewPolicy());
  return rollout::MakeRunId(uint64_t(options.seed),
                            io.ReproducingCommand() + " " + policy->digest() +
                                (options.scene.library ? options.scene.library->digest : ""));
}

// Starts the policy's process if there is one.
Result<std::unique_ptr<policy::PolicySource>> OpenSource(const Options& options,
                                                         const CollectorConfig& config,
                                                         const cli::Io& io) {
  if (!options.follow) return policy::OpenPolicy(options.policy, config.task, config.epsilon);
  const auto on_change = [](const std::string& digest) { LogDebug("policy " + digest); };
  return policy::FollowPolicy(options.policy, config.task, config.epsilon, io.stop(), on_change);
}

Result<std::unique_ptr<EpisodeSink>> OpenSink(const Options& options, const CollectorConfig& config,
                                              cli::Io& io) {
  const auto open = [&options, &io](const std::string& file_id) {
    return io.OpenOutput(options.output, true, "episodes", file_id, ".mcap");
  };
  return episodes::OpenSink(options.output,
                            {.open = open,
                             .file_id = config.run_id,
                             .lineage = {config.run_id, config.tool, io.ReproducingCommand()},
                             .episodes_per_file = EpisodesPerFile(options)});
}

// Episodes that are complete are kept, whatever ended the run, unless writing itself has failed.
Status CollectInto(EpisodeSink& sink, const Options& options, const CollectorConfig& config,
                   policy::PolicySource& source, cli::Io& io, CollectStats* stats) {
  const bool endless = options.follow && options.num_episodes == 0;
  const std::unique_ptr<cli::Progress> progress =
      io.StartProgress("episodes", endless ? 0 : config.num_episodes);
  bool write_failed = false;
  const auto write = [&](Episode&& episode, const CollectStats& so_far) {
    Status status = sink.Write(episode);
    write_failed = !status.ok();
    progress->Update(so_far.episodes, RateText(so_far));
    return status;
  };
  std::optional<DiscardKey> key;  // of a real robot: who sees it knows more than its pictures
  robot::RobotFactory robots = RobotsOf(options, config.tool);
  if (!options.robot.command.empty()) {
    key.emplace();
    if (key->listens()) LogInfo("d and Enter discards the episode in hand");
    robots = Discardable(std::move(robots), key->count());
  }
  const Status status = rollout::Collect(
      config, robots, [&source] { return source.NewPolicy(); }, write, io.stop(), stats);
  const bool nothing = !status.ok() && stats->episodes == 0;
  if (write_failed || nothing) return status;
  QT_TRY(sink.Finish());
  return status;
}

Status Run(Options& options, cli::Io& io) {
  QT_TRY(sim::OpenObjects(options.scene));
  if (!options.preview.empty()) return WritePreview(options, io);
  if (options.serve_robot) return ServeRobot(options, io);
  if (!options.check_robot.empty()) return CheckRobotDriver(options, io);
  QT_TRY(FixChance(options));
  CollectorConfig config = ConfigOf(options, io);
  CollectStats stats;
  if (io.dry_run()) {
    QT_TRY(io.OpenOutput(options.output, true, "episodes", "dry-run", ".mcap").status());
    // A policy that is followed may come later.
    if (!options.follow && options.policy.kind == policy::PolicyKind::kFile) {
      QT_TRY(policy::OpenPolicy(options.policy, options.scene.task, 0).status());
    }
    io.Report(Summary(options, config, stats), "would run: " + io.ReproducingCommand());
    return Ok();
  }
  QT_ASSIGN(std::unique_ptr<policy::PolicySource> source, OpenSource(options, config, io));
  QT_ASSIGN(config.run_id, RunId(options, *source, io));
  QT_ASSIGN(const std::unique_ptr<EpisodeSink> sink, OpenSink(options, config, io));
  const Status status = CollectInto(*sink, options, config, *source, io, &stats);
  if (status.code() == Code::kClosedPipe) return status;
  if (stats.episodes > 0) io.Report(Summary(options, config, stats), SummaryText(stats));
  return status.code() == Code::kInterrupted ? io.Interrupted() : status;
}

}  // namespace
}  // namespace qt::collect

int main(int argc, char** argv) {
  qt::collect::Options options;
  return qt::cli::RunTool(qt::collect::Describe(&options), {.writes = true}, argc, argv,
                          [&](qt::cli::Io& io) { return qt::collect::Run(options, io); });
}
