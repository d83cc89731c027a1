package dev.whetstone.artifacts;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The life of a folder: begun by one process alone, filled, finished by its manifest. A finished
 * folder never changes; {@code --overwrite} replaces it whole. Close it: that lets others in.
 *
 * <p>While it is unfinished, {@code .unfinished.json} in it says what it is going to be, so that
 * only the same work goes on with it, and a folder of somebody else's files is never taken for
 * ours.
 */
public final class ArtifactFolder implements AutoCloseable {
  private static final String MARK = ".unfinished.json";

  /** Names that stand in a folder while it is made, and that nothing else may have there. */
  public static final Set<String> OWN_FILES = Set.of(FolderLock.FILE, MARK);

  /**
   * @param clearing files of other work may still be there
   */
  private record Unfinished(String format, String id, boolean clearing) {}

  private final Path path;
  private final String stepId;
  private final FolderLock lock;
  private boolean finished;

  private ArtifactFolder(Path path, String stepId, FolderLock lock) {
    this.path = path;
    this.stepId = stepId;
    this.lock = lock;
  }

  /** Whether {@code folder} has been begun and not finished. */
  public static boolean isUnfinished(Path folder) {
    return Files.exists(folder.resolve(MARK));
  }

  /**
   * Whether {@code folder} is finished and its work has this {@link StepId}: then nothing needs
   * doing.
   */
  public static boolean isDone(Path folder, String format, String stepId) {
    return Manifest.exists(folder) && Manifest.read(folder, format).id().equals(stepId);
  }

  /**
   * Makes {@code folder} ready to be filled by this process alone. Files of an unfinished run of
   * the same work stay, for a resume.
   *
   * @param format kind and version of what it is going to be
   * @param stepId see {@link StepId}
   * @param overwrite whether finished or unfinished other work of ours in it may be deleted
   * @return nothing if the same work is done there already
   * @throws BadInputException if the folder holds something else
   * @throws FolderLock.BusyException if another process works in it
   * @throws SurroundingsException if it cannot be written
   */
  public static Optional<ArtifactFolder> begin(
      Path folder, String format, String stepId, boolean overwrite) {
    if (isDone(folder, format, stepId)) {
      return Optional.empty();
    }
    if (Manifest.exists(folder) && !overwrite) {
      throw otherWork(folder, "holds a finished artifact of other work");
    }
    try {
      Files.createDirectories(folder);
    } catch (FileAlreadyExistsException e) {
      throw new BadInputException(folder + ": expected a folder, found a file.", e);
    } catch (IOException e) {
      throw surroundings(folder, e);
    }
    FolderLock lock = FolderLock.take(folder);
    boolean begun = false;
    try {
      if (isDone(folder, format, stepId)) { // whoever held it was faster
        return Optional.empty();
      }
      var wanted = new Unfinished(format, stepId, false);
      if (!wanted.equals(found(folder, wanted, overwrite))) {
        mark(folder, new Unfinished(format, stepId, true));
        clear(folder);
        mark(folder, wanted);
      }
      begun = true;
      return Optional.of(new ArtifactFolder(folder, stepId, lock));
    } finally {
      if (!begun) {
        lock.remove(); // the folder is somebody's: nothing of ours stays in it
      }
    }
  }

  /**
   * What {@code folder} was going to be; null if it is new or was finished.
   *
   * @throws BadInputException if that may not be deleted
   */
  private static Unfinished found(Path folder, Unfinished wanted, boolean overwrite) {
    if (Manifest.exists(folder)) {
      if (!overwrite) {
        throw otherWork(folder, "holds a finished artifact of other work");
      }
      return null;
    }
    Path mark = folder.resolve(MARK);
    if (!Files.exists(mark)) {
      if (!others(folder).isEmpty()) {
        throw new BadInputException(
            "%s: expected a new or empty folder, found files that no command of ours left unfinished there, such as %s; choose another --out or empty it."
                .formatted(folder, others(folder).get(0).getFileName()));
      }
      return null;
    }
    Unfinished found = Json.read(mark, Unfinished.class);
    boolean same = found.format().equals(wanted.format()) && found.id().equals(wanted.id());
    if (!same && !overwrite) {
      throw otherWork(folder, "holds unfinished other work (" + found.format() + ")");
    }
    return found;
  }

  private static BadInputException otherWork(Path folder, String what) {
    return new BadInputException(
        folder + ": " + what + "; choose another --out or pass --overwrite.");
  }

  private static void mark(Path folder, Unfinished unfinished) {
    writeAtomically(folder.resolve(MARK), Json.pretty(unfinished));
  }

  /** All but lock and mark. */
  private static List<Path> others(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(
              file -> {
                String name = file.getFileName().toString();
                return !name.equals(FolderLock.FILE) && !name.startsWith(MARK);
              })
          .sorted()
          .toList();
    } catch (IOException e) {
      throw surroundings(folder, e);
    }
  }

  /** The manifest first: a half-cleared folder is never taken for a whole one. */
  private static void clear(Path folder) {
    try {
      Files.deleteIfExists(folder.resolve(Manifest.FILE));
    } catch (IOException e) {
      throw surroundings(folder, e);
    }
    others(folder).forEach(ArtifactFolder::delete);
  }

  /** Deletes what an interrupted run left, for work that starts from its beginning. */
  public void clear() {
    clear(path);
  }

  public Path path() {
    return path;
  }

  /** Of the work with which it was begun. */
  public String stepId() {
    return stepId;
  }

  /** Finishes the folder: the manifest appears at once and whole. */
  public void finish(Manifest manifest) {
    finish(path, manifest);
    finished = true;
    try {
      Files.deleteIfExists(path.resolve(MARK));
    } catch (IOException e) {
      throw surroundings(path, e);
    }
  }

  /** Ends this process's work in the folder; where nothing came of it, the folder goes again. */
  @Override
  public void close() {
    if (finished) {
      lock.remove();
    } else if (others(path).isEmpty()) {
      try {
        Files.deleteIfExists(path.resolve(MARK));
        lock.remove();
        Files.delete(path);
      } catch (IOException e) {
        throw surroundings(path, e);
      }
    } else {
      lock.close();
    }
  }

  /** Makes a folder that nobody else knows of a finished one, by writing its manifest. */
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
   * Deletes a file, or a folder and all in it, its manifest first, so that a half-deleted folder is
   * never taken for a whole one.
   */
  public static void delete(Path folder) {
    try {
      if (Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
        Files.deleteIfExists(folder.resolve(Manifest.FILE));
      }
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
