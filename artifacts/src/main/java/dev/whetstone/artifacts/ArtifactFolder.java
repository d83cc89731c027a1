package dev.whetstone.artifacts;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.stream.Stream;

/**
 * The life of a folder: begun, filled, finished by its manifest. A finished folder never changes;
 * {@code --overwrite} replaces it whole.
 */
public final class ArtifactFolder {
  private ArtifactFolder() {}

  /**
   * Whether {@code folder} is finished and its work has this {@link StepId}: then nothing needs
   * doing.
   */
  public static boolean isDone(Path folder, String format, String stepId) {
    return Manifest.exists(folder) && Manifest.read(folder, format).id().equals(stepId);
  }

  /**
   * Makes {@code folder} ready to be filled. Files of an unfinished run stay, for a resume.
   *
   * @throws BadInputException if the folder is finished and {@code overwrite} is false
   */
  public static void begin(Path folder, boolean overwrite) {
    if (Manifest.exists(folder)) {
      if (!overwrite) {
        throw new BadInputException(
            folder
                + ": holds a finished artifact of other work; choose another --out or pass"
                + " --overwrite.");
      }
      delete(folder);
    }
    try {
      Files.createDirectories(folder);
    } catch (FileAlreadyExistsException e) {
      throw new BadInputException(folder + ": expected a folder, found a file.", e);
    } catch (IOException e) {
      throw surroundings(folder, e);
    }
  }

  /** Finishes {@code folder}: the manifest appears at once and whole. */
  public static void finish(Path folder, Manifest manifest) {
    writeAtomically(folder.resolve(Manifest.FILE), Json.pretty(manifest));
  }

  /** Writes {@code text} beside {@code file}, forces it to disk and renames it into place. */
  public static void writeAtomically(Path file, String text) {
    Path beside = file.resolveSibling(file.getFileName() + ".tmp");
    try {
      Files.writeString(beside, text, StandardCharsets.UTF_8);
      try (FileChannel channel = FileChannel.open(beside, StandardOpenOption.WRITE)) {
        channel.force(true);
      }
      Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      discard(beside);
      throw surroundings(file, e);
    }
  }

  /** Takes away what a failed write left; that it failed is about to be told. */
  public static void discard(Path unfinished) {
    if (!Files.exists(unfinished)) {
      return;
    }
    try {
      Files.deleteIfExists(unfinished);
    } catch (IOException e) {
      System.err.println("whetstone: " + unfinished + " is left over and can be deleted");
    }
  }

  /**
   * Deletes {@code folder} and all in it, its manifest first, so that a half-deleted folder is
   * never taken for a whole one.
   */
  public static void delete(Path folder) {
    try {
      Files.deleteIfExists(folder.resolve(Manifest.FILE));
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    } catch (IOException e) {
      throw surroundings(folder, e);
    }
  }

  /**
   * A failure to write as what it means: a name that cannot be written to is bad input, all else
   * the surroundings.
   */
  public static RuntimeException surroundings(Path where, IOException e) {
    if (e instanceof ClosedByInterruptException) {
      return new UncheckedIOException(where + ": writing was interrupted", e);
    }
    String reason = InputFile.reason(e);
    if (e instanceof FileAlreadyExistsException || InputFile.isFaultOfTheName(reason)) {
      return new BadInputException(
          "%s: cannot be written there (%s); choose another place.".formatted(where, reason), e);
    }
    return new SurroundingsException(
        "%s: cannot be written (%s); free space or choose another folder.".formatted(where, reason),
        e);
  }
}
