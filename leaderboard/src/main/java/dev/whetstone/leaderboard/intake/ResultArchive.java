package dev.whetstone.leaderboard.intake;

import dev.whetstone.artifacts.ArtifactFolder;
import dev.whetstone.artifacts.BadInputException;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/**
 * A result folder that a stranger packed, as zip or tar.gz. Only what the board reads is written,
 * flat and under its simple name, so that no entry can land elsewhere; all else is passed over and
 * named. Nothing is ever run, linked or given rights.
 */
public final class ResultArchive {
  private static final Pattern KEPT =
      Pattern.compile("results_[^/]{1,120}\\.json|samples_[^/]{1,200}\\.jsonl|manifest\\.json");
  private static final Pattern DRIVE = Pattern.compile("[A-Za-z]:.*", Pattern.DOTALL);
  private static final int MAX_NAME = 1000;

  private final Path folder;
  private final ArchiveLimits limits;
  private final Set<String> names = new HashSet<>();
  private final List<String> ignored = new ArrayList<>();
  private Optional<String> place = Optional.empty();
  private int entries;
  private long unpacked;

  private ResultArchive(Path folder, ArchiveLimits limits) {
    this.folder = folder;
    this.limits = limits;
  }

  /**
   * Unpacks {@code archive} into the empty {@code folder}.
   *
   * @return names of entries that were passed over
   * @throws BadInputException if this is no such archive, is cut off, holds an unsafe name, a link
   *     or the same file twice, or exceeds a limit; what the folder then holds is of no use
   */
  public static List<String> unpack(Path archive, Path folder, ArchiveLimits limits) {
    var unpacking = new ResultArchive(folder, limits);
    try (InputStream in = new BufferedInputStream(Files.newInputStream(archive))) {
      in.mark(4);
      byte[] start = in.readNBytes(4);
      in.reset();
      if (start.length == 4
          && start[0] == 'P'
          && start[1] == 'K'
          && start[2] == 3
          && start[3] == 4) {
        unpacking.zip(in);
      } else if (start.length >= 2 && (start[0] & 0xff) == 0x1f && (start[1] & 0xff) == 0x8b) {
        unpacking.tar(in);
      } else {
        throw new BadInputException(
            "the archive: expected a zip or tar.gz file, found neither's first bytes.");
      }
    } catch (EOFException e) {
      throw new BadInputException(
          "the archive: expected more bytes, found its end; it is cut off.", e);
    } catch (IllegalArgumentException e) { // ZipInputStream, of a name that is not UTF-8
      throw damaged(e);
    } catch (FileSystemException e) {
      throw ArtifactFolder.surroundings(folder, e);
    } catch (IOException e) {
      throw String.valueOf(e.getMessage()).contains("No space left")
          ? ArtifactFolder.surroundings(folder, e)
          : damaged(e);
    }
    return List.copyOf(unpacking.ignored);
  }

  private static BadInputException damaged(Exception e) {
    String reason = String.valueOf(e.getMessage()).replaceAll("\\s+", " ");
    return new BadInputException(
        "the archive: damaged (%s); pack the folder again."
            .formatted(reason.substring(0, Math.min(200, reason.length()))),
        e);
  }

  private void zip(InputStream in) throws IOException {
    var zip = new ZipInputStream(in);
    for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
      entry(entry.getName(), entry.isDirectory(), zip);
    }
    if (entries == 0) {
      throw new BadInputException("the archive: expected entries, found none that can be read.");
    }
  }

  private void tar(InputStream in) throws IOException {
    var tar = new TarArchiveInputStream(new Bounded(new GZIPInputStream(in)));
    for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
      // Not isFile(), which calls a link a file.
      byte kind = entry.getLinkFlag();
      if (kind != TarConstants.LF_NORMAL
          && kind != TarConstants.LF_OLDNORM
          && !entry.isDirectory()) {
        throw new BadInputException(
            "the archive: %s: expected a plain file or a folder, found a link, a device or the like."
                .formatted(printable(entry.getName())));
      }
      entry(entry.getName(), entry.isDirectory(), tar);
    }
  }

  private void entry(String name, boolean isFolder, InputStream content) throws IOException {
    if (++entries > limits.entries()) {
      throw new BadInputException(
          "the archive: expected at most %d entries, found more.".formatted(limits.entries()));
    }
    checkName(name);
    if (isFolder) {
      return;
    }
    int slash = name.lastIndexOf('/');
    String simple = name.substring(slash + 1);
    if (!KEPT.matcher(simple).matches()) {
      ignored.add(printable(name));
      copy(content, OutputStream.nullOutputStream());
      return;
    }
    String within = name.substring(0, slash + 1);
    if (place.isPresent() && !place.get().equals(within)) {
      throw new BadInputException(
          "the archive: expected the files of one result in one folder, found them in \"%s\" and \"%s\"."
              .formatted(printable(place.get()), printable(within)));
    }
    place = Optional.of(within);
    if (!names.add(simple)) {
      throw new BadInputException("the archive: holds %s twice.".formatted(printable(simple)));
    }
    try (OutputStream out = Files.newOutputStream(folder.resolve(simple))) {
      copy(content, out);
    }
  }

  private static void checkName(String name) {
    boolean unsafe =
        name.isEmpty()
            || name.length() > MAX_NAME
            || name.startsWith("/")
            || name.indexOf('\\') >= 0
            || name.chars().anyMatch(Character::isISOControl)
            || DRIVE.matcher(name).matches()
            || List.of(name.split("/", -1)).contains("..");
    if (unsafe) {
      throw new BadInputException(
          "the archive: expected names within its folder, found \"%s\"; pack the folder's files anew."
              .formatted(printable(name)));
    }
  }

  private void copy(InputStream from, OutputStream to) throws IOException {
    byte[] block = new byte[1 << 16];
    for (int n = from.read(block); n >= 0; n = from.read(block)) {
      count(n);
      to.write(block, 0, n);
    }
  }

  private void count(long bytes) {
    unpacked += bytes;
    if (unpacked > limits.unpackedBytes()) {
      throw new BadInputException(
          "the archive: expected at most %d bytes unpacked, found more."
              .formatted(limits.unpackedBytes()));
    }
  }

  private static String printable(String text) {
    String plain = text.replaceAll("\\p{Cntrl}", "?");
    return plain.length() <= 100 ? plain : plain.substring(0, 100) + "…";
  }

  /**
   * Counts what comes out of gzip, before the tar reader sees it: that one reads the extended heads
   * of entries whole, and would do so with a bomb.
   */
  private final class Bounded extends InputStream {
    private final InputStream in;
    private long read;

    Bounded(InputStream in) {
      this.in = in;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] to, int offset, int length) throws IOException {
      int n = in.read(to, offset, length);
      read += Math.max(0, n);
      // Heads and padding take up to 1.5 KiB an entry besides the content.
      if (read > limits.unpackedBytes() + 2048L * limits.entries()) {
        throw new BadInputException(
            "the archive: expected at most %d bytes unpacked, found more."
                .formatted(limits.unpackedBytes()));
      }
      return n;
    }

    @Override
    public void close() throws IOException {
      in.close();
    }
  }
}
