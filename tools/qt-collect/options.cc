// SPDX-License-Identifier: Apache-2.0
#include "options.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "cli/command.h"
#include "episodes/episode_sink.h"
#include "sim/sim_robot.h"

namespace qt::collect {
namespace {

constexpr uint64_t kWithoutEnd = 1'000'000'000'000;

constexpr std::array<std::string_view, 4> kToldToDrivers = {"termination", "max_steps", "drop_test",
                                                            "gripper_view"};

// The flags of the scene that were given; not those that are told to a driver.
std::string DifferingScene(const Options& options) {
  std::string flags;
  for (const Difference& each : Differences(Options().scene, options.scene)) {
    if (std::ranges::count(kToldToDrivers, each.name) == 0) flags += cli::FlagText(each);
  }
  return flags;
}

// The scene is the driver's: a flag that changes nothing would be a lie.
Status CheckRobot(const Options& options) {
  if (options.robot.command.empty()) {
    return options.driver.objects_name.empty()
               ? Ok()
               : Usage(
                     "--objects-name needs --robot exec:COMMAND; in the simulator --objects says "
                     "which they are");
  }
  if (options.serve_robot) return Usage("--serve-robot drives the simulator: it takes no --robot");
  const std::string differing = DifferingScene(options);
  if (differing.empty()) return Ok();
  return Usage("the scene is the robot's: give" + differing + " to its driver");
}

Status CheckCheckRobot(const Options& options) {
  if (options.check_robot.empty()) return Ok();
  const Result<robot::RobotSpec> driver = robot::RobotSpec::Parse(options.check_robot);
  if (!driver.ok() || driver->command.empty()) {
    return Usage("--check-robot wants exec:COMMAND, not '" + options.check_robot + "'");
  }
  const bool more = options.serve_robot || !options.robot.command.empty();
  return more ? Usage("--check-robot names its driver: it takes no other robot") : Ok();
}

Status CheckFollow(const Options& options) {
  if (!options.follow) return Ok();
  if (options.policy.kind != policy::PolicyKind::kFile) {
    return Usage("--follow needs a policy file: --policy FILE.safetensors");
  }
  if (options.num_episodes > 0 || episodes::CanBeEndless(options.output)) return Ok();
  return Usage(
      "--follow without -n never ends, so a file would never be finished; use -o FOLDER/ or -o -");
}

Status Check(const Options& options) {
  QT_TRY(CheckRobot(options));
  QT_TRY(CheckCheckRobot(options));
  QT_TRY(CheckFollow(options));
  return sim::CheckScene(options.scene);
}

void AddScene(cli::FlagTable& table, Options* o) {
  table.BeginGroup("Scene");
  cli::AddFlags(table, o->scene,
                {"objects", "object_scale", "fit_objects", "min_objects", "max_objects"});
  table.Get("objects").words = {"train", "h1", "h2", "h3", "test"};
  table.Add("preview", &o->preview, "FILE.png",
            "only draw the objects, with names and sizes, as a sheet");
  cli::AddFlags(table, o->collect, {"swap_every"});
  cli::AddFlags(table, o->scene, {"arm", "disturb"});
}

void AddRobot(cli::FlagTable& table, Options* o) {
  table.BeginGroup("Robot");
  table
      .Add("robot", &o->robot, "ROBOT",
           "sim, or exec:COMMAND to start a driver (formats/robot); one, unless --num-envs says "
           "more")
      .words = {"sim"};
  cli::AddFlags(table, o->driver);
  table
      .Add("serve-robot", &o->serve_robot, "",
           "be a driver instead: the simulated robot, on stdin and stdout, with the scene given "
           "here")
      .negatable = false;
  table.Add("check-robot", &o->check_robot, "exec:COMMAND",
            "only try whether a driver keeps the protocol; moves its robot, gently: a table of "
            "rules, exit status 3 if one fails");
}

void AddPictures(cli::FlagTable& table, Options* o) {
  table.BeginGroup("Pictures");
  cli::AddOtherFlags(table, o->scene, {"remove_held"});
}

void AddEpisode(cli::FlagTable& table, Options* o) {
  table.BeginGroup("Episode");
  table
      .Add("policy", &o->policy, "POLICY",
           "scripted, scripted:uniform|aimed|aligned|noise, random, a policy file "
           "(FILE.safetensors, or the name of a released one: aligned-128), unix:PATH of a server, "
           "or exec:COMMAND")
      .words = {"scripted",         "scripted:uniform", "scripted:aimed",
                "scripted:aligned", "scripted:noise",   "random"};
  cli::AddFlags(table, o->collect, {"epsilon"});
  cli::AddFlags(table, o->scene, {"termination", "max_steps"});
  cli::AddFlags(table, o->collect, {"label_truth"});
  cli::AddFlags(table, o->scene, {"drop_test", "gripper_view"});
}

void AddRun(cli::FlagTable& table, Options* o) {
  table.BeginGroup("Run");
  table.Add('n', "num-episodes", &o->num_episodes, "N",
            "episodes to collect; 0 means 100, or with --follow no end");
  table.Add("follow", &o->follow, "",
            "take up the policy file anew, between episodes, whenever it is replaced; waits until "
            "it is there");
  table.Add('o', "output", &o->output, "FILE",
            "where they go: a file, a folder with a trailing slash (a new file in it), or - for "
            "stdout");
  table.Add("episodes-per-file", &o->episodes_per_file, "N",
            "in a folder: begin a new file after so many episodes; 0: all in one file, or with "
            "--follow 10");
  cli::AddFlags(table, o->collect, {"num_envs"});
  table.Get("num-envs").help =
      "environments at once; 0 is one for each core, of a robot behind a driver just one; never "
      "changes the result";
  table.Add("seed", &o->seed, "N", "makes the run repeatable; negative: a fresh seed");
  table
      .Add("start-time", &o->start_time_s, "SECONDS",
           "where the recorded clock starts, in seconds since 1970; -1: SOURCE_DATE_EPOCH if "
           "it is set, else 0 with --seed and the wall clock without")
      .Range(-1, kLatest_s);
  table.MarkIncidental({"output", "episodes-per-file"});
}

}  // namespace

cli::FlagTable Describe(Options* options) {
  cli::FlagTable table("qt-collect", "collect grasp attempts as episodes");
  AddRun(table, options);
  AddEpisode(table, options);
  AddScene(table, options);
  AddRobot(table, options);
  AddPictures(table, options);
  table.AddCheck([options] { return Check(*options); });
  table.AddExample("500 scripted grasps, labelled and learned from",
                   "qt-collect -n 500 --policy scripted | qt-label | qt-train -o run/");
  table.AddExample("explore with a policy, one new file in a spool",
                   "qt-collect -n 200 --policy run/policy.safetensors --epsilon 0.2 -o spool/");
  table.AddExample("go on for ever with the newest policy of a run",
                   "qt-collect --policy run/policy.safetensors --follow --epsilon 0.2 -o raw/");
  table.AddExample("collect on a real robot through its driver",
                   "qt-collect -n 50 --robot exec:./cell7_driver --policy run/policy.safetensors "
                   "-o spool/");
  table.AddExample("what a driver would be put through, then whether it is ready for a robot",
                   "qt-collect --check-robot exec:./cell7_driver --dry-run; "
                   "qt-collect --check-robot exec:./cell7_driver");
  table.AddLibraryVersion("MuJoCo", sim::MujocoVersion());
  return table;
}

uint64_t NumEpisodes(const Options& options) {
  if (options.num_episodes > 0) return options.num_episodes;
  return options.follow ? kWithoutEnd : 100;
}

uint64_t EpisodesPerFile(const Options& options) {
  if (options.episodes_per_file > 0) return options.episodes_per_file;
  return options.follow ? 10 : 0;
}

}  // namespace qt::collect
