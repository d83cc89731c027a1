package dev.whetstone.artifacts.command;

import dev.whetstone.artifacts.Json;
import dev.whetstone.artifacts.Versions;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.ParameterException;

/**
 * Runs a room's commands: exit codes, error sentences, {@code --debug}. A command returns its exit
 * code from {@code Callable<Integer>}; it prints its one line to standard output and everything
 * else to standard error.
 */
public final class Commands {
  /** Wrong usage or bad input. */
  public static final int BAD_INPUT = 2;

  /** The surroundings: disk full, port in use, no network. */
  public static final int SURROUNDINGS = 6;

  /** A defect of ours. */
  public static final int DEFECT = 70;

  /** Ended from outside: Ctrl-C, SIGTERM. */
  public static final int INTERRUPTED = 130;

  /**
   * Environment variable by which a process that starts commands and waits for them names itself
   * (its process id): they end when it does.
   */
  public static final String PARENT = "WHETSTONE_PARENT";

  // Examples of 80 columns are indented, and nothing is broken that people copy.
  private static final int HELP_WIDTH = 100;

  private Commands() {}

  /**
   * Runs {@code command} (annotated for picocli) and ends the JVM with its exit code; Ctrl-C and
   * SIGTERM end it with {@link #INTERRUPTED}.
   *
   * @param args without {@code --debug}, which is taken here
   */
  public static void main(Object command, String... args) {
    Interruption.listen();
    System.exit(run(command, args));
  }

  /** As {@link #main}, but returns the exit code. */
  public static int run(Object command, String... args) {
    boolean debug = Arrays.asList(args).contains("--debug");
    String[] rest = Arrays.stream(args).filter(a -> !a.equals("--debug")).toArray(String[]::new);
    var line =
        new CommandLine(command)
            .setCaseInsensitiveEnumValuesAllowed(true)
            .setUsageHelpWidth(HELP_WIDTH);
    if (!line.getSubcommands().isEmpty()) {
      line.setCommandName("whetstone"); // the room is of no interest to whoever reads the help
    }
    line.setErr(new PrintWriter(System.err, true, StandardCharsets.UTF_8));
    line.setOut(new PrintWriter(System.out, true, StandardCharsets.UTF_8));
    line.setParameterExceptionHandler(Commands::wrongUsage);
    line.setExecutionExceptionHandler((e, at, parsed) -> failed(e, debug));
    try {
      return line.execute(rest);
    } catch (Error e) { // picocli hands on exceptions only
      return failed(e, debug);
    }
  }

  private static int wrongUsage(ParameterException e, String[] args) {
    CommandLine line = e.getCommandLine();
    line.getErr().println("whetstone: " + Failure.line(e.getMessage()));
    line.getErr().println("Try: " + line.getCommandSpec().qualifiedName() + " --help");
    return ExitCode.USAGE;
  }

  private static int failed(Throwable e, boolean debug) {
    if (debug) {
      System.err.println("whetstone: " + Json.line(Versions.current(Map.of())));
      e.printStackTrace();
    }
    Failure failure = Failure.of(e);
    System.err.println("whetstone: " + failure.sentence());
    if (failure.exitCode() == DEFECT && !debug) {
      System.err.println("Please report it with the output of the same command and --debug.");
    }
    return failure.exitCode();
  }
}
