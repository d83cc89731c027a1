package dev.whetstone.training.preflight;

import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.ContentHash;
import dev.whetstone.artifacts.dataset.DatasetFolder;
import dev.whetstone.artifacts.model.ModelFolder;
import dev.whetstone.models.engine.LoadedModel;
import dev.whetstone.models.engine.TrainableModel.PackedRow;
import dev.whetstone.models.engine.family.DecoderConfig;
import dev.whetstone.models.text.Tokenizer;
import dev.whetstone.training.TrainConfig;
import dev.whetstone.training.TrainConfig.LossOn;
import dev.whetstone.training.loop.Work;
import dev.whetstone.training.objective.Objective.Kind;
import dev.whetstone.training.preflight.Finding.Severity;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Looks at a run before it begins, for mistakes that cost a night in silence: nothing to learn, an
 * end that is never learned, another template than the model's, rows that the model cannot hold,
 * two beginnings of text, a learning rate of another method.
 */
public final class Preflight {
  /** Rates that published LoRA recipes of supervised training stay within. */
  private static final double LOWEST_RATE = 1e-5;

  private static final double HIGHEST_RATE = 2e-3;

  /** And those of preference losses. */
  private static final double LOWEST_PREFERENCE_RATE = 1e-7;

  private static final double HIGHEST_PREFERENCE_RATE = 2e-4;

  /** Share of answers without an end from which on a person should look. */
  private static final double MANY = 0.05;

  private static final double HALF_FULL = 0.5;
  private static final int NAMED = 5;

  private final TrainConfig config;
  private final DatasetFolder dataset;
  private final ModelFolder model;
  private final Work work;
  private final boolean hasValidation;
  private final List<Finding> findings = new ArrayList<>();

  private Preflight(
      TrainConfig config,
      DatasetFolder dataset,
      ModelFolder model,
      Work work,
      boolean hasValidation) {
    this.config = config;
    this.dataset = dataset;
    this.model = model;
    this.work = work;
    this.hasValidation = hasValidation;
  }

  /**
   * Looks at a run. What its recipe accepts is a warning.
   *
   * @param work of the training split
   * @param hasValidation whether there is a validation split with rows
   */
  public static List<Finding> of(
      TrainConfig config,
      DatasetFolder dataset,
      ModelFolder model,
      Work work,
      boolean hasValidation) {
    var preflight = new Preflight(config, dataset, model, work, hasValidation);
    preflight.look();
    return preflight.findings.stream()
        .map(
            finding ->
                finding.severity() == Severity.STOP && config.accept().contains(finding.kind())
                    ? Finding.warning(finding.kind(), finding.sentence())
                    : finding)
        .toList();
  }

  /**
   * Stops where a finding says so.
   *
   * @throws BadInputException with all that stop, and how a recipe accepts them
   */
  public static void check(List<Finding> findings) {
    List<Finding> stops =
        findings.stream().filter(finding -> finding.severity() == Severity.STOP).toList();
    if (stops.isEmpty()) {
      return;
    }
    throw new BadInputException(
        "the run cannot be right: %s Who means it so sets train.accept: [%s]."
            .formatted(
                stops.stream().map(Finding::sentence).collect(Collectors.joining(" ")),
                stops.stream().map(Finding::kind).collect(Collectors.joining(", "))));
  }

  private void look() {
    lookAtTemplate();
    lookAtRows();
    lookAtRate();
    lookAtObjective();
    lookAtMeasurements();
  }

  /** The model would learn to answer a question that nobody will ask in this form. */
  private void lookAtTemplate() {
    String prepared = dataset.manifest().inputs().get("chat_template");
    String own =
        model.chatTemplate().map(template -> "sha256:" + ContentHash.sha256(template)).orElse(null);
    if (prepared != null && own != null && !prepared.equals(own)) {
      findings.add(
          Finding.stop(
              "other-template",
              "%s was rendered with another chat template than that of %s; prepare it again with this model."
                  .formatted(dataset.path(), model.path())));
    }
  }

