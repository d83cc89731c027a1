package dev.whetstone.models.engine.hub.remote;

import dev.whetstone.artifacts.ArtifactFolder;
import dev.whetstone.artifacts.Manifest;
import dev.whetstone.artifacts.model.HubReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Which files of a repository are wanted. Patterns know {@code *} (anything within a folder),
 * {@code **} (anything) and {@code ?}; a pattern without {@code /} means files at the top.
 *
 * @param include empty for what our engine reads: {@link #MODEL_FILES}
 * @param exclude is stronger than {@code include}
 */
public record FileSelection(List<String> include, List<String> exclude) {
  /** Configuration, tokenizer, template, weights in safetensors, and the same of an adapter. */
  static final List<String> MODEL_FILES =
      List.of(
          "config.json",
          "generation_config.json",
          "adapter_config.json",
          "tokenizer*",
          "special_tokens_map.json",
          "added_tokens.json",
          "chat_template*",
          "vocab.json",
          "vocab.txt",
          "merges.txt",
          "*.safetensors",
          "*.safetensors.index.json");

  /** The same weights once more, under the names of another program. */
  private static final List<String> TWINS = List.of("consolidated*.safetensors");

  /** What a program would run, or unpickle: wanted only by whoever says so. */
  private static final Pattern CODE =
      Pattern.compile(".*\\.(py|pyc|so|dll|sh|bin|pt|pth|pkl|pickle|ckpt|joblib|npy|npz)");

  /** Ours stand under these names. */
  private static final Set<String> OURS = Set.of(Manifest.FILE, FetchRecord.FILE);

  public FileSelection {
    include = List.copyOf(include);
    exclude = List.copyOf(exclude);
  }

  /** What our engine reads. */
  public static FileSelection ofModel() {
    return new FileSelection(List.of(), List.of());
  }

  boolean isOfModel() {
    return include.isEmpty() && exclude.isEmpty();
  }

  /** The wanted files, in the hub's order. */
  List<HubFile> choose(HubReference repository, List<HubFile> listed) {
    var chosen = new ArrayList<HubFile>();
    for (HubFile file : listed) {
      if (!isWanted(file.path())) {
        continue;
      }
      String name = file.path().toLowerCase(Locale.ROOT);
      if (OURS.contains(name) || ArtifactFolder.OWN_FILES.contains(name)) {
        System.err.printf(
            "fetch: %s: left out %s, which is written here%n", repository, file.path());
      } else {
        chosen.add(file);
      }
    }
    return chosen;
  }

  private boolean isWanted(String path) {
    boolean wanted =
        include.isEmpty()
            ? isAny(MODEL_FILES, path) && !isAny(TWINS, path) && !CODE.matcher(path).matches()
            : isAny(include, path);
    return wanted && !isAny(exclude, path);
  }

  private static boolean isAny(List<String> patterns, String path) {
    return patterns.stream().anyMatch(pattern -> regex(pattern).matcher(path).matches());
  }

  private static Pattern regex(String pattern) {
    var regex = new StringBuilder();
    for (int i = 0; i < pattern.length(); i++) {
      char c = pattern.charAt(i);
      if (pattern.startsWith("**", i)) {
        regex.append(".*");
        i++;
      } else if (c == '*') {
        regex.append("[^/]*");
      } else if (c == '?') {
        regex.append("[^/]");
      } else {
        regex.append(Pattern.quote(String.valueOf(c)));
      }
    }
    return Pattern.compile(regex.toString(), Pattern.DOTALL);
  }
}
