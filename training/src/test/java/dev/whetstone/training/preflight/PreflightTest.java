package dev.whetstone.training.preflight;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.Json;
import dev.whetstone.artifacts.Manifest;
import dev.whetstone.artifacts.Versions;
import dev.whetstone.artifacts.dataset.DatasetFolder;
import dev.whetstone.artifacts.dataset.DatasetFolder.LabelledRow;
import dev.whetstone.artifacts.dataset.DatasetFolder.TokenRow;
import dev.whetstone.artifacts.model.ModelFolder;
import dev.whetstone.artifacts.recipe.Recipe;
import dev.whetstone.models.engine.TrainableModel.PackedRow;
import dev.whetstone.models.engine.testing.TinyModel;
import dev.whetstone.models.text.testing.TinyTokenizer;
import dev.whetstone.training.TrainConfig;
import dev.whetstone.training.loop.LabelledWork;
import dev.whetstone.training.loop.PackWork;
import dev.whetstone.training.loop.Work;
import dev.whetstone.training.objective.Objective;
import dev.whetstone.training.objective.Objective.Kind;
import dev.whetstone.training.plan.TrainingRows;
import dev.whetstone.training.plan.TrainingRows.TrainingPack;
import dev.whetstone.training.preflight.Finding.Severity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each finding is triggered by a run that deserves it, and a sound run has none. */
class PreflightTest {
  private static final int END = TinyTokenizer.vocabularySize() - 1;

  @TempDir private Path world;
  private ModelFolder model;

  @BeforeEach
  void makeWorld() {
    model = TinyModel.write(world.resolve("model"), 1);
  }

  private static Work rows(int[]... rows) {
    return rows(0, rows);
  }

  /** Packs of one row each, whose first {@code ignored} tokens are no targets. */
  private static Work rows(int ignored, int[]... rows) {
    List<TrainingPack> packs =
        Arrays.stream(rows)
            .map(
                tokens -> {
                  int[] labels = tokens.clone();
                  Arrays.fill(labels, 0, Math.min(ignored, labels.length), DatasetFolder.IGNORED);
                  var row = new PackedRow(tokens, labels, new int[] {tokens.length});
                  return new TrainingPack(row, new double[row.targets().length], List.of("r1"));
                })
            .toList();
    return new PackWork(new TrainingRows(packs, 8), 1);
  }

  private static final int[] SOUND = {1, 2, 3, 4, 5, END};

  private List<Finding> look(String section, Map<String, String> inputs, Work work)
      throws IOException {
    Path recipe = world.resolve("recipe.yaml");
    Files.writeString(recipe, "name: t\ntrain: {" + section + "}\n");
    TrainConfig config = Recipe.read(recipe, List.of()).section("train", TrainConfig.class);
    var manifest =
        new Manifest(
            DatasetFolder.FORMAT,
            "sha256:a",
            "sha256:b",
            inputs,
            Json.mapper().createObjectNode(),
            Json.mapper().createObjectNode(),
            Map.of(),
            Versions.current(Map.of()),
            List.of(),
            "2026-01-01T00:00:00Z",
            1);
    return Preflight.of(
        config, new DatasetFolder(world.resolve("dataset"), manifest), model, work, false);
  }

  private void assertStops(String kind, String part, String section, Work work) throws IOException {
    List<Finding> findings = look(section, Map.of(), work);
    assertThat(findings)
        .filteredOn(finding -> finding.severity() == Severity.STOP)
        .singleElement()
        .satisfies(
            finding -> {
              assertThat(finding.kind()).isEqualTo(kind);
              assertThat(finding.sentence()).contains(part);
            });
    assertThatThrownBy(() -> Preflight.check(findings))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("the run cannot be right")
        .hasMessageContaining("train.accept: [" + kind + "]");
    String accepting = (section.isEmpty() ? "" : section + ", ") + "accept: [" + kind + "]";
    List<Finding> accepted = look(accepting, Map.of(), work);
    assertThatCode(() -> Preflight.check(accepted)).doesNotThrowAnyException();
    assertThat(accepted).extracting(Finding::kind).contains(kind);
  }

  @Test
  void aSoundRunHasNoFindings() throws IOException {
    assertThat(look("", Map.of(), rows(SOUND))).isEmpty();
  }

  @Test
  void nothingToLearnStops() throws IOException {
    assertStops("no-target", "every label is ignored", "", rows(6, SOUND));
  }

