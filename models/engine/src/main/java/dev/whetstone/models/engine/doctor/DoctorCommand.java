package dev.whetstone.models.engine.doctor;

import dev.whetstone.artifacts.Json;
import dev.whetstone.artifacts.Versions;
import dev.whetstone.artifacts.command.Commands;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code whetstone doctor}: what this machine offers, and what is missing. */
@Command(
    name = "doctor",
    mixinStandardHelpOptions = true,
    description = {
      "Looks at this machine: Java, memory, libtorch, tokenizers, disks, programs. Ends with 6 if",
      "something is missing without which nothing works. Its output belongs into a bug report."
    })
public final class DoctorCommand implements Callable<Integer> {
  @Option(names = "--json", description = "print JSON")
  private boolean json;

  /** What {@code --json} prints. */
  private record Report(Map<String, String> versions, List<Finding> findings) {}

  @Override
  public Integer call() {
    List<Finding> findings = Doctor.look();
    Map<String, String> versions = Versions.current(Map.of());
    if (json) {
      System.out.print(Json.pretty(new Report(versions, findings)));
    } else {
      System.out.printf(
          "whetstone %s (commit %s), %s%n",
          versions.get("whetstone"), versions.get("commit"), versions.get("os"));
      findings.forEach(finding -> System.out.println(line(finding)));
    }
    boolean works = findings.stream().noneMatch(f -> f.state() == Finding.State.BAD);
    return works ? 0 : Commands.SURROUNDINGS;
  }

  private static String line(Finding finding) {
    String state =
        switch (finding.state()) {
          case GOOD -> "good";
          case LACKING -> "note";
          case BAD -> "BAD";
        };
    return String.format(
            Locale.ROOT,
            "%-5s %-15s %s%s",
            state,
            finding.thing(),
            finding.found(),
            finding.advice().isEmpty() ? "" : "; " + finding.advice())
        .stripTrailing();
  }
}
