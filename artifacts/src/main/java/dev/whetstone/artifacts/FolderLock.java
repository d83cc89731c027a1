package dev.whetstone.artifacts;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * One process at a time in a folder: an operating system's lock on {@code .lock} in it, which ends
 * with the process, however that ends. Close it to let the next one in.
 */
public final class FolderLock implements AutoCloseable {
  static final String FILE = ".lock";

  /**
   * Folders that this JVM holds. Where locks are POSIX's, closing any other channel to the same
   * file would end ours, so a second taker must not even open it.
   */
  private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

  private final Path folder;
  private final FileChannel channel;

  private FolderLock(Path folder, FileChannel channel) {
    this.folder = folder;
    this.channel = channel;
  }

  /**
   * Takes the lock of {@code folder}, which exists; does not wait.
   *
   * @throws BusyException if another process works in the folder
   */
  public static FolderLock take(Path folder) {
    Path file = folder.resolve(FILE);
    Path held = null;
    FileChannel channel = null;
    boolean taken = false;
    try {
      held = folder.toRealPath();
      if (!HELD.add(held)) {
        Path refused = held;
        held = null; // it belongs to the other taker
        throw busy(refused, "this process");
      }
      channel =
          FileChannel.open(
              file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      if (!lock(channel, folder)) {
        throw busy(folder, holder(channel));
      }
      sign(channel);
      taken = true;
      return new FolderLock(held, channel);
    } catch (IOException e) {
      throw ArtifactFolder.surroundings(file, e);
    } finally {
      if (!taken) {
        release(held, channel);
      }
    }
  }

  private static boolean lock(FileChannel channel, Path folder) {
    try {
      FileLock lock = channel.tryLock();
      return lock != null;
    } catch (IOException e) {
      // Some network file systems have no locks; working there is better than refusing to.
      System.err.printf(
          "%s: this file system has no locks (%s); see to it that only one command works here.%n",
          folder, e.getMessage());
      return true;
    }
  }

  /** Another process, or another thread of this one, works in the folder; it may end soon. */
  public static final class BusyException extends SurroundingsException {
    private static final long serialVersionUID = 1L;

    private BusyException(String message) {
      super(message);
    }
  }

  private static BusyException busy(Path folder, String holder) {
    return new BusyException(
        "%s: expected no other command at work in this folder, found one (%s); wait for it, or choose another folder."
            .formatted(folder, holder));
  }

  private static void sign(FileChannel channel) throws IOException {
    String text =
        "process %d, since %s"
            .formatted(
                ProcessHandle.current().pid(), Instant.now().truncatedTo(ChronoUnit.SECONDS));
    channel.truncate(0);
    channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)), 0);
  }

  private static String holder(FileChannel channel) throws IOException {
    var bytes = ByteBuffer.allocate(128);
    channel.read(bytes, 0);
    String text = new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8);
    return text.startsWith("process ") ? text : "another process";
  }

  /** Lets go and takes the file away. */
  void remove() {
    try {
      // While it is locked: whoever opened it before looks at the folder anew.
      Files.deleteIfExists(folder.resolve(FILE));
    } catch (IOException e) {
      throw ArtifactFolder.surroundings(folder, e);
    } finally {
      close();
    }
  }

  @Override
  public void close() {
    release(folder, channel);
  }

  private static void release(Path held, FileChannel channel) {
    try {
      if (channel != null) {
        channel.close();
      }
    } catch (IOException e) {
      throw ArtifactFolder.surroundings(held, e);
    } finally {
      if (held != null) {
        HELD.remove(held);
      }
    }
  }
}