  private void lookAtRows() {
    DecoderConfig decoder = DecoderConfig.of(model);
    try (Tokenizer tokenizer = Tokenizer.open(model.path())) {
      var rows = new Rows(decoder, LoadedModel.ends(model, tokenizer), tokenizer.bos());
      for (int example = 0; example < work.examples(); example++) {
        List<PackedRow> packed = work.rows(example);
        for (PackedRow row : packed) {
          rows.look(row, work.rowIds(example));
        }
      }
      rows.tell();
    }
    if (work.length() > 0) {
      long tokens = 0;
      for (int example = 0; example < work.examples(); example++) {
        tokens += work.tokens(example);
      }
      double fill = (double) tokens / ((double) work.examples() * work.length());
      if (fill < HALF_FULL && work.examples() > 1) {
        findings.add(
            Finding.warning(
                "empty-packs",
                String.format(
                    Locale.ROOT,
                    "the packs are %.0f %% full, so that steps are uneven; a shorter pack_length"
                        + " fits the rows better.",
                    100 * fill)));
      }
    }
  }

  /** Counts over all rows. */
  private final class Rows {
    private final DecoderConfig decoder;
    private final Set<Integer> ends;
    private final OptionalInt bos;
    private final Set<String> tooLong = new TreeSet<>();
    private final Set<String> twoBeginnings = new TreeSet<>();
    private int longest;
    private long documents;
    private long withTargets;
    private long withEnd;

    Rows(DecoderConfig decoder, Set<Integer> ends, OptionalInt bos) {
      this.decoder = decoder;
      this.ends = ends;
      this.bos = bos;
    }

    void look(PackedRow row, List<String> ids) {
      int start = 0;
      for (int document = 0; document < row.lengths().length; document++) {
        int length = row.lengths()[document];
        look(row, start, length, ids.get(Math.min(document, ids.size() - 1)));
        start += length;
      }
    }

    private void look(PackedRow row, int start, int length, String id) {
      documents++;
      if (length > decoder.maxPositions()) {
        tooLong.add(id);
        longest = Math.max(longest, length);
      }
      int[] tokens = row.tokens();
      if (bos.isPresent()
          && length > 1
          && tokens[start] == bos.getAsInt()
          && tokens[start + 1] == bos.getAsInt()) {
        twoBeginnings.add(id);
      }
      boolean target = false;
      boolean end = false;
      for (int i = start; i < start + length; i++) {
        checkToken(tokens[i]);
        int label = row.labels()[i];
        if (label != DatasetFolder.IGNORED) {
          checkToken(label); // inside libtorch a wrong one would end the process
          target |= i > start;
          end |= i > start && ends.contains(label);
        }
      }
      withTargets += target ? 1 : 0;
      withEnd += end ? 1 : 0;
    }

    private void checkToken(int token) {
      if (token < 0 || token >= decoder.vocabulary()) {
        throw new BadInputException(
            "token %d is outside the model's vocabulary of %d; the dataset was prepared for another model."
                .formatted(token, decoder.vocabulary()));
      }
    }

