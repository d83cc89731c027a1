import com.fasterxml.jackson.databind.JsonNode;
import com.sun.management.OperatingSystemMXBean;
import dev.whetstone.artifacts.Json;
import dev.whetstone.artifacts.SystemMemory;
import dev.whetstone.datasets.clean.CleanRules;
import dev.whetstone.datasets.clean.Cleaning;
import dev.whetstone.datasets.clean.PersonalData;
import dev.whetstone.datasets.decontaminate.ItemIndex;
import dev.whetstone.datasets.dedup.Compared;
import dev.whetstone.datasets.dedup.ExactText;
import dev.whetstone.datasets.dedup.MinHash;
import dev.whetstone.datasets.dedup.Shingles;
import dev.whetstone.datasets.measure.Measure;
import dev.whetstone.datasets.measure.FlaggedWords;
import dev.whetstone.datasets.measure.Measures;
import dev.whetstone.datasets.measure.Passage;
import dev.whetstone.datasets.personal.Findings;
import dev.whetstone.datasets.read.BrokenRowException;
import dev.whetstone.datasets.read.RowFormat;
import dev.whetstone.datasets.read.RowReader;
import dev.whetstone.datasets.rows.Conversation;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/**
 * What the functions of prepare do in a second of processor time: MinHash signatures and Gopher's rules
 * of plain texts, as acceptance/peers/speed_datatrove.py times datatrove's, and each step that a row
 * of a conversation goes through.
 *
 * <pre>java @ARGUMENTS benchmarks/DatasetsSpeed.java FOLDER DOCUMENTS ROUNDS</pre>
 */
public final class DatasetsSpeed {
  /** datatrove's defaults, so that both make as many hashes of as many words. */
  private static final MinHash MIN_HASH = new MinHash(1, 14, 8);

  private static final RowReader READER = RowReader.of(RowFormat.AUTO);

  private static final int SHINGLE = 5;

  private static final List<Measure> GOPHER =
      Measures.ALL.stream().filter(measure -> measure.key().startsWith("gopher_")).toList();

  private static final OperatingSystemMXBean PROCESS =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  private static double sink; // keeps results alive

  private DatasetsSpeed() {}

  private record Figure(double documentsPerSecond, double megabytesPerSecond) {}


  /** Folder that write_corpus.py wrote, documents, rounds of which the fastest counts; JSON. */
  public static void main(String... args) throws IOException, BrokenRowException {
    Path folder = Path.of(args[0]);
    int documents = Integer.parseInt(args[1]);
    int rounds = Integer.parseInt(args[2]);
    List<String> texts = new ArrayList<>();
    for (String line : head(folder.resolve("text.jsonl"), documents)) {
      JsonNode row = Json.mapper().readTree(line);
      texts.add(row.get("text").textValue());
    }
    List<String> lines = head(folder.resolve("chat.jsonl"), documents);
    List<Conversation> rows = new ArrayList<>();
    for (String line : lines) {
      rows.add(READER.read(line));
    }
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("documents", texts.size());
    figures.put("bytes", bytes(texts));
    figures.put(
        "signatures",
        best(rounds, texts, t -> MIN_HASH.signature(Shingles.of(t, SHINGLE))[0]));
    figures.put("gopher", best(rounds, texts, DatasetsSpeed::gopher));

    var items = new ItemIndex(List.of(), 8, 0.5);
    PersonalData redact = PersonalData.of(PersonalData.Policy.REDACT, Optional.empty());
    PersonalData keep = PersonalData.of(PersonalData.Policy.KEEP, Optional.empty());
    long bytes = bytes(lines);
    Map<String, Figure> steps = new LinkedHashMap<>();
    steps.put("read", best(rounds, lines, bytes, DatasetsSpeed::read));
    steps.put("clean", best(rounds, rows, bytes, row -> Cleaning.of(row, CleanRules.DEFAULT, keep).hashCode()));
    steps.put("clean, personal data", best(rounds, rows, bytes, row -> Cleaning.of(row, CleanRules.DEFAULT, redact).hashCode()));
    steps.put("personal data", best(rounds, texts, t -> Findings.in(t).isEmpty() ? 1 : 0));
    steps.put("measure", best(rounds, rows, bytes, row -> Measures.of(Passage.ofAnswers(row, FlaggedWords.NONE))[0]));
    steps.put("exact text", best(rounds, rows, bytes, row -> ExactText.hash(row, Compared.CONVERSATION).length()));
    steps.put("content", best(rounds, rows, bytes, row -> row.content().length()));
    steps.put("shingles", best(rounds, rows, bytes, row -> Shingles.of(Compared.CONVERSATION.text(row), SHINGLE).length));
    figures.put("steps", steps);
    figures.put("peak_bytes", SystemMemory.peakBytes().orElseThrow());
    System.err.println(sink);
    System.out.println(Json.line(figures));
  }

  private static double read(String line) {
    try {
      return READER.read(line).messages().size();
    } catch (BrokenRowException e) {
      throw new IllegalArgumentException(e);
    }
  }

  private static double gopher(String text) {
    Passage passage = Passage.of(text);
    double sum = 0;
    for (Measure measure : GOPHER) {
      sum += measure.of().applyAsDouble(passage);
    }
    return sum;
  }

  private static List<String> head(Path file, int lines) throws IOException {
    try (var all = Files.lines(file)) {
      return all.limit(lines).toList();
    }
  }

  private static long bytes(List<String> texts) {
    return texts.stream().mapToLong(t -> t.getBytes(StandardCharsets.UTF_8).length).sum();
  }

  private static Figure best(int rounds, List<String> texts, ToDoubleFunction<String> step) {
    return best(rounds, texts, bytes(texts), step);
  }

  private static <T> Figure best(int rounds, List<T> all, long bytes, ToDoubleFunction<T> step) {
    double seconds = Double.POSITIVE_INFINITY;
    for (int round = 0; round < rounds; round++) {
      long start = processorNanos();
      for (T one : all) {
        sink += step.applyAsDouble(one);
      }
      seconds = Math.min(seconds, (processorNanos() - start) / 1e9);
    }
    return new Figure(round(all.size() / seconds), round(bytes / seconds / 1e6));
  }

  /** Of all threads, collector and compilers too; other work of the machine does not count. */
  private static long processorNanos() {
    return PROCESS.getProcessCpuTime();
  }

  private static double round(double value) {
    return Math.round(value * 100) / 100.0;
  }
}
