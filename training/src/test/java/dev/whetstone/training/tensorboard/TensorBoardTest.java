package dev.whetstone.training.tensorboard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.whetstone.artifacts.run.RunFolder.StepMetrics;
import dev.whetstone.training.evaluate.Evaluation;
import dev.whetstone.training.tensorboard.EventReader.Event;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TensorBoardTest {
  private static final Clock CLOCK =
      Clock.fixed(Instant.parse("2026-01-02T03:04:05.25Z"), ZoneOffset.UTC);

  @TempDir private Path folder;

  private static StepMetrics step(int step, double loss) {
    return new StepMetrics(
        step, loss, 0.5, 2e-4, 100L * step, 60, 1.5 * step, 66.7, Map.of("margin", 0.25));
  }

  private static Evaluation evaluation(int step, double loss) {
    return new Evaluation(
        step, loss, Map.of("accuracy", 0.75), Map.of("gsm8k/exact_match", 0.5), 2);
  }

  private void write(int fromStep, int toStep, double loss) {
    try (var board = TensorBoard.open(folder, fromStep, CLOCK)) {
      for (int step = fromStep + 1; step <= toStep; step++) {
        board.step(step(step, loss));
        board.evaluation(evaluation(step, loss));
      }
    }
  }

  /** Bytes are those of RecordWriter and Event in tensorboard 2.21.0. */
  @Test
  void aFileHasTheBytesOfTensorBoardsOwnWriter() throws IOException {
    try (var board = TensorBoard.open(folder, 0, CLOCK)) {
      board.evaluation(new Evaluation(300, 1.5, Map.of("accuracy", 0.75), Map.of(), 2));
    }
    Path file = EventReader.files(folder).get(0);
    assertThat(file.getFileName()).hasToString("events.out.tfevents.1767323045.whetstone");
    assertThat(HexFormat.of().formatHex(Files.readAllBytes(file)))
        .isEqualTo(
            "1800000000000000a37f4b220900005069cd55da411a0d627261696e2e4576656e743a3205b6102e"
                + "0f000000000000006d532b090900005069cd55da4110013a0208012e3c3ded"
                + "7800000000000000a2a521c50900005069cd55da4110ac022a6a0a1a0a1376616c69646174696f6e2f61"
                + "63637572616379150000403f0a4c0a0f76616c69646174696f6e2f6c6f7373150000c03f4a340a090a07"
                + "7363616c6172731a274d65616e206c6f7373206f6e207468652076616c69646174696f6e2073706c6974"
                + "2c206e6174739a56e1a0");
  }

  @Test
  void checksumsAreThoseOfTheSlowTwin() {
    // RFC 3720, B.4: the checksum of nine digits is e3069283; masked as tensorflow masks it.
    assertThat(EventReader.maskedChecksum("123456789".getBytes(StandardCharsets.US_ASCII)))
        .isEqualTo(Integer.rotateRight(0xe3069283, 15) + 0xa282ead8);
    for (long seed = 0; seed < 50; seed++) {
      var random = new Random(seed);
      byte[] data = new byte[random.nextInt(300)];
      random.nextBytes(data);
      byte[] record = EventFile.record(data).array();
      int end = record.length;
      assertThat(little(record, 8))
          .as("length, seed %d", seed)
          .isEqualTo(EventReader.maskedChecksum(Arrays.copyOf(record, 8)));
      assertThat(little(record, end - 4))
          .as("data, seed %d", seed)
          .isEqualTo(EventReader.maskedChecksum(data));
    }
  }

  private static int little(byte[] bytes, int at) {
    return (bytes[at] & 0xff)
        | (bytes[at + 1] & 0xff) << 8
        | (bytes[at + 2] & 0xff) << 16
        | bytes[at + 3] << 24;
  }

  @Test
  void numbersOfEverySizeAreReadBack() throws IOException {
    List<Integer> steps = List.of(0, 1, 127, 128, 16_383, 16_384, Integer.MAX_VALUE);
    try (var board = TensorBoard.open(folder, 0, CLOCK)) {
      steps.forEach(step -> board.evaluation(evaluation(step, step / 3.0)));
    }
    var losses = EventReader.scalars(folder).get("validation/loss");
    assertThat(losses).hasSameSizeAs(steps);
    steps.forEach(
        step -> assertThat(losses.get((long) step)).as("step %d", step).isEqualTo(step / 3f));
  }

  @Test
  void everyQuantityHasATag() throws IOException {
    write(0, 1, 2);
    assertThat(EventReader.scalars(folder).keySet())
        .containsExactlyInAnyOrder(
            "train/loss",
            "train/grad_norm",
            "train/learning_rate",
            "train/tokens_per_second",
            "train/tokens",
            "train/seconds",
            "train/margin",
            "validation/loss",
            "validation/accuracy",
            "benchmark/gsm8k/exact_match");
  }

  @Test
  void valuesAreInTheFileBeforeItIsClosed() throws IOException {
    try (var board = TensorBoard.open(folder, 0, CLOCK)) {
      board.step(step(1, 2));
      List<Event> events = EventReader.events(EventReader.files(folder).get(0));
      assertThat(events).hasSize(3);
      assertThat(events.get(0).version()).isEqualTo("brain.Event:2");
      assertThat(events.get(2).values()).containsEntry("train/loss", 2f);
      assertThat(events.get(2).wallTime()).isEqualTo(CLOCK.millis() / 1e3);
    }
  }

  @Test
  void aRunThatGoesOnReplacesTheStepsItTakesAgain() throws IOException {
    write(0, 5, 1);
    write(3, 6, 2);
    assertThat(EventReader.files(folder)).hasSize(2);
    assertThat(EventReader.scalars(folder).get("train/loss"))
        .isEqualTo(Map.of(1L, 1f, 2L, 1f, 3L, 1f, 4L, 2f, 5L, 2f, 6L, 2f));
  }

  @Test
  void everyFileSaysWhereItStarts() throws IOException {
    write(0, 2, 1);
    write(1, 2, 1);
    List<Path> files = EventReader.files(folder);
    for (int file = 0; file < files.size(); file++) {
      Event start = EventReader.events(files.get(file)).get(1);
      assertThat(start.status()).as("file %d", file).isEqualTo(1);
      assertThat(start.step()).as("file %d", file).isEqualTo(file + 1);
    }
  }

  @Test
  void aRunKilledBeforeItsFirstCheckpointKeepsTheMeasurementBeforeTheFirstStep()
      throws IOException {
    try (var board = TensorBoard.open(folder, 0, CLOCK)) {
      board.evaluation(evaluation(0, 3));
      board.step(step(1, 1));
    }
    write(0, 1, 2);
    var scalars = EventReader.scalars(folder);
    assertThat(scalars.get("validation/loss")).isEqualTo(Map.of(0L, 3f, 1L, 2f));
    assertThat(scalars.get("train/loss")).isEqualTo(Map.of(1L, 2f));
  }

  @Test
  void aLaterStartHasALaterNameThoughTheClockStandsStill() throws IOException {
    for (int start = 0; start < 3; start++) {
      TensorBoard.open(folder, 0, CLOCK).close();
    }
    assertThat(EventReader.files(folder))
        .extracting(file -> file.getFileName().toString())
        .containsExactly(
            "events.out.tfevents.1767323045.whetstone",
            "events.out.tfevents.1767323046.whetstone",
            "events.out.tfevents.1767323047.whetstone");
  }

  @Test
  void aTornFileLosesItsLastEventOnly() throws IOException {
    write(0, 2, 1);
    Path file = EventReader.files(folder).get(0);
    byte[] whole = Files.readAllBytes(file);
    List<Event> events = EventReader.events(file);
    int last = 0;
    for (int length = 0; length <= whole.length; length++) {
      Files.write(file, Arrays.copyOf(whole, length));
      List<Event> kept = EventReader.events(file);
      assertThat(kept).isEqualTo(events.subList(0, kept.size()));
      assertThat(kept.size()).isBetween(last, last + 1);
      last = kept.size();
    }
    assertThat(last).isEqualTo(events.size());
    Files.write(file, Arrays.copyOf(whole, whole.length - 3));
    write(1, 2, 5);
    assertThat(EventReader.scalars(folder).get("train/loss")).isEqualTo(Map.of(1L, 1f, 2L, 5f));
  }
}