  @Test
  void anEndThatIsNeverLearnedStops() throws IOException {
    assertStops("no-end", "would not learn to stop", "", rows(new int[] {1, 2, 3, 4, 5, 6}));
  }

  @Test
  void endsThatAreMissingHereAndThereAreWarnedOf() throws IOException {
    assertThat(look("", Map.of(), rows(SOUND, new int[] {1, 2, 3, 4, 5, 6})))
        .singleElement()
        .satisfies(finding -> assertThat(finding.kind()).isEqualTo("few-ends"));
  }

  @Test
  void rowsLongerThanTheContextStop() throws IOException {
    int[] row = new int[TinyModel.CONTEXT + 1];
    row[TinyModel.CONTEXT] = END;
    assertStops("too-long", "more tokens than the " + TinyModel.CONTEXT, "", rows(SOUND, row));
  }

  @Test
  void twoBeginningsOfTextStop() throws IOException {
    int bos;
    try (var tokenizer = dev.whetstone.models.text.Tokenizer.open(model.path())) {
      bos = tokenizer.bos().orElseThrow();
    }
    assertStops(
        "two-beginnings", "beginning of text twice", "", rows(new int[] {bos, bos, 1, 2, 3, END}));
    assertThat(look("", Map.of(), rows(new int[] {bos, 1, 2, 3, 4, END}))).isEmpty();
  }

  @Test
  void anotherTemplateStops() throws IOException {
    Map<String, String> inputs = Map.of("chat_template", "sha256:another");
    assertThat(look("", inputs, rows(SOUND)))
        .singleElement()
        .satisfies(
            finding -> {
              assertThat(finding.severity()).isEqualTo(Severity.STOP);
              assertThat(finding.sentence()).contains("another chat template");
            });
  }

  @Test
  void aRateOutsideTheFieldsIsWarnedOf() throws IOException {
    assertThat(look("learning_rate: 0.05", Map.of(), rows(SOUND)))
        .singleElement()
        .satisfies(finding -> assertThat(finding.sentence()).contains("learning_rate is 0.05"));
    assertThat(look("objective: dpo, learning_rate: 1.0e-3", Map.of(), rows(SOUND)))
        .extracting(Finding::kind)
        .contains("unusual-rate");
  }

  @Test
  void oneAnswerAStepStopsKto() throws IOException {
    assertStops(
        "one-answer-a-step",
        "a step of one answer has none",
        "objective: kto, learning_rate: 1.0e-5, batch: {rows: 1, accumulate: 1}",
        rows(SOUND));
  }

  @Test
  void answersOfOneLabelStopKto() throws IOException {
    String kto = "objective: kto, learning_rate: 1.0e-5, batch: {rows: 4}";
    assertStops("one-label", "all 2 answers are labelled bad", kto, labelled(false, false));
    assertStops("one-label", "all 2 answers are labelled good", kto, labelled(true, true));
    assertThat(look(kto, Map.of(), labelled(true, false))).isEmpty();
  }

  private static Work labelled(boolean... good) {
    List<LabelledRow> rows = new ArrayList<>();
    for (boolean each : good) {
      int[] labels = SOUND.clone();
      labels[0] = DatasetFolder.IGNORED;
      rows.add(new LabelledRow(new TokenRow(0, "r1", SOUND, labels, Optional.empty()), each));
    }
    return new LabelledWork(rows, new Objective(Kind.KTO, null, null, null, null, null), 16);
  }

  @Test
  void stoppingEarlyWithoutAValidationSplitStops() throws IOException {
    assertStops(
        "no-validation",
        "need a validation split",
        "evaluate: {every: 2, patience: 2}",
        rows(SOUND));
  }

  @Test
  void aBenchmarkThatNobodyLookedForIsWarnedOf() throws IOException {
    assertThat(look("evaluate: {every: 2, tasks: [gsm8k]}", Map.of(), rows(SOUND)))
        .singleElement()
        .satisfies(finding -> assertThat(finding.sentence()).contains("items of gsm8k"));
  }

  @Test
  void emptyPacksAndRowsWithoutTargetsAreWarnedOf() throws IOException {
    int[] brief = {1, 2, END};
    assertThat(look("", Map.of(), rows(brief, brief)))
        .singleElement()
        .satisfies(finding -> assertThat(finding.kind()).isEqualTo("empty-packs"));
    assertThat(look("", Map.of(), rows(5, SOUND, new int[] {1, 2, 3, 4})))
        .singleElement()
        .satisfies(finding -> assertThat(finding.kind()).isEqualTo("rows-without-target"));
  }
}
