package dev.whetstone.artifacts.tensors;

import dev.whetstone.artifacts.ArtifactFolder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/** A file that appears whole or not at all: written beside its place, forced to disk, renamed. */
final class AtomicFile {
  /** Fills the file. */
  interface Body {
    void write(FileChannel channel) throws IOException;
  }

  private AtomicFile() {}

  static void write(Path file, Body body) {
    Path beside = file.resolveSibling(file.getFileName() + ".tmp");
    boolean written = false;
    try {
      try (FileChannel channel =
          FileChannel.open(
              beside,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING,
              StandardOpenOption.WRITE)) {
        body.write(channel);
        channel.force(true);
      }
      Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      written = true;
    } catch (IOException e) {
      throw ArtifactFolder.surroundings(file, e);
    } finally {
      if (!written) {
        ArtifactFolder.discard(beside);
      }
    }
  }

  static void writeFully(FileChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }
}
