package dev.whetstone.datasets.export;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.whetstone.artifacts.dataset.DatasetFolder;
import dev.whetstone.datasets.PrepareConfig.LossOn;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Rows as another program reads them: a file of JSON Lines per split. */
public interface ExportFormat {
  /** What {@code export --to} calls it. */
  String key();

  /** What the files are and how to name them to that program, in a line. */
  String meaning();

  /** The line of a row, or why the program cannot take it. */
  Line line(ExportRow row, LossOn lossOn);

  /** Writes what else the program needs beside the splits. */
  default void finish(DatasetFolder dataset, List<String> splits, Path folder) {}

  /**
   * @param object none where the row is left out
   * @param complaint why it is, or what of it is; empty for nothing. Lines of the same complaint
   *     are counted together, so no part of a row stands in it
   */
  record Line(Optional<ObjectNode> object, String complaint) {
    static Line of(ObjectNode object) {
      return new Line(Optional.of(object), "");
    }

    static Line leftOut(String why) {
      return new Line(Optional.empty(), why);
    }
  }
}
