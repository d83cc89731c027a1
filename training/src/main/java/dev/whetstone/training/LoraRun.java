package dev.whetstone.training;

import dev.whetstone.artifacts.Ancestor;
import dev.whetstone.artifacts.ArtifactFolder;
import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.ContentHash;
import dev.whetstone.artifacts.Json;
import dev.whetstone.artifacts.Manifest;
import dev.whetstone.artifacts.Publish;
import dev.whetstone.artifacts.StepId;
import dev.whetstone.artifacts.SystemMemory;
import dev.whetstone.artifacts.Versions;
import dev.whetstone.artifacts.command.Progress;
import dev.whetstone.artifacts.dataset.DatasetFolder;
import dev.whetstone.artifacts.model.AdapterFolder;
import dev.whetstone.artifacts.model.HubCache;
import dev.whetstone.artifacts.model.ModelFolder;
import dev.whetstone.artifacts.run.RunFolder;
import dev.whetstone.artifacts.run.RunFolder.StepMetrics;
import dev.whetstone.models.engine.EngineVersions;
import dev.whetstone.models.engine.TrainableModel;
import dev.whetstone.models.engine.TrainableModel.PackedRow;
import dev.whetstone.training.TrainConfig.LossOn;
import dev.whetstone.training.checkpoint.Checkpoints;
import dev.whetstone.training.checkpoint.MetricsFile;
import dev.whetstone.training.loop.TrainingLoop;
import dev.whetstone.training.plan.TrainingRows;
import dev.whetstone.training.report.RunReport;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;

/**
 * One LoRA run, from a dataset folder and a model folder to an adapter. The steps, in order; the
 * mechanics are elsewhere.
 */
public final class LoraRun {
  /** Raised by hand when the same section and inputs would give another adapter. */
  private static final int BEHAVIOUR = 1;

