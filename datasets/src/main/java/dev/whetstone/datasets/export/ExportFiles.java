package dev.whetstone.datasets.export;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.whetstone.artifacts.ArtifactFolder;
import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.Json;
import dev.whetstone.artifacts.dataset.DatasetFolder;
import dev.whetstone.datasets.PrepareConfig.LossOn;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Writes a dataset in one of the {@link ExportFormat}s. */
public final class ExportFiles {
  private ExportFiles() {}

  /**
   * Writes {@code <split>.jsonl} for every split, each whole or not at all, and says on standard
   * error how many rows it holds and what was left out, and why.
   *
   * @throws BadInputException if a file is there already and is not to be overwritten
   */
  public static void write(
      DatasetFolder dataset, ExportFormat format, Path folder, boolean overwrite) {
    List<String> splits = dataset.splits();
    try {
      Files.createDirectories(folder);
      for (String split : splits) {
        if (Files.exists(file(folder, split)) && !overwrite) {
          throw new BadInputException(
              file(folder, split) + ": there already; choose another --out or pass --overwrite.");
        }
      }
      for (String split : splits) {
        write(dataset, split, format, file(folder, split));
      }
      format.finish(dataset, splits, folder);
    } catch (IOException e) {
      throw ArtifactFolder.surroundings(folder, e);
    }
  }

  /** What the dataset's targets are: every answer where its manifest does not say. */
  public static LossOn lossOn(DatasetFolder dataset) {
    LossOn said =
        Json.mapper().convertValue(dataset.manifest().recipe().get("loss_on"), LossOn.class);
    return said == null ? LossOn.ASSISTANT : said;
  }

  private static Path file(Path folder, String split) {
    return folder.resolve(split + ".jsonl");
  }

  private static void write(DatasetFolder dataset, String split, ExportFormat format, Path file)
      throws IOException {
    Path beside = file.resolveSibling(file.getFileName() + ".tmp");
    Map<String, Long> complaints = new TreeMap<>();
    LossOn lossOn = lossOn(dataset);
    long written = 0;
    try (BufferedWriter out = Files.newBufferedWriter(beside);
        var rows = dataset.jsonRows(split)) {
      while (rows.hasNext()) {
        ExportFormat.Line line = format.line(ExportRow.of(rows.next()), lossOn);
        if (!line.complaint().isEmpty()) {
          complaints.merge(line.complaint(), 1L, Long::sum);
        }
        if (line.object().isPresent()) {
          ObjectNode object = line.object().get();
          out.write(Json.line(object));
          out.write('\n');
          written++;
        }
      }
    }
    Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    System.err.printf(Locale.ROOT, "export: %s: %,d rows%n", file, written);
    complaints.forEach(
        (why, rows) ->
            System.err.printf(Locale.ROOT, "export: %s: %,d rows: %s%n", file, rows, why));
  }
}