    void tell() {
      if (!tooLong.isEmpty()) {
        findings.add(
            Finding.stop(
                "too-long",
                "%d rows have more tokens than the %d of the model's context, up to %d (%s); prepare with a smaller max_length."
                    .formatted(tooLong.size(), decoder.maxPositions(), longest, some(tooLong))));
      }
      if (!twoBeginnings.isEmpty()) {
        findings.add(
            Finding.stop(
                "two-beginnings",
                "%d rows begin with the beginning of text twice (%s), which the model has never seen; the text has one and the tokenizer adds another."
                    .formatted(twoBeginnings.size(), some(twoBeginnings))));
      }
      if (withTargets == 0) {
        findings.add(
            Finding.stop(
                "no-target",
                "the dataset has no token to learn from: every label is ignored; look at"
                    + " prepare.loss_on."));
        return;
      }
      if (ends.isEmpty()) {
        findings.add(
            Finding.warning(
                "no-end-token",
                "%s names no token that ends a text, so that nobody can tell whether it is learned."
                    .formatted(model.path())));
      } else if (withEnd == 0) {
        findings.add(
            Finding.stop(
                "no-end",
                "the model would not learn to stop: of %,d rows none has one of its ends of text (%s) among its targets; look at the chat template and prepare.loss_on."
                    .formatted(withTargets, named(ends))));
      } else if (withEnd < (1 - MANY) * withTargets) {
        findings.add(
            Finding.warning(
                "few-ends",
                "of %,d rows only %,d have an end of text among their targets: the others were cut, or do not teach the model to stop."
                    .formatted(withTargets, withEnd)));
      }
      if (withTargets < documents) {
        findings.add(
            Finding.warning(
                "rows-without-target",
                "of %,d rows %,d have no target and cost time for nothing."
                    .formatted(documents, documents - withTargets)));
      }
    }
  }

  private static String some(Set<String> ids) {
    return ids.stream().limit(NAMED).collect(Collectors.joining(", "))
        + (ids.size() > NAMED ? ", …" : "");
  }

  private static String named(Set<Integer> tokens) {
    return new TreeSet<>(tokens).stream().map(String::valueOf).collect(Collectors.joining(", "));
  }

  private void lookAtRate() {
    boolean preference = config.objective().kind().takesAnswers();
    double lowest = preference ? LOWEST_PREFERENCE_RATE : LOWEST_RATE;
    double highest = preference ? HIGHEST_PREFERENCE_RATE : HIGHEST_RATE;
    if (config.learningRate() < lowest || config.learningRate() > highest) {
      findings.add(
          Finding.warning(
              "unusual-rate",
              "learning_rate is %s; LoRA runs with %s use %s to %s."
                  .formatted(
                      config.learningRate(), config.objective().kind().key(), lowest, highest)));
    }
  }

  private void lookAtObjective() {
    if (config.objective().kind() == Kind.KTO && config.batch().packs() < 2) {
      findings.add(
          Finding.stop(
              "one-answer-a-step",
              "kto measures how far the model has moved on mismatched answers of a step, and a step"
                  + " of one answer has none; make batch.rows times batch.accumulate at least 2."));
    }
    OptionalInt good = work.goodExamples();
    if (good.isPresent() && (good.getAsInt() == 0 || good.getAsInt() == work.examples())) {
      findings.add(
          Finding.stop(
              "one-label",
              "all %,d answers are labelled %s, so that there is nothing to tell apart; give kto answers of both labels."
                  .formatted(work.examples(), good.getAsInt() == 0 ? "bad" : "good")));
    }
    if (config.objective().kind().takesAnswers() && config.lossOn() == LossOn.ALL) {
      findings.add(
          Finding.warning(
              "loss-on-prompts",
              "loss_on is all, but %s compares answers; their labels count."
                  .formatted(config.objective().kind().key())));
    }
  }

  private void lookAtMeasurements() {
    if (!hasValidation && (config.evaluate().patience() > 0 || config.checkpoint().best())) {
      findings.add(
          Finding.stop(
              "no-validation",
              "evaluate.patience and checkpoint.best need a validation split, and %s has none; prepare it with split: {validation: 0.02}."
                  .formatted(dataset.path())));
    }
    var unchecked = new TreeSet<>(config.evaluate().tasks());
    unchecked.removeAll(dataset.checkedTasks().keySet());
    if (!unchecked.isEmpty()) {
      findings.add(
          Finding.warning(
              "not-decontaminated",
              "%s was not looked through for the items of %s, so that a better score may be a remembered one; name their items in prepare.decontaminate."
                  .formatted(dataset.path(), String.join(", ", unchecked))));
    }
  }
}
