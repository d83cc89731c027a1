package dev.whetstone.datasets.layout;

import dev.whetstone.artifacts.Json;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The texts beside the shards of a Hugging Face dataset folder ({@code datasets} 5.2,
 * arrow_dataset.py, load_from_disk), readable by every version since 3.6.
 */
public final class HuggingFaceFolder {
  public static final String STATE = "state.json";
  public static final String INFO = "dataset_info.json";
  public static final String DICT = "dataset_dict.json";

  private HuggingFaceFolder() {}

  /**
   * Name of a shard within its split: in a folder of its own, so that tools that want files of one
   * kind can be given {@code data/}.
   */
  public static String shard(int index, int of) {
    return "data/data-%05d-of-%05d.arrow".formatted(index, of);
  }

  /** The first 16 hexadecimal digits of a content hash. */
  public static String fingerprint(String contentHash) {
    return contentHash.substring("sha256:".length()).substring(0, 16);
  }

  /**
   * {@code state.json}: seven keys, all of which are read unguarded.
   *
   * @param shards names within the folder, in order
   * @param split empty for none
   */
  public static String state(List<String> shards, String fingerprint, String split) {
    Map<String, Object> state = new LinkedHashMap<>();
    state.put("_data_files", shards.stream().map(name -> Map.of("filename", name)).toList());
    state.put("_fingerprint", fingerprint);
    state.put("_format_columns", null);
    state.put("_format_kwargs", Map.of());
    state.put("_format_type", null);
    state.put("_output_all_columns", false);
    state.put("_split", split.isEmpty() ? null : split);
    return Json.pretty(state);
  }

  /** {@code dataset_dict.json}. */
  public static String dict(List<String> splits) {
    return Json.line(Map.of("splits", splits)) + "\n";
  }
}
