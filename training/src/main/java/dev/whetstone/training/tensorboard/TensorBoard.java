package dev.whetstone.training.tensorboard;

import dev.whetstone.artifacts.ArtifactFolder;
import dev.whetstone.artifacts.run.RunFolder.StepMetrics;
import dev.whetstone.training.evaluate.Evaluation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The scalars of a run as TensorBoard reads them: {@code train/*} of each step, {@code
 * validation/*} and {@code benchmark/<task>/<metric>} of each measurement. A value is in the file
 * when the method returns.
 *
 * <p>Each start of the run has a file of its own, which first says from which step on it tells:
 * TensorBoard forgets what older files say of the steps that are taken again.
 *
 * <p>Messages and field numbers are those of {@code tensorboard/compat/proto/event.proto} and
 * {@code summary.proto}. Values are float32 there. Not thread-safe.
 */
public final class TensorBoard implements AutoCloseable {
  private static final String PREFIX = "events.out.tfevents.";

  /** Where others put the host's name, which is nobody's business. */
  private static final String SUFFIX = ".whetstone";

  /** Event. */
  private static final int WALL_TIME = 1;

  private static final int STEP = 2;
  private static final int FILE_VERSION = 3;
  private static final int SUMMARY = 5;
  private static final int SESSION_LOG = 7;

  /** SessionLog, and its status START. */
  private static final int STATUS = 1;

  private static final int START = 1;

  /** Summary, and its Value. */
  private static final int VALUE = 1;

  private static final int TAG = 1;
  private static final int SIMPLE_VALUE = 2;
  private static final int METADATA = 9;

  /** SummaryMetadata, and its PluginData. */
  private static final int PLUGIN = 1;

  private static final int DESCRIPTION = 3;
  private static final int PLUGIN_NAME = 1;

  /** What a tag's number is; TensorBoard shows it beside the chart. */
  private static final Map<String, String> DESCRIPTIONS =
      Map.of(
          "train/loss", "Mean loss of the step, nats",
          "train/grad_norm", "Global L2 norm of the gradient before clipping",
          "train/learning_rate", "Learning rate of the step",
          "train/tokens_per_second", "Tokens a second of the step, padding not counted",
          "train/tokens", "Tokens so far, padding not counted",
          "train/seconds", "Seconds so far, all starts of the run added up",
          "validation/loss", "Mean loss on the validation split, nats");

  private final EventFile file;
  private final Clock clock;
  private final Set<String> described = new HashSet<>();

  private TensorBoard(EventFile file, Clock clock) {
    this.file = file;
    this.clock = clock;
  }

  /**
   * Begins a new file.
   *
   * @param folder is made where it is not there
   * @param fromStep steps that are done and stay; what older files say of later ones is forgotten
   * @param clock of the events' times and of the file's name
   */
  public static TensorBoard open(Path folder, int fromStep, Clock clock) {
    OptionalLong newest = newest(folder);
    // Files are read in the order of their names: a later start needs a later name.
    long seconds =
        Math.max(clock.instant().getEpochSecond(), newest.isPresent() ? newest.getAsLong() + 1 : 0);
    String name = String.format(Locale.ROOT, "%s%010d%s", PREFIX, seconds, SUFFIX);
    var board = new TensorBoard(EventFile.create(folder.resolve(name)), clock);
    board.file.append(board.event(0).text(FILE_VERSION, "brain.Event:2"));
    // plugin_event_accumulator.py takes the first START for the beginning, every later one for a
    // restart: what stays has a step below its own.
    board.file.append(
        board.event(fromStep + 1L).message(SESSION_LOG, new Message().number(STATUS, START)));
    return board;
  }

  /** What a step measured. */
  public void step(StepMetrics step) {
    var values = new TreeMap<String, Double>();
    values.put("train/loss", step.lossNats());
    values.put("train/grad_norm", step.gradNorm());
    values.put("train/learning_rate", step.learningRate());
    values.put("train/tokens_per_second", step.tokensPerSecond());
    values.put("train/tokens", (double) step.tokens());
    values.put("train/seconds", step.seconds());
    step.more().forEach((name, value) -> values.put("train/" + name, value));
    scalars(step.step(), values);
  }

  /** What a measurement found. */
  public void evaluation(Evaluation evaluation) {
    var values = new TreeMap<String, Double>();
    values.put("validation/loss", evaluation.lossNats());
    evaluation.more().forEach((name, value) -> values.put("validation/" + name, value));
    evaluation.scores().forEach((name, value) -> values.put("benchmark/" + name, value));
    scalars(evaluation.step(), values);
  }

  private void scalars(int step, Map<String, Double> values) {
    var summary = new Message();
    values.forEach(
        (tag, value) -> {
          Message one = new Message().text(TAG, tag).real32(SIMPLE_VALUE, value.floatValue());
          String description = DESCRIPTIONS.get(tag);
          if (described.add(tag) && description != null) {
            one.message(METADATA, metadata(description));
          }
          summary.message(VALUE, one);
        });
    file.append(event(step).message(SUMMARY, summary));
  }

  private static Message metadata(String description) {
    return new Message()
        .message(PLUGIN, new Message().text(PLUGIN_NAME, "scalars"))
        .text(DESCRIPTION, description);
  }

  private Message event(long step) {
    Instant now = clock.instant();
    return new Message()
        .real64(WALL_TIME, now.getEpochSecond() + now.getNano() / 1e9)
        .number(STEP, step);
  }

  /** The seconds in the newest file's name. */
  private static OptionalLong newest(Path folder) {
    try {
      Files.createDirectories(folder);
      try (Stream<Path> files = Files.list(folder)) {
        return files
            .map(file -> file.getFileName().toString())
            .filter(name -> name.matches("\\Q" + PREFIX + "\\E[0-9]{10}\\Q" + SUFFIX + "\\E"))
            .mapToLong(
                name -> Long.parseLong(name.substring(PREFIX.length(), PREFIX.length() + 10)))
            .max();
      }
    } catch (IOException e) {
      throw ArtifactFolder.surroundings(folder, e);
    }
  }

  @Override
  public void close() {
    file.close();
  }
}
