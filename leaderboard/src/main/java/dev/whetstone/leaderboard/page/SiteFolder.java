package dev.whetstone.leaderboard.page;

import dev.whetstone.artifacts.ArtifactFolder;
import dev.whetstone.artifacts.BadInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** A site as a folder. */
final class SiteFolder {
  private SiteFolder() {}

  /**
   * Writes {@code site} into {@code folder}, replacing an earlier one.
   *
   * @param mark path of the file that tells a site of ours from a folder that must not be touched
   * @throws BadInputException if the folder holds something else
   */
  static void write(Site site, Path folder, String mark) {
    clear(folder, mark);
    for (SiteFile file : site.files()) {
      Path path = folder.resolve(file.path());
      try {
        Files.createDirectories(path.getParent());
        Files.write(path, file.content().get());
      } catch (IOException e) {
        throw ArtifactFolder.surroundings(path, e);
      }
    }
  }

  private static void clear(Path folder, String mark) {
    if (!Files.exists(folder)) {
      return;
    }
    if (!Files.isRegularFile(folder.resolve(mark)) && !isEmpty(folder)) {
      throw new BadInputException(
          folder
              + ": expected a new folder or a site of ours, found other files; choose another"
              + " --out.");
    }
    ArtifactFolder.delete(folder);
  }

  private static boolean isEmpty(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files.findAny().isEmpty();
    } catch (IOException e) {
      throw new BadInputException(folder + ": expected a folder, found something else.", e);
    }
  }
}
