package dev.whetstone.models.engine.hub.remote;

import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.model.HubReference;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Names of files come from a stranger: none may lead out of the folder, none may hide another, on
 * any file system.
 */
final class FileNames {
  private static final int MAX_NAME_BYTES = 255;
  private static final int MAX_PATH_BYTES = 1000;

  private FileNames() {}

  /**
   * Checks the files that are about to be written.
   *
   * @throws BadInputException that names a bad name and what is wrong with it
   */
  static void check(HubReference repository, List<HubFile> files) {
    Map<String, String> seen = new HashMap<>();
    List<String> folders = new ArrayList<>();
    for (HubFile file : files) {
      String fault = fault(file.path());
      if (fault != null) {
        throw refused(repository, file.path(), fault);
      }
      // Some file systems do not tell A from a.
      String folded = file.path().toLowerCase(Locale.ROOT);
      if (seen.put(folded, file.path()) != null) {
        throw refused(repository, file.path(), "comes twice, or differs by upper case only");
      }
      for (int slash = folded.indexOf('/'); slash >= 0; slash = folded.indexOf('/', slash + 1)) {
        folders.add(folded.substring(0, slash));
      }
    }
    for (String folder : folders) {
      if (seen.containsKey(folder)) {
        throw refused(repository, seen.get(folder), "is both a file and a folder");
      }
    }
  }

  private static String fault(String path) {
    if (path.isEmpty() || path.getBytes(StandardCharsets.UTF_8).length > MAX_PATH_BYTES) {
      return "is empty or too long";
    }
    if (path.codePoints().anyMatch(c -> Character.isISOControl(c) || c == '\\' || c == ':')) {
      return "holds a character that not every file system allows";
    }
    for (String segment : path.split("/", -1)) {
      if (segment.isEmpty() || segment.equals(".") || segment.equals("..")) {
        return "would lead out of the folder";
      }
      if (segment.getBytes(StandardCharsets.UTF_8).length > MAX_NAME_BYTES
          || segment.endsWith(".")
          || segment.endsWith(" ")) {
        return "is no name on every file system";
      }
    }
    return null;
  }

  private static BadInputException refused(HubReference repository, String path, String fault) {
    return new BadInputException(
        "%s: the hub lists a file \"%s\", whose name %s; nothing was fetched. Leave it out with --exclude if you trust the rest."
            .formatted(repository, path, fault));
  }
}
