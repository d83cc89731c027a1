package dev.whetstone.artifacts;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Locale;

/**
 * Reading files that others made: whatever is wrong with one ends in a sentence that says what was
 * expected and what was found.
 */
public final class InputFile {
  /** A text is held in memory whole; no configuration, tokenizer or template comes near. */
  static final long MAX_TEXT_BYTES = 256L << 20;

  /** Reasons of the operating system that are about the name, not about the machine. */
  private static final List<String> FAULTS_OF_THE_NAME =
      List.of(
          "file name too long",
          "is a directory",
          "not a directory",
          "too many levels of symbolic links",
          "invalid argument");

  private InputFile() {}

  /**
   * The text of a file in UTF-8.
   *
   * @param expected what it should be, with its article, such as {@code "a recipe (YAML)"}
   */
  public static String text(Path file, String expected) {
    byte[] bytes = bytes(file, expected);
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw unreadable(file, expected, e);
    }
  }

  /** All bytes of a file; {@code expected} as for {@link #text}. */
  public static byte[] bytes(Path file, String expected) {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes((int) MAX_TEXT_BYTES + 1);
      if (bytes.length > MAX_TEXT_BYTES) {
        throw new BadInputException(
            "%s: expected %s of at most %d MiB, found a larger file."
                .formatted(file, expected, MAX_TEXT_BYTES >> 20));
      }
      return bytes;
    } catch (IOException e) {
      throw unreadable(file, expected, e);
    }
  }

  /**
   * Checks that {@code file} is a plain file, or a link to one: reading a pipe or a device could
   * take for ever.
   */
  public static void check(Path file, String expected) {
    BasicFileAttributes found;
    try {
      found = Files.readAttributes(file, BasicFileAttributes.class);
    } catch (IOException e) {
      throw unreadable(file, expected, e);
    }
    if (!found.isRegularFile()) {
      throw new BadInputException(
          "%s: expected %s, found %s."
              .formatted(file, expected, found.isDirectory() ? "a folder" : "a pipe or a device"));
    }
  }

  /**
   * A failure to read as what it means: bad input where the file is not there or not what it should
   * be, else a fault of the surroundings.
   */
  public static RuntimeException unreadable(Path file, String expected, IOException e) {
    if (e instanceof ClosedByInterruptException) {
      return new UncheckedIOException(file + ": reading was interrupted", e);
    }
    if (e instanceof CharacterCodingException) {
      return new BadInputException(
          "%s: expected %s in UTF-8, found other bytes.".formatted(file, expected), e);
    }
    if (e instanceof NoSuchFileException) {
      return new BadInputException(
          "%s: expected %s here, found no file.".formatted(file, expected), e);
    }
    if (Files.isDirectory(file)) {
      return new BadInputException("%s: expected %s, found a folder.".formatted(file, expected), e);
    }
    String reason = reason(e);
    if (isFaultOfTheName(reason)) {
      return new BadInputException(
          "%s: expected %s here, found no file (%s).".formatted(file, expected, reason), e);
    }
    return new SurroundingsException(
        "%s: expected %s, but it cannot be read (%s).".formatted(file, expected, reason), e);
  }

  /** What the operating system said, without the file's name. */
  static String reason(IOException e) {
    if (e instanceof FileSystemException f) {
      if (f.getReason() != null) {
        return f.getReason();
      }
      if (e instanceof AccessDeniedException) {
        return "permission denied";
      }
      if (e instanceof NoSuchFileException) {
        return "no such file or folder";
      }
      if (e instanceof FileAlreadyExistsException) {
        return "a file is in the way";
      }
    }
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }

  static boolean isFaultOfTheName(String reason) {
    String lower = reason.toLowerCase(Locale.ROOT);
    return FAULTS_OF_THE_NAME.stream().anyMatch(lower::contains);
  }
}
