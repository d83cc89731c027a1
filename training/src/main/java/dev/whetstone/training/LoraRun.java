package dev.whetstone.training;

import dev.whetstone.artifacts.Ancestor;
import dev.whetstone.artifacts.ArtifactFolder;
import dev.whetstone.artifacts.Json;
import dev.whetstone.artifacts.Manifest;
import dev.whetstone.artifacts.Publish;
import dev.whetstone.artifacts.Versions;
import dev.whetstone.artifacts.command.Progress;
import dev.whetstone.artifacts.dataset.DatasetFolder;
import dev.whetstone.artifacts.model.AdapterFolder;
import dev.whetstone.artifacts.model.HubCache;
import dev.whetstone.artifacts.model.LoraConfig;
import dev.whetstone.artifacts.model.ModelFolder;
import dev.whetstone.artifacts.run.RunFolder;
import dev.whetstone.artifacts.run.RunFolder.StepMetrics;
import dev.whetstone.artifacts.tensors.Safetensors.FloatTensor;
import dev.whetstone.models.engine.EngineVersions;
import dev.whetstone.models.engine.Equivalence;
import dev.whetstone.models.engine.Hardware;
import dev.whetstone.models.engine.TrainableModel;
import dev.whetstone.models.engine.TrainableModel.PackedRow;
import dev.whetstone.training.checkpoint.Checkpoints;
import dev.whetstone.training.loop.TrainingLoop;
import dev.whetstone.training.loop.Work;
import dev.whetstone.training.preflight.Finding;
import dev.whetstone.training.preflight.MemoryPlan;
import dev.whetstone.training.preflight.Preflight;
import dev.whetstone.training.report.ModelCard;
import dev.whetstone.training.report.RunPage;
import dev.whetstone.training.report.RunReport;
import dev.whetstone.training.tensorboard.TensorBoard;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * One LoRA run, from a dataset folder and a model folder to an adapter. The steps, in order; the
 * mechanics are elsewhere.
 */
public final class LoraRun {
  private static final Clock CLOCK = Clock.systemUTC();

  /** Tokens of a row that merged forms are compared on. */
  private static final int PROBE_TOKENS = 128;

  private final TrainConfig config;
  private final Path out;
  private final String name;

  public LoraRun(TrainConfig config, Path out, String name) {
    this.config = config;
    this.out = out;
    this.name = name;
  }

  /**
   * Runs, or goes on, or finds the work done.
   *
   * @param stop asked after every step; pulled, it saves a checkpoint and ends the run
   * @return whether the run is complete
   */
  public boolean run(boolean overwrite, StopSwitch stop) {
    Instant started = Instant.now();
    RunInputs inputs = RunInputs.open(config);
    String id = inputs.id(config);
    Optional<ArtifactFolder> begun = ArtifactFolder.begin(out, RunFolder.FORMAT, id, overwrite);
    if (begun.isEmpty()) {
      System.err.println("train: unchanged, reused " + out);
      return true;
    }
    try (ArtifactFolder run = begun.get()) {
      return run(run, id, inputs, stop, started);
    }
  }

  private boolean run(
      ArtifactFolder run, String id, RunInputs inputs, StopSwitch stop, Instant started) {
    Work read = inputs.training(config);
    Optional<Work> validation = inputs.validation(config);
    LoraConfig lora = config.lora().config(config.lora().chosen().of(inputs.model()));
    List<Finding> findings =
        Preflight.of(config, inputs.dataset(), inputs.model(), read, validation.isPresent());
    Preflight.check(findings);
    findings.forEach(finding -> System.err.println("train: " + finding.sentence()));
    var checkpoints = new Checkpoints(out, id, config.checkpoint().keep());
    Optional<Checkpoints.State> begun = checkpoints.newest();
    MemoryPlan plan =
        MemoryPlan.of(
            config,
            inputs.model(),
            lora,
            read,
            begun.map(state -> OptionalInt.of(state.atOnce())).orElseGet(OptionalInt::empty));
    System.err.println("train: " + plan.sentence());
    Work work = read.atOnce(plan.atOnce());
    List<Ancestor> lineage = lineage(inputs);
    Optional<Supervisor> trained =
        trained(
            id, inputs, work, validation, lora, lineage, findings, plan, checkpoints, begun, stop);
    if (trained.isEmpty()) {
      System.err.println("train: interrupted; the same command goes on from the last step");
      return false;
    }
    // The model's memory is free again: three forms of it are loaded, one after the other.
    List<RunPage.Equivalence> equivalence = equivalence(inputs.model(), validation.orElse(work));
    Supervisor supervisor = trained.get();
    finish(
        run,
        id,
        inputs,
        lora,
        lineage,
        supervisor.facts(),
        supervisor.lastPage(equivalence),
        started);
    return true;
  }

