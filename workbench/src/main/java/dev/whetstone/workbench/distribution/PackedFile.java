package dev.whetstone.workbench.distribution;

import static java.util.Objects.requireNonNull;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;

/**
 * A file of an archive.
 *
 * @param name path within the archive, parts divided by {@code /}; letters, digits and {@code ._+-}
 *     only, so that no shell and no file system reads it in another way
 * @param executable whether it is a program
 */
public record PackedFile(String name, Content content, boolean executable) {
  // A part begins with a letter or digit: no "..", no hidden file, no option.
  private static final Pattern SAFE =
      Pattern.compile("[A-Za-z0-9][A-Za-z0-9._+-]*(/[A-Za-z0-9][A-Za-z0-9._+-]*)*");

  public PackedFile {
    requireNonNull(content, "content is null");
    if (!SAFE.matcher(name).matches()) {
      throw new IllegalArgumentException("unsafe name in an archive: " + name);
    }
  }

  static PackedFile of(String name, Path file) {
    return new PackedFile(name, new OnDisk(file), false);
  }

  static PackedFile of(String name, String text) {
    return new PackedFile(name, new Text(text), false);
  }

  static PackedFile program(String name, Path file) {
    return new PackedFile(name, new OnDisk(file), true);
  }

  /** Where the bytes come from. */
  public sealed interface Content {
    long sizeBytes() throws IOException;

    /** The caller closes it. */
    InputStream open() throws IOException;
  }

  record OnDisk(Path file) implements Content {
    @Override
    public long sizeBytes() throws IOException {
      return Files.size(file);
    }

    @Override
    public InputStream open() throws IOException {
      return Files.newInputStream(file);
    }
  }

  record Text(String text) implements Content {
    @Override
    public long sizeBytes() {
      return text.getBytes(StandardCharsets.UTF_8).length;
    }

    @Override
    public InputStream open() {
      return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }
  }
}