  /**
   * Packs of the validation split whose loss is measured before and after: enough to see a trend,
   * seconds of work.
   */
  private static final int VALIDATION_PACKS = 2;

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
    DatasetFolder dataset = DatasetFolder.open(Path.of(config.dataset()));
    ModelFolder folder = ModelFolder.open(Path.of(config.model()));
    Ancestor model = folder.asAncestor();
    checkLossOn(dataset);
    checkTokenizer(dataset, folder);
    Map<String, String> inputs =
        Map.of("dataset", dataset.manifest().content(), "model", model.content());
    String id = StepId.of("train", BEHAVIOUR, workOf(config), work(inputs, dataset));
    Optional<ArtifactFolder> begun = ArtifactFolder.begin(out, RunFolder.FORMAT, id, overwrite);
    if (begun.isEmpty()) {
      System.err.println("train: unchanged, reused " + out);
      return true;
    }
    try (ArtifactFolder run = begun.get()) {
      return run(run, id, inputs, dataset, folder, stop, started);
    }
  }

  private boolean run(
      ArtifactFolder run,
      String id,
      Map<String, String> inputs,
      DatasetFolder dataset,
      ModelFolder folder,
      StopSwitch stop,
      Instant started) {
    TrainingRows rows =
        TrainingRows.read(dataset, "train", config.packLength(), config.lossOn() == LossOn.ALL);
    List<PackedRow> validation = validation(dataset);
    System.err.printf("train: loading %s%n", folder.path());
    try (TrainableModel trainable =
            TrainableModel.load(folder, config.lora().config(), config.seed());
        var loop = new TrainingLoop(config, trainable, rows)) {
      check(rows, trainable);
      var checkpoints = new Checkpoints(out, id, config.checkpoint().keep());
      var metrics = new MetricsFile(out.resolve(RunFolder.METRICS));
      OptionalDouble before = lossOf(trainable, validation);
      checkpoints
          .newest()
          .ifPresentOrElse(state -> resume(loop, metrics, state), () -> metrics.cut(0));
      announce(loop, rows);
      if (!train(loop, metrics, checkpoints, stop)) {
        System.err.println("train: interrupted; the same command goes on from the last step");
        return false;
      }
      OptionalDouble after = lossOf(trainable, validation);
      var facts =
          new RunFacts(
              metrics.all(),
              rows,
              before,
              after,
              SystemMemory.peakBytes().orElse(0),
              trainable.parameters());
      var lineage = new ArrayList<>(dataset.manifest().lineage());
      lineage.removeIf(ancestor -> ancestor.kind().equals("model"));
      lineage.add(
          dataset.manifest().asAncestor("dataset", datasetName(dataset), datasetFacts(dataset)));
      lineage.add(folder.asAncestor());
      writeAdapter(id, loop, lineage, facts);
      finish(run, id, inputs, lineage, facts, started);
      return true;
    }
  }

  /** The section without the places of its inputs: those enter an id by their contents. */
  private static TrainConfig workOf(TrainConfig config) {
    return config.with("", "");
  }

  /**
   * What the rows' owner allows travels in the adapter's lineage, so another word is other work.
   * Without one the id is that of runs from before there was the key.
   */
  private static Map<String, String> work(Map<String, String> inputs, DatasetFolder dataset) {
    var work = new TreeMap<>(inputs);
    if (!published(dataset).equals(Publish.UNSAID.key())) {
      work.put(Publish.KEY, published(dataset));
    }
    return work;
  }

  private static String published(DatasetFolder dataset) {
    return dataset.manifest().recipe().path(Publish.KEY).asText(Publish.UNSAID.key());
  }

  private void checkLossOn(DatasetFolder dataset) {
    String prepared = dataset.manifest().recipe().path("loss_on").asText("assistant");
    if (config.lossOn() != LossOn.ALL && !prepared.equals(config.lossOn().key())) {
      throw new BadInputException(
          "%s: its labels are for loss_on %s, the recipe trains with loss_on %s; prepare it again with prepare.loss_on."
              .formatted(dataset.path(), prepared, config.lossOn().key()));
    }
  }

  /** Ids of another tokenizer would be other words, without any sign of it. */
  private static void checkTokenizer(DatasetFolder dataset, ModelFolder model) {
    String prepared = dataset.manifest().inputs().get("tokenizer");
    String own = "sha256:" + ContentHash.sha256(model.tokenizerFile());
    if (prepared != null && !prepared.equals(own)) {
      throw new BadInputException(
          "%s: was prepared with another tokenizer than that of %s; prepare it again with this model."
              .formatted(dataset.path(), model.path()));
    }
  }

  private List<PackedRow> validation(DatasetFolder dataset) {
    if (!dataset.splits().contains("validation") || dataset.rowCount("validation") == 0) {
      return List.of();
    }
    List<PackedRow> packs =
        TrainingRows.read(dataset, "validation", config.packLength(), config.lossOn() == LossOn.ALL)
            .packs();
    return packs.subList(0, Math.min(VALIDATION_PACKS, packs.size()));
  }

  private static OptionalDouble lossOf(TrainableModel model, List<PackedRow> packs) {
    return packs.isEmpty()
        ? OptionalDouble.empty()
        : OptionalDouble.of(TrainingLoop.meanLoss(model, packs));
  }

  private static void check(TrainingRows rows, TrainableModel model) {
    if (rows.packs().stream().mapToInt(TrainingRows::targets).sum() == 0) {
      throw new BadInputException(
          "the dataset has no token to learn from: every label is ignored; look at"
              + " prepare.loss_on.");
    }
    for (PackedRow pack : rows.packs()) {
      for (int length : pack.lengths()) {
        if (length > model.maxLength()) {
          throw new BadInputException(
              "a row has %d tokens, the model's context holds %d; prepare with a smaller max_length."
                  .formatted(length, model.maxLength()));
        }
      }
      checkTokens(pack.tokens(), model.vocabularySize());
      // Labels index the vocabulary too, inside libtorch, where a wrong one would end the process.
      checkTokens(
          Arrays.stream(pack.labels()).filter(l -> l != DatasetFolder.IGNORED).toArray(),
          model.vocabularySize());
    }
  }

  private static void checkTokens(int[] tokens, int vocabulary) {
    for (int token : tokens) {
      if (token < 0 || token >= vocabulary) {
        throw new BadInputException(
            "token %d is outside the model's vocabulary of %d; the dataset was prepared for another model."
                .formatted(token, vocabulary));
      }
    }
  }

  private static void resume(TrainingLoop loop, MetricsFile metrics, Checkpoints.State state) {
    System.err.printf("train: going on from step %d%n", state.step());
    loop.restore(state);
    metrics.cut(state.step());
  }

  private void announce(TrainingLoop loop, TrainingRows rows) {
    System.err.printf(
        Locale.ROOT,
        "train: %d steps of up to %d packs, %,d tokens; LoRA rank %d, learning rate %s%n",
        loop.totalSteps(),
        config.batch().packs(),
        loop.totalTokens(),
        config.lora().rank(),
        config.learningRate());
    System.err.printf(
        Locale.ROOT,
        "train: %,d packs of up to %d tokens, %.1f %% full%n",
        rows.packs().size(),
        rows.length(),
        100.0 * rows.tokens() / ((double) rows.packs().size() * rows.length()));
  }

  private static boolean train(
      TrainingLoop loop, MetricsFile metrics, Checkpoints checkpoints, StopSwitch stop) {
    try (Progress progress = Progress.of("train", loop.totalTokens())) {
      return loop.run(
          (StepMetrics step, int total) -> {
            metrics.append(step);
            progress.to(
                step.tokens(),
                String.format(
                    Locale.ROOT,
                    "step %d of %d, loss %.3f, %.0f tokens/s",
                    step.step(),
                    total,
                    step.lossNats(),
                    step.tokensPerSecond()));
          },
          checkpoints,
          stop::pulled);
    }
  }

  private static String datasetName(DatasetFolder dataset) {
    return dataset.path().toAbsolutePath().normalize().getFileName().toString();
  }

  private static Map<String, String> datasetFacts(DatasetFolder dataset) {
    var facts = new TreeMap<String, String>();
    var counts = dataset.manifest().counts();
    facts.put("read", counts.path("read").asText());
    facts.put(Publish.KEY, published(dataset)); // the model's answers can repeat its rows
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

  private void writeAdapter(String id, TrainingLoop loop, List<Ancestor> lineage, RunFacts facts) {
    var adapterLineage = new ArrayList<>(lineage);
    adapterLineage.add(new Ancestor("run", name, id, runFacts(facts)));
    AdapterFolder.write(
        out.resolve("adapter"),
        new AdapterFolder.Config(
            HubCache.locate(Path.of(config.model())).toString(),
            config.lora().rank(),
            config.lora().alpha(),
            config.lora().dropout(),
            config.lora().config().targets().stream().sorted().toList(),
            adapterLineage),
        Map.of(),
        loop.adapter());
  }

  private void finish(
      ArtifactFolder run,
      String id,
      Map<String, String> inputs,
      List<Ancestor> lineage,
      RunFacts facts,
      Instant started) {
    ArtifactFolder.writeAtomically(
        out.resolve("run.json"), Json.pretty(Map.of("name", name, "config", config)));
    ArtifactFolder.writeAtomically(
        out.resolve("report.html"), RunReport.html(name, config, facts, lineage));
    String content = AdapterFolder.open(out.resolve("adapter")).content();
    run.finish(
        new Manifest(
            RunFolder.FORMAT,
            id,
            content,
            inputs,
            Json.mapper().valueToTree(config),
            Json.mapper().valueToTree(facts.counts()),
            Map.of("train", config.seed()),
            Versions.current(EngineVersions.current()),
            lineage,
            started.toString(),
            java.time.Duration.between(started, Instant.now()).toMillis() / 1e3));
  }
}
