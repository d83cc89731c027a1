package dev.whetstone.workbench.distribution;

import dev.whetstone.artifacts.ArtifactFolder;
import dev.whetstone.artifacts.command.Progress;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.zip.Deflater;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorOutputStream;
import org.apache.commons.compress.compressors.gzip.GzipParameters;

/**
 * A distribution as {@code .tar.gz}. Equal files give equal bytes: sorted, one time, owner 0, no
 * name or time in the gzip head.
 */
public final class TarGzip {
  /** That of the jars within: {@code project.build.outputTimestamp} of the build. */
  private static final FileTime TIME = FileTime.from(Instant.parse("2026-01-01T00:00:00Z"));

  private static final int PROGRAM = 0100755;
  private static final int FILE = 0100644;
  private static final int BUFFER_BYTES = 1 << 20;

  private TarGzip() {}

  /**
   * Writes {@code archive}, which appears at once and whole and replaces one that is there.
   *
   * @throws dev.whetstone.artifacts.SurroundingsException if it cannot be written
   */
  public static void write(Distribution distribution, Path archive) {
    Path beside = archive.resolveSibling(archive.getFileName() + ".unfinished");
    try {
      Files.createDirectories(archive.toAbsolutePath().getParent());
      try (OutputStream out = Files.newOutputStream(beside)) {
        write(distribution, out);
      }
      Files.move(beside, archive, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      ArtifactFolder.discard(beside);
      throw ArtifactFolder.surroundings(archive, e);
    }
  }

  private static void write(Distribution distribution, OutputStream out) throws IOException {
    var gzip = new GzipParameters();
    // Jars, which are nearly all of it, are compressed already.
    gzip.setCompressionLevel(Deflater.BEST_SPEED);
    long bytes = 0;
    for (PackedFile file : distribution.files().values()) {
      bytes += file.content().sizeBytes();
    }
    try (var progress = Progress.of("package", bytes);
        var tar =
            new TarArchiveOutputStream(
                new BufferedOutputStream(new GzipCompressorOutputStream(out, gzip), BUFFER_BYTES),
                StandardCharsets.UTF_8.name())) {
      // Longer names would need entries of their own, into which the library writes this user's
      // name.
      tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_ERROR);
      for (PackedFile file : distribution.files().values()) {
        tar.putArchiveEntry(entry(distribution.name(), file));
        try (InputStream in = file.content().open()) {
          in.transferTo(tar);
        }
        tar.closeArchiveEntry();
        progress.add(file.content().sizeBytes());
      }
    }
  }

  private static TarArchiveEntry entry(String folder, PackedFile file) throws IOException {
    var entry = new TarArchiveEntry(folder + "/" + file.name());
    entry.setSize(file.content().sizeBytes());
    entry.setLastModifiedTime(TIME);
    entry.setMode(file.executable() ? PROGRAM : FILE);
    entry.setIds(0, 0);
    entry.setNames("root", "root");
    return entry;
  }
}