  /** Trains, and writes the adapter; empty if that was interrupted. */
  private Optional<Supervisor> trained(
      String id,
      RunInputs inputs,
      Work work,
      Optional<Work> validation,
      LoraConfig lora,
      List<Ancestor> lineage,
      List<Finding> findings,
      MemoryPlan plan,
      Checkpoints checkpoints,
      Optional<Checkpoints.State> begun,
      StopSwitch stop) {
    System.err.printf("train: loading %s%n", inputs.model().path());
    try (TrainableModel model = TrainableModel.load(inputs.model(), lora, plan.tuning())) {
      inputs.adapter().ifPresent(from -> goOnFrom(model, from));
      try (var loop = new TrainingLoop(config, model, work, plan.atOnce())) {
        var record = new RunRecord(out);
        int step = resume(loop, record, begun);
        announce(loop, work);
        var pages =
            new RunPages(
                name, config, out, inputs, work, model, loop, findings, plan, lineage, CLOCK);
        try (TensorBoard board = TensorBoard.open(out.resolve("tensorboard"), step, CLOCK)) {
          var supervisor =
              new Supervisor(
                  config,
                  out,
                  inputs,
                  lora,
                  model,
                  loop,
                  validation,
                  checkpoints,
                  record,
                  pages,
                  board);
          if (!train(loop, supervisor, stop)) {
            return Optional.empty();
          }
          supervisor.trained();
          writeAdapter(id, lora, supervisor.chosenAdapter(), lineage, supervisor.facts());
          return Optional.of(supervisor);
        }
      }
    }
  }

  /** How near merged and rounded weights are to the adapter, on a few rows. */
  private List<RunPage.Equivalence> equivalence(ModelFolder model, Work work) {
    int count = config.equivalence().probes();
    List<int[]> probes =
        IntStream.range(0, work.examples())
            .boxed()
            .flatMap(example -> work.rows(example).stream())
            .flatMap(row -> documents(row).stream())
            .filter(tokens -> tokens.length > 1)
            .limit(count)
            .toList();
    if (probes.isEmpty()) {
      return List.of();
    }
    System.err.println("train: comparing the adapter with its merged forms");
    Equivalence measured =
        Equivalence.measure(
            model,
            AdapterFolder.open(out.resolve("adapter")),
            probes,
            config.equivalence().newTokens());
    return List.of(
        shown("merged, float32", measured.merged()),
        shown("merged, bfloat16", measured.bfloat16()));
  }

  private static RunPage.Equivalence shown(String compared, Equivalence.Difference difference) {
    return new RunPage.Equivalence(
        compared,
        difference.maxNats(),
        difference.meanNats(),
        difference.greedyAgreement(),
        difference.positions());
  }

  /** The documents of a row, their beginnings where they are long. */
  private static List<int[]> documents(PackedRow row) {
    var documents = new ArrayList<int[]>();
    int start = 0;
    for (int length : row.lengths()) {
      documents.add(
          Arrays.copyOfRange(row.tokens(), start, start + Math.min(length, PROBE_TOKENS)));
      start += length;
    }
    return documents;
  }

  private static void goOnFrom(TrainableModel model, AdapterFolder from) {
    model.setAll(from.values(), from.path().toString());
    model.takeAsBase();
  }

  /** Returns the step that the run goes on from. */
  private static int resume(
      TrainingLoop loop, RunRecord record, Optional<Checkpoints.State> state) {
    int step = state.map(Checkpoints.State::step).orElse(0);
    record.cutBackTo(step);
    if (state.isPresent()) {
      System.err.printf("train: going on from step %d%n", step);
      loop.restore(state.get(), record.metrics());
    }
    return step;
  }

  private void announce(TrainingLoop loop, Work work) {
    System.err.printf(
        Locale.ROOT,
        "train: %d steps of up to %d %s, %,d tokens; %s, LoRA rank %d, learning rate %s%n",
        loop.totalSteps(),
        config.batch().packs(),
        work.length() > 0 ? "packs" : "examples",
        loop.totalTokens(),
        config.objective().kind().key(),
        config.lora().rank(),
        config.learningRate());
    if (work.length() > 0) {
      System.err.printf(
          Locale.ROOT,
          "train: %,d packs of up to %d tokens, %.1f %% full%n",
          work.examples(),
          work.length(),
          100.0 * RunFacts.tokens(work) / ((double) work.examples() * work.length()));
    }
  }

