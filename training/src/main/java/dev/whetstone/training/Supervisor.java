package dev.whetstone.training;

import dev.whetstone.artifacts.model.AdapterFolder;
import dev.whetstone.artifacts.model.LoraConfig;
import dev.whetstone.artifacts.run.RunFolder.StepMetrics;
import dev.whetstone.artifacts.tensors.Safetensors.FloatTensor;
import dev.whetstone.models.engine.TrainableModel;
import dev.whetstone.training.checkpoint.Checkpoints;
import dev.whetstone.training.evaluate.BenchmarkScores;
import dev.whetstone.training.evaluate.EarlyStopping;
import dev.whetstone.training.evaluate.Evaluation;
import dev.whetstone.training.loop.TrainingLoop;
import dev.whetstone.training.loop.Work;
import dev.whetstone.training.preflight.Finding;
import dev.whetstone.training.report.RunPage;
import dev.whetstone.training.report.RunPage.Status;
import dev.whetstone.training.tensorboard.TensorBoard;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;

/**
 * What happens between the steps of a run: metrics are written down, the model is measured, saved,
 * and found to have stopped getting better.
 */
final class Supervisor {
  private final TrainConfig config;
  private final Path out;
  private final RunInputs inputs;
  private final LoraConfig lora;
  private final TrainableModel model;
  private final TrainingLoop loop;
  private final Optional<Work> validation;
  private final Checkpoints checkpoints;
  private final RunRecord record;
  private final RunPages pages;
  private final TensorBoard board;
  private boolean stoppedEarly;

  Supervisor(
      TrainConfig config,
      Path out,
      RunInputs inputs,
      LoraConfig lora,
      TrainableModel model,
      TrainingLoop loop,
      Optional<Work> validation,
      Checkpoints checkpoints,
      RunRecord record,
      RunPages pages,
      TensorBoard board) {
    this.config = config;
    this.out = out;
    this.inputs = inputs;
    this.lora = lora;
    this.model = model;
    this.loop = loop;
    this.validation = validation;
    this.checkpoints = checkpoints;
    this.record = record;
    this.pages = pages;
    this.board = board;
  }

  /** Measures the model as it is before the first step, unless that was done. */
  void begin() {
    if (record.evaluations().isEmpty()) {
      evaluate(0);
    }
    stoppedEarly = isSpent();
    pages.write(page(Status.RUNNING, List.of()));
  }

  /**
   * Takes note of a step.
   *
   * @return whether to go on
   */
  boolean stepped(StepMetrics step, BooleanSupplier stop) {
    // First the board, so that a kill between the two loses nothing there.
    board.step(step);
    record.add(step);
    int every = config.evaluate().every();
    boolean last = step.step() == loop.totalSteps();
    boolean measured = last || (every > 0 && step.step() % every == 0);
    if (measured) {
      evaluate(step.step());
    }
    stoppedEarly = isSpent();
    if (stoppedEarly && !last) {
      System.err.printf(
          "train: stopped early at step %d: the validation loss has not fallen for %d"
              + " measurements%n",
          step.step(), config.evaluate().patience());
    }
    boolean stopped = stop.getAsBoolean();
    boolean best =
        config.checkpoint().best() && EarlyStopping.bestStep(record.evaluations()) == step.step();
    boolean due = step.step() % config.checkpoint().every() == 0;
    if (best || (!last && !stoppedEarly && (stopped || due))) {
      checkpoints.save(loop.state(step.seconds()), chosenStep());
    }
    boolean goesOn = !stopped && !stoppedEarly;
    if (!goesOn || pages.due()) {
      pages.write(page(stopped && !complete() ? Status.INTERRUPTED : Status.RUNNING, List.of()));
    }
    return goesOn;
  }

  /** Says on the page what ended the run. */
  void failed(RuntimeException fault) {
    pages.add(new Finding("failed", Finding.Severity.STOP, String.valueOf(fault.getMessage())));
    pages.write(page(Status.FAILED, List.of()));
  }

  private boolean isSpent() {
    int patience = config.evaluate().patience();
    return patience > 0
        && EarlyStopping.withoutProgress(record.evaluations(), config.evaluate().minDelta())
            >= patience;
  }

  /** Whether all steps were taken, or no more are wanted. */
  boolean complete() {
    return stoppedEarly || loop.taken() == loop.totalSteps();
  }

  private void evaluate(int step) {
    if (validation.isEmpty()) {
      return;
    }
    long begun = System.nanoTime();
    Work work = validation.get();
    int packs = config.evaluate().packs();
    int count = packs == 0 ? work.examples() : Math.min(packs, work.examples());
    Work.Outcome outcome = work.measure(model, IntStream.range(0, count).boxed().toList());
    Map<String, Double> scores = scores(step);
    var evaluation =
        new Evaluation(
            step, outcome.lossNats(), outcome.more(), scores, (System.nanoTime() - begun) / 1e9);
    board.evaluation(evaluation);
    record.add(evaluation);
    if (step > 0 && config.evaluate().every() > 0) {
      System.err.printf(
          Locale.ROOT,
          "train: step %d: validation loss %.4f%s%n",
          step,
          evaluation.lossNats(),
          scores.isEmpty() ? "" : ", " + scores);
    }
  }

  private Map<String, Double> scores(int step) {
    if (config.evaluate().tasks().isEmpty()) {
      return Map.of();
    }
    Path folder = out.resolve("evaluations").resolve("step-" + step);
    AdapterFolder.write(
        folder.resolve("adapter"),
        new AdapterFolder.Config(config.model(), lora, List.of()),
        Map.of(),
        loop.adapter());
    return new BenchmarkScores(inputs.model().path(), config.evaluate())
        .of(folder.resolve("adapter"), folder.resolve("result"));
  }

  /** Notes the most memory that training took: what comes after it takes its own. */
  void trained() {
    pages.trained();
  }

  /** The step whose adapter is the run's: the best where that is asked for, else the last. */
  int chosenStep() {
    int best = EarlyStopping.bestStep(record.evaluations());
    return config.checkpoint().best() && best > 0 ? best : loop.taken();
  }

  /** The adapter of {@link #chosenStep}. */
  List<FloatTensor> chosenAdapter() {
    int step = chosenStep();
    return step == loop.taken()
        ? loop.adapter()
        : checkpoints.of(step).map(Checkpoints.State::adapter).orElseGet(loop::adapter);
  }

  /** What the run is known by. */
  RunFacts facts() {
    return pages.facts(record, chosenStep());
  }

  /** The page of the finished run. */
  RunPage lastPage(List<RunPage.Equivalence> equivalence) {
    return page(stoppedEarly ? Status.STOPPED_EARLY : Status.FINISHED, equivalence);
  }

  private RunPage page(Status status, List<RunPage.Equivalence> equivalence) {
    return pages.page(status, record.metrics(), record.evaluations(), chosenStep(), equivalence);
  }
}
