package dev.whetstone.artifacts.command;

import dev.whetstone.artifacts.ArtifactFolder;
import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.InputFile;
import dev.whetstone.artifacts.SurroundingsException;
import java.nio.file.FileSystemException;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/**
 * What a failure means to whoever gave the command.
 *
 * @param exitCode as {@link Commands} has them
 * @param sentence on one line
 */
record Failure(int exitCode, String sentence) {
  /** A sentence beyond this holds somebody's data. */
  private static final int MAX_CHARACTERS = 2000;

  private static final int MAX_CAUSES = 50;

  /** What the operating system says when it is the machine that fails, whoever reports it. */
  private static final List<String> FAULTS_OF_THE_MACHINE =
      List.of(
          "no space left on device",
          "disk quota exceeded",
          "read-only file system",
          "too many open files",
          "input/output error",
          "cannot allocate memory");

  static Failure of(Throwable failure) {
    List<Throwable> causes = causes(failure);
    for (Throwable cause : causes) {
      if (cause instanceof BadInputException) {
        return new Failure(Commands.BAD_INPUT, line(cause.getMessage()));
      }
      if (cause instanceof SurroundingsException) {
        return new Failure(Commands.SURROUNDINGS, line(cause.getMessage()));
      }
      if (cause instanceof InvalidPathException invalid) {
        return new Failure(
            Commands.BAD_INPUT,
            line(
                "\"%s\": expected the name of a file, found one that no file can have (%s)."
                    .formatted(invalid.getInput(), invalid.getReason())));
      }
      if (cause instanceof OutOfMemoryError) {
        return new Failure(
            Commands.SURROUNDINGS,
            line(
                "memory ran out (%s); give more with WHETSTONE_JAVA_OPTIONS=-Xmx8g, or make the work smaller."
                    .formatted(cause.getMessage())));
      }
    }
    Collections.reverse(causes); // a report around it repeats a cause, often over several lines
    for (Throwable cause : causes) {
      if (cause instanceof FileSystemException file && file.getFile() != null) {
        return ofFile(Path.of(file.getFile()), file);
      }
      String message = String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT);
      if (FAULTS_OF_THE_MACHINE.stream().anyMatch(message::contains)) {
        return new Failure(
            Commands.SURROUNDINGS, line("the machine refused: " + cause.getMessage() + "."));
      }
    }
    return new Failure(Commands.DEFECT, line("a defect of ours: " + failure));
  }

  private static Failure ofFile(Path file, FileSystemException e) {
    RuntimeException meant =
        e instanceof NoSuchFileException
            ? InputFile.unreadable(file, "a file", e)
            : ArtifactFolder.surroundings(file, e);
    return new Failure(
        meant instanceof BadInputException ? Commands.BAD_INPUT : Commands.SURROUNDINGS,
        line(meant.getMessage()));
  }

  /** From the outside in; a cause that comes back ends the list. */
  private static List<Throwable> causes(Throwable failure) {
    var causes = new ArrayList<Throwable>();
    for (Throwable at = failure;
        at != null && !causes.contains(at) && causes.size() < MAX_CAUSES;
        at = at.getCause()) {
      causes.add(at);
    }
    return causes;
  }

  /**
   * {@code text} on one line: line breaks and whatever else steers a terminal are written as
   * escapes, for names and values in a sentence are strangers'.
   */
  static String line(String text) {
    var line = new StringBuilder();
    String.valueOf(text)
        .codePoints()
        .limit(MAX_CHARACTERS)
        .forEach(
            c -> {
              if (c == '\n') {
                line.append("\\n");
              } else if (c == '\t') {
                line.append("\\t");
              } else if (isSafe(c)) {
                line.appendCodePoint(c);
              } else {
                line.append("\\u%04x".formatted(c));
              }
            });
    if (String.valueOf(text).codePointCount(0, String.valueOf(text).length()) > MAX_CHARACTERS) {
      line.append(" …");
    }
    return line.toString();
  }

  private static boolean isSafe(int character) {
    return switch (Character.getType(character)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.SURROGATE ->
          false;
      default -> true;
    };
  }
}
