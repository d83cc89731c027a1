package dev.whetstone.artifacts.testing;

import dev.whetstone.artifacts.command.Commands;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * What a command did when it ran in this JVM. It is in the main sources because the hermetic tests
 * of other rooms need it.
 *
 * @param output all of standard output
 * @param errors all of standard error
 */
public record CommandOutcome(int exitCode, String output, String errors) {
  private static final String SENTENCE = "whetstone: ";

  /**
   * Runs a command as {@link Commands#run} does, with both streams captured.
   *
   * @param command annotated for picocli
   */
  public static CommandOutcome of(Object command, Object... arguments) {
    PrintStream out = System.out;
    PrintStream err = System.err;
    var output = new ByteArrayOutputStream();
    var errors = new ByteArrayOutputStream();
    System.setOut(new PrintStream(output, true, StandardCharsets.UTF_8));
    System.setErr(new PrintStream(errors, true, StandardCharsets.UTF_8));
    try {
      String[] words = new String[arguments.length];
      for (int i = 0; i < words.length; i++) {
        words[i] = arguments[i].toString();
      }
      int code = Commands.run(command, words);
      return new CommandOutcome(
          code, output.toString(StandardCharsets.UTF_8), errors.toString(StandardCharsets.UTF_8));
    } finally {
      System.setOut(out);
      System.setErr(err);
    }
  }

  /** The lines in which the command says why it failed; one, if all is well. */
  public List<String> sentences() {
    return errors.lines().filter(line -> line.startsWith(SENTENCE)).toList();
  }
}
