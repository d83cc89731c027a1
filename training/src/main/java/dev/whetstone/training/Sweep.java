package dev.whetstone.training;

import dev.whetstone.artifacts.ArtifactFolder;
import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.Json;
import dev.whetstone.artifacts.run.RunFolder;
import dev.whetstone.training.checkpoint.LinesFile;
import dev.whetstone.training.evaluate.Evaluation;
import dev.whetstone.training.report.SweepPage;
import dev.whetstone.training.sweep.Rounds;
import dev.whetstone.training.sweep.Rounds.Candidate;
import dev.whetstone.training.sweep.SweepConfig;
import dev.whetstone.training.sweep.Trial;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Runs of several learning rates and ranks, each a run folder of its own under {@code trials/}, so
 * that a sweep that was killed goes on where it was.
 */
final class Sweep {
  private final TrainConfig config;
  private final Path out;
  private final String name;
  private final List<Trial> done = new ArrayList<>();

  Sweep(TrainConfig config, Path out, String name) {
    this.config = config;
    this.out = out;
    this.name = name;
  }

  /**
   * Runs all rounds.
   *
   * @return the best run's folder; empty if the sweep was stopped
   */
  Optional<Path> run(boolean overwrite, StopSwitch stop) {
    SweepConfig sweep = config.sweep();
    List<Double> rates =
        sweep.learningRates().isEmpty() ? List.of(config.learningRate()) : sweep.learningRates();
    List<Integer> ranks = sweep.ranks().isEmpty() ? List.of(config.lora().rank()) : sweep.ranks();
    if (rates.size() * ranks.size() < 2) {
      throw new BadInputException(
          "train.sweep: expected several learning_rates or ranks to compare, found one of each.");
    }
    if (RunInputs.open(config).validation(config).isEmpty()) {
      throw new BadInputException(
          "a sweep compares losses on the validation split, and %s has none; prepare it with split: {validation: 0.02}."
              .formatted(config.dataset()));
    }
    try {
      List<Trial> trials =
          Rounds.run(sweep, rates, ranks, candidate -> run(candidate, overwrite, stop));
      Trial best = trials.get(trials.size() - 1);
      write(trials, true);
      System.err.printf(
          Locale.ROOT,
          "train: best of %d runs: learning rate %s, rank %d, validation loss %.4f%n",
          trials.size(),
          best.learningRate(),
          best.rank(),
          best.lossNats());
      return Optional.of(out.resolve(best.folder()));
    } catch (Stopped e) {
      return Optional.empty();
    }
  }

  /** Ends a sweep from within a round. */
  private static final class Stopped extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  private Trial run(Candidate candidate, boolean overwrite, StopSwitch stop) {
    String folder =
        String.format(
            Locale.ROOT,
            "trials/%d-steps-rate-%s-rank-%d",
            candidate.steps(),
            candidate.learningRate(),
            candidate.rank());
    System.err.printf(
        "train: round %d: learning rate %s, rank %d, %d steps%n",
        candidate.round() + 1, candidate.learningRate(), candidate.rank(), candidate.steps());
    TrainConfig own = config.asTrial(candidate.learningRate(), candidate.rank(), candidate.steps());
    Path run = out.resolve(folder);
    if (!new LoraRun(own, run, name).run(overwrite, stop)) {
      throw new Stopped();
    }
    double lowest =
        new LinesFile<>(run.resolve(RunFolder.EVALUATIONS), Evaluation.class)
            .all().stream()
                .filter(evaluation -> evaluation.step() > 0)
                .mapToDouble(Evaluation::lossNats)
                .min()
                .orElseThrow();
    var trial =
        new Trial(
            candidate.round(),
            candidate.learningRate(),
            candidate.rank(),
            candidate.steps(),
            lowest,
            folder);
    done.add(trial);
    write(done, false);
    return trial;
  }

  private void write(List<Trial> trials, boolean finished) {
    ArtifactFolder.writeAtomically(
        out.resolve("sweep.json"), Json.pretty(Map.of("name", name, "trials", trials)));
    ArtifactFolder.writeAtomically(
        out.resolve("sweep.html"), SweepPage.html(name, trials, finished));
  }
}
