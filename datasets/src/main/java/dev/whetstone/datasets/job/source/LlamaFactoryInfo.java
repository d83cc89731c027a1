package dev.whetstone.datasets.job.source;

import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.Json;
import dev.whetstone.datasets.PrepareConfig.Source;
import dev.whetstone.datasets.read.RowFormat;
import dev.whetstone.datasets.read.RowReader;
import java.nio.file.Path;
import java.util.List;

/**
 * An entry of LLaMA-Factory's {@code dataset_info.json} (data/README.md, version 0.9.5).
 *
 * @param file where the rows are: {@code file_name}, which is relative to the folder of the {@code
 *     dataset_info.json}
 * @param entry as JSON text
 */
record LlamaFactoryInfo(String file, String entry) {
  private static final List<String> ELSEWHERE =
      List.of("hf_hub_url", "ms_hub_url", "om_hub_url", "script_url", "cloud_file_name");

  /**
   * @throws BadInputException if there is no such entry, or its rows are on a hub
   */
  static LlamaFactoryInfo read(Source source) {
    Path info = Path.of(source.datasetInfo());
    JsonNode entries = Json.read(info);
    JsonNode entry = entries.path(source.name());
    if (!entry.isObject()) {
      List<String> names = entries.properties().stream().map(e -> e.getKey()).toList();
      throw new BadInputException(
          "%s: expected an entry \"%s\", found %s."
              .formatted(info, source.name(), names.isEmpty() ? "none" : String.join(", ", names)));
    }
    String file = entry.path("file_name").asText("");
    if (file.isEmpty()) {
      String where =
          ELSEWHERE.stream().filter(entry::hasNonNull).findFirst().orElse("nothing of the kind");
      throw new BadInputException(
          "%s, %s: expected a file_name, found %s; fetch the rows and name their folder as path."
              .formatted(info, source.name(), where));
    }
    if (entry.hasNonNull("num_samples")) {
      System.err.printf(
          "prepare: %s, %s: num_samples is not applied, all rows are read%n", info, source.name());
    }
    String text = Json.line(entry);
    try {
      RowReader.of(new RowFormat("llama-factory", text));
    } catch (IllegalArgumentException e) {
      throw new BadInputException("%s, %s: %s.".formatted(info, source.name(), e.getMessage()), e);
    }
    Path folder = info.toAbsolutePath().getParent();
    return new LlamaFactoryInfo(folder.resolve(file).toString(), text);
  }
}