  private static boolean train(TrainingLoop loop, Supervisor supervisor, StopSwitch stop) {
    try (Progress progress = Progress.of("train", loop.totalTokens())) {
      supervisor.begin();
      loop.run(
          (step, total) -> {
            progress.to(step.tokens(), line(step, total));
            return supervisor.stepped(step, stop::pulled);
          });
      return supervisor.complete();
    } catch (RuntimeException fault) {
      supervisor.failed(fault);
      throw fault;
    }
  }

  private static String line(StepMetrics step, int total) {
    return String.format(
        Locale.ROOT,
        "step %d of %d, loss %.3f, %.0f tokens/s",
        step.step(),
        total,
        step.lossNats(),
        step.tokensPerSecond());
  }

  private static List<Ancestor> lineage(RunInputs inputs) {
    DatasetFolder dataset = inputs.dataset();
    var lineage = new ArrayList<Ancestor>();
    inputs.adapter().ifPresent(from -> lineage.addAll(from.config().lineage()));
    lineage.addAll(dataset.manifest().lineage());
    lineage.removeIf(ancestor -> ancestor.kind().equals("model"));
    inputs.adapter().ifPresent(from -> lineage.add(from.asAncestor()));
    lineage.add(dataset.manifest().asAncestor("dataset", datasetName(dataset), facts(inputs)));
    lineage.add(inputs.modelLink());
    return lineage;
  }

  private static String datasetName(DatasetFolder dataset) {
    return dataset.path().toAbsolutePath().normalize().getFileName().toString();
  }

  private static Map<String, String> facts(RunInputs inputs) {
    var facts = new TreeMap<String, String>();
    var counts = inputs.dataset().manifest().counts();
    facts.put("read", counts.path("read").asText());
    facts.put(Publish.KEY, inputs.published()); // the model's answers can repeat its rows
    counts
        .path("kept")
        .properties()
        .forEach(split -> facts.put("kept " + split.getKey(), split.getValue().asText()));
    counts
        .path("dropped")
        .properties()
        .forEach(reason -> facts.put("dropped " + reason.getKey(), reason.getValue().asText()));
    return facts;
  }

  private Map<String, String> runFacts(RunFacts facts) {
    var shown = new TreeMap<String, String>();
    shown.put("steps", Integer.toString(facts.last().step()));
    shown.put("tokens", Long.toString(facts.last().tokens()));
    shown.put("seconds", String.format(Locale.ROOT, "%.1f", facts.last().seconds()));
    shown.put("learning rate", config.learningRate().toString());
    shown.put("rank", config.lora().rank().toString());
    shown.put("loss first", String.format(Locale.ROOT, "%.4f", facts.metrics().get(0).lossNats()));
    shown.put("loss last", String.format(Locale.ROOT, "%.4f", facts.last().lossNats()));
    return shown;
  }

  private void writeAdapter(
      String id,
      LoraConfig lora,
      List<FloatTensor> tensors,
      List<Ancestor> lineage,
      RunFacts facts) {
    var adapterLineage = new ArrayList<>(lineage);
    adapterLineage.add(new Ancestor("run", name, id, runFacts(facts)));
    AdapterFolder.write(
        out.resolve("adapter"),
        new AdapterFolder.Config(
            HubCache.locate(Path.of(config.model())).toString(), lora, adapterLineage),
        Map.of(),
        tensors);
  }

  private void finish(
      ArtifactFolder run,
      String id,
      RunInputs inputs,
      LoraConfig lora,
      List<Ancestor> lineage,
      RunFacts facts,
      RunPage page,
      Instant started) {
    ArtifactFolder.writeAtomically(
        out.resolve("run.json"), Json.pretty(Map.of("name", name, "config", config)));
    ArtifactFolder.writeAtomically(out.resolve("report.html"), RunReport.html(page));
    String content = AdapterFolder.open(out.resolve("adapter")).content();
    ArtifactFolder.writeAtomically(
        out.resolve("adapter").resolve("README.md"),
        new ModelCard(page, lora, content, Optional.empty()).markdown());
    run.finish(
        new Manifest(
            RunFolder.FORMAT,
            id,
            content,
            inputs.hashes(),
            Json.mapper().valueToTree(config),
            Json.mapper().valueToTree(facts.counts()),
            Map.of("train", config.seed()),
            Versions.current(EngineVersions.of(Hardware.of(config.device()))),
            lineage,
            started.toString(),
            Duration.between(started, Instant.now()).toMillis() / 1e3));
  }
}
